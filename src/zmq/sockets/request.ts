/**
 * Layer: sockets. REQ (RFC 28): sends a request, then waits for the reply.
 *
 * - SHALL prefix the outgoing message with an empty delimiter frame.
 * - SHALL route outgoing messages to available peers using a round-robin strategy.
 * - SHALL send and then receive exactly one message at a time.
 * - SHALL accept an incoming message only from the last peer that it sent a request to.
 * - SHALL discard silently any messages received from other peers.
 *
 * With the option `relaxed` a new request may be sent before the reply to the
 * last one; with `correlate` each request carries an id, and replies to others
 * are dropped. `relaxed` alone cannot distinguish a late reply of the same peer
 * from the right one: use both, as `SocketManager.request` does.
 *
 * @module
 */
import { allocate, bytesEqual, EMPTY } from "../bytes.ts";
import { type Message, withEnvelope } from "../message.ts";
import { copyPeer } from "../peer_identity.ts";
import type {
  ProbeOptions,
  ReceiveOptions,
  RequestModes,
  RoutingIdOptions,
  SendOptions,
} from "../options/values.ts";
import type { Pipe } from "../routing/pipe.ts";
import { replyEnvelopeSize, REQUEST_ID_SIZE } from "../reply_envelope.ts";
import { REQ } from "../types.ts";
import { DealerPattern } from "./dealer.ts";
import { DuplexSocket } from "./send_receive.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a REQ. */
export interface RequestOptions
  extends
    SocketOptions,
    Partial<SendOptions & ReceiveOptions & RoutingIdOptions>,
    Partial<RequestModes & ProbeOptions> {}

/** The options of a REQ, as properties. */
export interface Request extends RoutingIdOptions, RequestModes, ProbeOptions {}

/**
 * Sends requests and receives a reply to each, in strict alternation.
 *
 * A call that the current state does not allow waits: `send` until the reply to
 * the last request has been received, `receive` until a request has been sent.
 * After a timeout, or if the socket is closed, it rejects with `EFSM`.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using request = new zmq.Request();
 * await using reply = new zmq.Reply();
 * await reply.bind("tcp://127.0.0.1:*");
 * request.connect(reply.lastEndpoint!);
 *
 * await request.send("2 + 2");
 * await reply.receive();
 * await reply.send("4");
 * const [answer] = await request.receive();
 * ```
 */
export class Request extends DuplexSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(options: RequestOptions = {}) {
    super(REQ, options, (values) => new RequestPattern(values));
  }
}

const DELIMITER: Message = [EMPTY];
const NOT_SENT = "no request has been sent";
const NOT_RECEIVED = "the reply to the last request has not been received";

class RequestPattern extends DealerPattern {
  readonly #modes: Readonly<RequestModes>;
  #state: "idle" | "replyPending" = "idle";
  /** The peer that the request was sent to; `undefined` once it has disconnected. */
  #replier: Pipe | undefined;
  /** The id that the reply must carry. */
  #id: Uint8Array | undefined;
  #nextId: number = Math.floor(Math.random() * 0x100000000);
  /** A reply that `canReceive` has found. */
  #reply: Message | undefined;

  constructor(options: Readonly<RequestModes & ProbeOptions>) {
    super(options);
    this.#modes = options;
  }

  override detach(pipe: Pipe): void {
    super.detach(pipe);
    if (this.#replier === pipe) this.#replier = undefined;
  }

  override send(message: Message): boolean {
    if (this.sendStateError !== undefined) return false;
    // Anything that arrived after the last reply does not belong to this
    // request.
    while (this.incoming.receive() !== undefined);
    const id = this.#modes.correlate ? this.#makeId() : undefined;
    const envelope = id === undefined ? DELIMITER : [id, EMPTY];
    if (!this.outgoing.send(withEnvelope(envelope, message))) return false;
    this.#state = "replyPending";
    this.#replier = this.outgoing.lastPipe;
    this.#id = id;
    this.#reply = undefined;
    return true;
  }

  override receive(): Message | undefined {
    if (this.#state === "idle") return undefined;
    const reply = this.#reply ?? this.#find();
    if (reply === undefined) return undefined;
    this.#reply = undefined;
    this.#state = "idle";
    return reply;
  }

  override get sendStateError(): string | undefined {
    return this.#state === "replyPending" && !this.#modes.relaxed
      ? NOT_RECEIVED
      : undefined;
  }

  override get receiveStateError(): string | undefined {
    return this.#state === "idle" ? NOT_SENT : undefined;
  }

  override get canSend(): boolean {
    return this.sendStateError === undefined && super.canSend;
  }

  override get canReceive(): boolean {
    if (this.#state === "idle") return false;
    this.#reply ??= this.#find();
    return this.#reply !== undefined;
  }

  /** The body of the reply; any other message is dropped. */
  #find(): Message | undefined {
    for (;;) {
      const message = this.incoming.receive();
      if (message === undefined) return undefined;
      if (this.incoming.lastPipe !== this.#replier) continue;
      const size = replyEnvelopeSize(message);
      const hasId = this.#id !== undefined;
      if (size !== (hasId ? 2 : 1)) continue;
      if (hasId && !bytesEqual(message[0]!, this.#id!)) continue;
      const body = message.slice(size);
      if (this.#replier?.peerIdentity !== undefined) {
        copyPeer(message, body);
      }
      return body;
    }
  }

  #makeId(): Uint8Array {
    const id = allocate(REQUEST_ID_SIZE);
    new DataView(id.buffer, id.byteOffset).setUint32(0, this.#nextId);
    this.#nextId = (this.#nextId + 1) >>> 0;
    return id;
  }
}
