/**
 * Layer: async. A mutex: one call at a time holds it; the others queue (FIFO).
 *
 * @module
 */
import type { Deadline } from "./deadline.ts";
import { PendingCall } from "./pending_call.ts";

/** A lock with a FIFO queue of calls that wait for it. */
export class Mutex {
  #isLocked = false;
  readonly #waiting: Set<PendingCall<boolean>> = new Set();

  /** Whether a call holds it. */
  get isLocked(): boolean {
    return this.#isLocked;
  }

  /**
   * Locks it. A call that gets `true` must {@linkcode unlock} it.
   *
   * @param deadline Left out: waits for ever.
   * @returns `false` when the time is over first; rejects (or throws) with the
   *   reason of an aborted signal.
   */
  lock(deadline?: Deadline): boolean | Promise<boolean> {
    const signal = deadline?.signal;
    signal?.throwIfAborted();
    const timeoutMs = deadline?.remainingMs ?? -1; // the clock starts
    if (!this.#isLocked) return this.#isLocked = true;
    if (timeoutMs === 0) return false;
    const call = new PendingCall<boolean>({
      timeoutMs,
      onTimeout: (call) => call.resolve(false),
      signal,
      onSettled: (call) => this.#waiting.delete(call),
    });
    this.#waiting.add(call);
    return call.promise;
  }

  /** Passes it to the call that has waited longest, if one waits. */
  unlock(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#isLocked = false;
    else next.resolve(true);
  }

  /** Runs something while holding it. */
  async run<T>(action: () => Promise<T>): Promise<T> {
    await this.lock();
    try {
      return await action();
    } finally {
      this.unlock();
    }
  }
}
