/**
 * Layer: native. The polls that wait on one socket.
 *
 * @module
 */
import type { KeepAlive } from "../async/keep_alive.ts";
import { WaitQueue } from "../async/wait_queue.ts";
import type { PollOptions } from "../manager/mod.ts";
import { SocketWaitErrors } from "../zmq/engine/wait_errors.ts";
import { POLLIN, POLLOUT, ZmqError } from "../zmq/mod.ts";

/** Waiting polls, and how many of them wait for which event. */
export class Polls {
  readonly #queue: WaitQueue<number, number>;
  #receiving = 0;
  #sending = 0;

  constructor(keepAlive: KeepAlive) {
    this.#queue = new WaitQueue(keepAlive, new SocketWaitErrors("poll"));
  }

  /** How many wait. */
  get size(): number {
    return this.#queue.size;
  }

  /** Whether one waits for a message. */
  get isReceiving(): boolean {
    return this.#receiving > 0;
  }

  /** Whether one waits for room. */
  get isSending(): boolean {
    return this.#sending > 0;
  }

  /**
   * Adds one.
   *
   * @param onWaiting Called once it waits.
   * @returns What the socket is ready for; 0 when the time is over.
   */
  async wait(
    events: number,
    { timeout, signal }: PollOptions,
    onWaiting: () => void,
  ): Promise<number> {
    const receiving = events & POLLIN ? 1 : 0;
    const sending = events & POLLOUT ? 1 : 0;
    this.#receiving += receiving;
    this.#sending += sending;
    try {
      const polled = this.#queue.wait(events, 0, { timeout, signal });
      onWaiting();
      return await polled;
    } catch (error) {
      if ((error as ZmqError | undefined)?.code === "EAGAIN") return 0;
      throw error;
    } finally {
      this.#receiving -= receiving;
      this.#sending -= sending;
    }
  }

  /** Ends those for whose events `ready` returns one. */
  serve(ready: (events: number) => number): void {
    this.#queue.serve((events) => {
      const value = ready(events);
      return value === 0 ? undefined : { value };
    }, false);
  }

  /** Rejects all: the socket was closed. */
  close(): void {
    this.#queue.rejectAll(new ZmqError("EBADF", "The socket was closed"));
  }
}
