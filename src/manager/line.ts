/**
 * Layer: manager.
 *
 * A line of calls in which one at a time is served, in the order of their
 * coming. It does not know what for.
 *
 * @module
 */
import { onAbort } from "../zmq/abort.ts";
import type { Wait } from "./wait.ts";

/** Calls that queue. */
export class Line {
  #isTaken = false;
  readonly #waiting: Set<() => void> = new Set();

  /** Whether somebody is being served. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /**
   * Waits to be served. Whoever gets `true` must {@linkcode leave}.
   *
   * @returns `false` when the time is over first; rejects (or throws) with the
   *   reason of an aborted signal.
   */
  enter(wait: Wait): boolean | Promise<boolean> {
    wait.signal?.throwIfAborted();
    const ms = wait.remainingMs; // the clock starts
    if (!this.#isTaken) return this.#isTaken = true;
    return ms === 0 ? false : this.#queue(ms, wait.signal);
  }

  /** Lets the next one in. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#isTaken = false;
    else next();
  }

  #queue(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void) => {
        this.#waiting.delete(serve);
        clearTimeout(timer);
        unlisten();
        action();
      };
      const serve = () => settle(() => resolve(true));
      const abort = () => settle(() => reject(signal!.reason));
      const timer = ms < 0
        ? undefined
        : setTimeout(() => settle(() => resolve(false)), ms);
      const unlisten = onAbort(signal, abort);
      this.#waiting.add(serve);
    });
  }
}
