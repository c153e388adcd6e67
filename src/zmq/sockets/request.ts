/**
 * Layer: sockets. REQ (RFC 28): asks, then waits for the answer.
 *
 * - SHALL prefix the outgoing message with an empty delimiter frame.
 * - SHALL route outgoing messages to available peers using a round-robin strategy.
 * - SHALL send and then receive exactly one message at a time.
 * - SHALL accept an incoming message only from the last peer that it sent a request to.
 * - SHALL discard silently any messages received from other peers.
 *
 * With the option `relaxed` a new request may be sent before the answer; with
 * `correlate` each request carries an id, and answers to others are dropped.
 * `relaxed` alone cannot tell a late answer of the same peer from the right
 * one: use both, as `SocketManager.request` does.
 *
 * @module
 */
import { allocate, bytesEqual, EMPTY } from "../bytes.ts";
import type { Message } from "../message.ts";
import { copyPeer } from "../peer_identity.ts";
import type {
  ProbeOptions,
  ReceiveOptions,
  RequestModes,
  RoutingIdOptions,
  SendOptions,
} from "../options/values.ts";
import type { Pipe } from "../routing/pipe.ts";
import { REQ } from "../types.ts";
import { DealerPattern } from "./dealer.ts";
import { DuplexSocket } from "./flow.ts";
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
 * Sends a request and receives its answer, one after the other.
 *
 * A call out of turn waits for its turn: `send` until the answer to the last
 * request was received, `receive` until a request was sent. If the time is over
 * before, or the socket is closed, it rejects with `EFSM`.
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

const DELIMITER = EMPTY;
const NOT_ASKED = "no request has been sent";
const NOT_ANSWERED = "the answer to the last request has not been received";

class RequestPattern extends DealerPattern {
  readonly #modes: Readonly<RequestModes>;
  #isAnswerDue = false;
  /** Who was asked; `undefined` once that peer has gone. */
  #asked: Pipe | undefined;
  /** The id that the answer must carry. */
  #id: Uint8Array | undefined;
  #nextId: number = Math.floor(Math.random() * 0x100000000);
  /** An answer that was found by looking whether there is one. */
  #answer: Message | undefined;

  constructor(options: Readonly<RequestModes & ProbeOptions>) {
    super(options);
    this.#modes = options;
  }

  override detach(pipe: Pipe): void {
    super.detach(pipe);
    if (this.#asked === pipe) this.#asked = undefined;
  }

  override send(message: Message): boolean {
    if (this.sendTurn !== undefined) return false;
    // What came beside the last answer is no answer to this request.
    while (this.incoming.receive() !== undefined);
    const id = this.#modes.correlate ? this.#makeId() : undefined;
    const head = id === undefined ? [DELIMITER] : [id, DELIMITER];
    if (!this.outgoing.send([...head, ...message])) return false;
    this.#isAnswerDue = true;
    this.#asked = this.outgoing.lastPipe;
    this.#id = id;
    this.#answer = undefined;
    return true;
  }

  override receive(): Message | undefined {
    if (!this.#isAnswerDue) return undefined;
    const answer = this.#answer ?? this.#find();
    if (answer === undefined) return undefined;
    this.#answer = undefined;
    this.#isAnswerDue = false;
    return answer;
  }

  override get sendTurn(): string | undefined {
    return this.#isAnswerDue && !this.#modes.relaxed ? NOT_ANSWERED : undefined;
  }

  override get receiveTurn(): string | undefined {
    return this.#isAnswerDue ? undefined : NOT_ASKED;
  }

  override get canSend(): boolean {
    return this.sendTurn === undefined && super.canSend;
  }

  override get canReceive(): boolean {
    if (!this.#isAnswerDue) return false;
    this.#answer ??= this.#find();
    return this.#answer !== undefined;
  }

  /** The body of the answer; all else that is there is dropped. */
  #find(): Message | undefined {
    for (;;) {
      const message = this.incoming.receive();
      if (message === undefined) return undefined;
      if (this.incoming.lastPipe !== this.#asked) continue;
      const body = this.#open(message);
      if (body === undefined) continue;
      if (this.#asked?.hasPeerIdentity) copyPeer(message, body);
      return body;
    }
  }

  #open(message: Message): Message | undefined {
    let start = 0;
    if (this.#id !== undefined) {
      if (!bytesEqual(message[0]!, this.#id)) return undefined;
      start = 1;
    }
    if (message.length < start + 2 || message[start]!.byteLength > 0) {
      return undefined;
    }
    return message.slice(start + 1);
  }

  #makeId(): Uint8Array {
    const id = allocate(4);
    new DataView(id.buffer, id.byteOffset).setUint32(0, this.#nextId);
    this.#nextId = (this.#nextId + 1) >>> 0;
    return id;
  }
}
