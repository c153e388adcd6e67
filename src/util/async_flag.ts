/**
 * Layer: util (internal).
 *
 * Tells whether code was started by a certain call, however many `await`s and
 * timers lie between. It wraps AsyncLocalStorage, which all three runtimes
 * have, until the standard AsyncContext arrives.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** A flag that follows the control flow instead of the clock. */
export class AsyncFlag {
  readonly #storage = new AsyncLocalStorage<true>();

  /** Whether the caller was started, directly or not, by a {@linkcode run}. */
  get isSet(): boolean {
    return this.#storage.getStore() ?? false;
  }

  /**
   * Runs a function with the flag set, for it and for all that it starts.
   *
   * @param action The function.
   * @returns What it returns.
   */
  run<T>(action: () => T): T {
    return this.#storage.run(true, action);
  }
}
