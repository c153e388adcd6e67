/**
 * Layer: sockets. PAIR (RFC 31): exchanges messages with one peer.
 *
 * - SHALL be connected to at most one peer; further ones are rejected.
 * - SHALL block on sending, or return a suitable error, when it has no peer.
 * - SHALL NOT discard messages that it cannot queue.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import type { ReceiveOptions, SendOptions } from "../options/values.ts";
import type { Pipe } from "../routing/pipe.ts";
import { PAIR } from "../types.ts";
import { DuplexSocket } from "./send_receive.ts";
import { Pattern } from "./pattern.ts";
import type { SocketOptions } from "./socket.ts";

/**
 * Exchanges messages with exactly one other PAIR.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using here = new zmq.Pair();
 * await using there = new zmq.Pair();
 * await here.bind("inproc://pair");
 * there.connect("inproc://pair");
 * await here.send("ping");
 * await there.receive();
 * await there.send("pong");
 * await here.receive();
 * ```
 */
export class Pair extends DuplexSocket {
  /**
   * Creates the socket.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range.
   */
  constructor(
    options: SocketOptions & Partial<SendOptions & ReceiveOptions> = {},
  ) {
    super(PAIR, options, () => new PairPattern());
  }
}

/** The pattern of PAIR; CHANNEL is built on it. */
export class PairPattern extends Pattern {
  #pipe: Pipe | undefined;
  /** Pipes of disconnected peers, with messages left to read. */
  #earlier: Pipe[] = [];

  attach(pipe: Pipe): void {
    const peer = this.#pipe;
    if (peer?.isOver === false) {
      return pipe.close(
        new ZmqError("EEXIST", "The socket already has a peer"),
      );
    }
    if (peer !== undefined) this.#earlier.push(peer);
    this.#pipe = pipe;
  }

  detach(pipe: Pipe): void {
    if (this.#pipe === pipe) this.#pipe = undefined;
    else this.#earlier = this.#earlier.filter((one) => one !== pipe);
  }

  override send(message: Message): boolean {
    return this.#pipe?.write(message) ?? false;
  }

  override receive(): Message | undefined {
    for (const pipe of this.#earlier) {
      const message = pipe.read();
      if (message !== undefined) return message;
    }
    return this.#pipe?.read();
  }

  override get canSend(): boolean {
    return this.#pipe?.canWrite ?? false;
  }

  override get canReceive(): boolean {
    return this.#earlier.some((pipe) => pipe.canRead) ||
      (this.#pipe?.canRead ?? false);
  }
}
