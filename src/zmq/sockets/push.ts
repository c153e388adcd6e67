/**
 * Layer: sockets. PUSH (RFC 30): distributes work.
 *
 * - SHALL route outgoing messages to available peers using a round-robin strategy.
 * - SHALL block on sending, or return a suitable error, when it has no available peers.
 * - SHALL NOT discard messages that it cannot queue.
 *
 * @module
 */
import type { Message } from "../message.ts";
import type { ConflateOptions, SendOptions } from "../options/values.ts";
import type { Pipe } from "../routing/pipe.ts";
import { RoundRobin } from "../routing/round_robin.ts";
import { PUSH } from "../types.ts";
import { WritableSocket } from "./send_receive.ts";
import { Pattern } from "./pattern.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a PUSH, as properties. */
export interface Push extends ConflateOptions {}

/**
 * Sends each message to one of its PULL peers, in turn.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using push = new zmq.Push();
 * await using pull = new zmq.Pull();
 * await push.bind("tcp://127.0.0.1:*");
 * pull.connect(push.lastEndpoint!);
 *
 * await push.send(["work", "on this"]);
 * const [kind, body] = await pull.receive();
 * assertEquals([`${kind}`, `${body}`], ["work", "on this"]);
 * ```
 */
export class Push extends WritableSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(
    options: SocketOptions & Partial<SendOptions & ConflateOptions> = {},
  ) {
    super(PUSH, options, () => new PushPattern());
  }
}

/** Sends round-robin; SCATTER is built on it. */
export class PushPattern extends Pattern {
  readonly #outgoing = new RoundRobin();

  attach(pipe: Pipe): void {
    this.#outgoing.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#outgoing.detach(pipe);
  }

  override writable(pipe: Pipe): void {
    this.#outgoing.writable(pipe);
  }

  override send(message: Message): boolean {
    return this.#outgoing.send(message);
  }

  override get canSend(): boolean {
    return this.#outgoing.canSend;
  }
}
