/**
 * Layer: sockets. REP (RFC 28): takes a request, then answers it.
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
import type { Message } from "../message.ts";
import { copyPeer } from "../peer_identity.ts";
import type {
  ReceiveOptions,
  RoutingIdOptions,
  SendOptions,
} from "../options/values.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import type { Pipe } from "../routing/pipe.ts";
import { REP } from "../types.ts";
import { DuplexSocket } from "./flow.ts";
import { Pattern } from "./pattern.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a REP, as properties. */
export interface Reply extends RoutingIdOptions {}

/**
 * Receives a request and sends the answer to it, one after the other.
 *
 * A call out of turn waits for its turn: `receive` until the last request was
 * answered, `send` until a request was received. If the time is over before, or
 * the socket is closed, it rejects with `EFSM`.
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

const NOT_ASKED = "no request has been received";
const NOT_ANSWERED = "the last request has not been answered";

/** A request whose answer is due. */
interface Due {
  /** Who asked; `undefined` once that peer has gone. */
  pipe: Pipe | undefined;
  /** The frames up to the delimiter, which the answer begins with. */
  readonly envelope: Message;
}

class ReplyPattern extends Pattern {
  readonly #incoming = new FairQueue();
  #due: Due | undefined;
  /** A request that was found by looking whether there is one. */
  #found: { due: Due; body: Message } | undefined;

  attach(pipe: Pipe): void {
    this.#incoming.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#incoming.detach(pipe);
    for (const due of [this.#due, this.#found?.due]) {
      if (due?.pipe === pipe) due.pipe = undefined;
    }
  }

  override readable(pipe: Pipe): void {
    this.#incoming.readable(pipe);
  }

  override ending(pipe: Pipe): void {
    this.#incoming.ending(pipe);
  }

  override send(message: Message): boolean {
    const due = this.#due;
    if (due === undefined) return false;
    this.#due = undefined;
    // A peer that has gone, or does not read its answers, gets none (RFC 28).
    due.pipe?.write([...due.envelope, ...message]);
    return true;
  }

  override receive(): Message | undefined {
    if (this.#due !== undefined) return undefined;
    const found = this.#found ?? this.#find();
    if (found === undefined) return undefined;
    this.#found = undefined;
    this.#due = found.due;
    return found.body;
  }

  override get sendStateError(): string | undefined {
    return this.#due === undefined ? NOT_ASKED : undefined;
  }

  override get receiveStateError(): string | undefined {
    return this.#due === undefined ? undefined : NOT_ANSWERED;
  }

  override get canSend(): boolean {
    return this.#due !== undefined;
  }

  override get canReceive(): boolean {
    if (this.#due !== undefined) return false;
    this.#found ??= this.#find();
    return this.#found !== undefined;
  }

  /** The next request; one without a delimiter frame is dropped. */
  #find(): { due: Due; body: Message } | undefined {
    for (;;) {
      const message = this.#incoming.receive();
      if (message === undefined) return undefined;
      const delimiter = message.findIndex((frame) => frame.byteLength === 0);
      if (delimiter < 0 || delimiter === message.length - 1) continue;
      const envelope = message.slice(0, delimiter + 1);
      const due = { pipe: this.#incoming.lastPipe, envelope };
      const body = message.slice(delimiter + 1);
      if (due.pipe?.peerIdentity !== undefined) copyPeer(message, body);
      return { due, body };
    }
  }
}
