/**
 * Layer: engine. What goes on at the moment, for somebody who has to wait until
 * none of it does.
 *
 * @module
 */

import { Latch } from "../../async/latch.ts";

/** Counts tasks. */
export class Pending {
  #count = 0;
  readonly #whenIdle = new Latch();

  /** Whether nothing goes on. */
  get isIdle(): boolean {
    return this.#count === 0;
  }

  /** Counts a task; settles as it does. */
  async run(task: () => Promise<void>): Promise<void> {
    this.#count++;
    // It goes on for as long as its caller waits, even if it throws at once.
    const running = (async () => await task())();
    try {
      await running;
    } finally {
      if (--this.#count === 0) this.#whenIdle.release();
    }
  }

  /** Resolves when nothing goes on, before callers of `run` go on. */
  idle(): Promise<void> {
    return this.#whenIdle.wait();
  }
}
