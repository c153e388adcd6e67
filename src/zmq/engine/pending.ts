/**
 * Layer: engine. Tasks in progress, for a caller that has to wait until all of
 * them are done.
 *
 * @module
 */

import { Latch } from "../../async/latch.ts";

/** Counts tasks. */
export class Pending {
  #count = 0;
  #whenIdle: Latch | undefined;

  /** Whether no task is in progress. */
  get isIdle(): boolean {
    return this.#count === 0;
  }

  /** Runs a task and counts it meanwhile; settles as it does. */
  async run(task: () => Promise<void>): Promise<void> {
    this.#count++;
    // The task counts for as long as its caller waits, even if it throws at
    // once.
    const running = (async () => await task())();
    try {
      await running;
    } finally {
      if (--this.#count === 0) this.#whenIdle?.release();
    }
  }

  /** Resolves when all tasks are done, before the callers of `run` continue. */
  idle(): Promise<void> {
    return (this.#whenIdle ??= new Latch()).wait();
  }
}
