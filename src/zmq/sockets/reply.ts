/**
 * Layer: sockets. REP (RFC 28): receives a request, then replies to it.
 *
 * - SHALL receive incoming messages from its peers using a fair-queuing strategy.
 * - SHALL remove and store the address envelope, including the delimiter.
 * - SHALL wait for a single reply message from its calling application, prepend
 *   the address envelope and delimiter, and deliver it back to the originating peer.
 * - SHALL silently discard the reply, or return a suitable error, if the
 *   originating peer is no longer connected.
 *
 * @module
 */
import { type Message, withEnvelope } from "../message.ts";
import { copyPeer } from "../peer_identity.ts";
import type {
  ReceiveOptions,
  RoutingIdOptions,
  SendOptions,
} from "../options/values.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import type { Pipe } from "../routing/pipe.ts";
import { REP } from "../types.ts";
import { DuplexSocket } from "./send_receive.ts";
import { Pattern } from "./pattern.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a REP, as properties. */
export interface Reply extends RoutingIdOptions {}

/**
 * Receives requests and sends a reply to each, in strict alternation.
 *
 * A call that the current state does not allow waits: `receive` until the last
 * request has been answered, `send` until a request has been received. After a
 * timeout, or if the socket is closed, it rejects with `EFSM`.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using reply = new zmq.Reply();
 * await using request = new zmq.Request();
 * await reply.bind("inproc://sums");
 * request.connect("inproc://sums");
 * await request.send("20");
 *
 * for await (const [number] of reply) {
 *   await reply.send(Number(`${number}`) + 1);
 *   break;
 * }
 * ```
 */
export class Reply extends DuplexSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(
    options:
      & SocketOptions
      & Partial<SendOptions & ReceiveOptions & RoutingIdOptions> = {},
  ) {
    super(REP, options, () => new ReplyPattern());
  }
}

const NOT_RECEIVED = "no request has been received";
const NOT_REPLIED = "the last request has not been answered";

/** A request that has not been answered yet. */
interface PendingRequest {
  /** Where the request came from; `undefined` once that peer has disconnected. */
  pipe: Pipe | undefined;
  /** The frames up to the delimiter, with which the reply must start. */
  readonly envelope: Message;
}

class ReplyPattern extends Pattern {
  readonly #incoming = new FairQueue();
  #pending: PendingRequest | undefined;
  /** A request that `canReceive` has found. */
  #found: { pending: PendingRequest; body: Message } | undefined;

  attach(pipe: Pipe): void {
    this.#incoming.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#incoming.detach(pipe);
    for (const pending of [this.#pending, this.#found?.pending]) {
      if (pending?.pipe === pipe) pending.pipe = undefined;
    }
  }

  override readable(pipe: Pipe): void {
    this.#incoming.readable(pipe);
  }

  override ending(pipe: Pipe): void {
    this.#incoming.ending(pipe);
  }

  override send(message: Message): boolean {
    const pending = this.#pending;
    if (pending === undefined) return false;
    this.#pending = undefined;
    // A peer that has disconnected, or does not read its replies, gets none
    // (RFC 28).
    pending.pipe?.write(withEnvelope(pending.envelope, message));
    return true;
  }

  override receive(): Message | undefined {
    if (this.#pending !== undefined) return undefined;
    const found = this.#found ?? this.#find();
    if (found === undefined) return undefined;
    this.#found = undefined;
    this.#pending = found.pending;
    return found.body;
  }

  override get sendStateError(): string | undefined {
    return this.#pending === undefined ? NOT_RECEIVED : undefined;
  }

  override get receiveStateError(): string | undefined {
    return this.#pending === undefined ? undefined : NOT_REPLIED;
  }

  override get canSend(): boolean {
    return this.#pending !== undefined;
  }

  override get canReceive(): boolean {
    if (this.#pending !== undefined) return false;
    this.#found ??= this.#find();
    return this.#found !== undefined;
  }

  /** The next request; one without a delimiter frame is dropped. */
  #find(): { pending: PendingRequest; body: Message } | undefined {
    for (;;) {
      const message = this.#incoming.receive();
      if (message === undefined) return undefined;
      const delimiter = message.findIndex((frame) => frame.byteLength === 0);
      if (delimiter < 0 || delimiter === message.length - 1) continue;
      const envelope = message.slice(0, delimiter + 1);
      const pending = { pipe: this.#incoming.lastPipe, envelope };
      const body = message.slice(delimiter + 1);
      if (pending.pipe?.peerIdentity !== undefined) copyPeer(message, body);
      return { pending, body };
    }
  }
}
