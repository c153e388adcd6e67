/**
 * Layer: sockets. PULL (RFC 30): receives work.
 *
 * - SHALL receive incoming messages from its peers using a fair-queuing strategy.
 * - SHALL deliver these to its calling application.
 *
 * @module
 */
import type { Message } from "../message.ts";
import type { ConflateOptions, ReceiveOptions } from "../options/values.ts";
import { FairQueue } from "../routing/fair_queue.ts";
import type { Pipe } from "../routing/pipe.ts";
import { PULL } from "../types.ts";
import { ReadableSocket } from "./send_receive.ts";
import { Pattern } from "./pattern.ts";
import type { SocketOptions } from "./socket.ts";

/** The options of a PULL, as properties. */
export interface Pull extends ConflateOptions {}

/**
 * Receives from its PUSH peers, in turn.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using pull = new zmq.Pull({ receiveHighWaterMark: 10 });
 * await using push = new zmq.Push();
 * await pull.bind("inproc://jobs");
 * push.connect("inproc://jobs");
 * await push.send("one");
 * await push.send("two");
 *
 * for await (const [job] of pull) {
 *   if (`${job}` === "two") break;
 * }
 * ```
 */
export class Pull extends ReadableSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(
    options: SocketOptions & Partial<ReceiveOptions & ConflateOptions> = {},
  ) {
    super(PULL, options, () => new PullPattern());
  }
}

/** Receives fair-queued; GATHER does the same. */
export class PullPattern extends Pattern {
  readonly #incoming = new FairQueue();

  attach(pipe: Pipe): void {
    this.#incoming.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#incoming.detach(pipe);
  }

  override readable(pipe: Pipe): void {
    this.#incoming.readable(pipe);
  }

  override ending(pipe: Pipe): void {
    this.#incoming.ending(pipe);
  }

  override receive(): Message | undefined {
    return this.#incoming.receive();
  }

  override get canReceive(): boolean {
    return this.#incoming.canReceive;
  }
}
