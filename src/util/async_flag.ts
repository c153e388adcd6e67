/**
 * Layer: util (internal).
 *
 * Whether code was started by a certain call, across any number of `await`s and
 * timers. It wraps AsyncLocalStorage, which all three runtimes have, until the
 * standard AsyncContext arrives.
 *
 * All flags share one storage: before version 24, Node keeps each storage for
 * ever, and consults all of them whenever a promise is created.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** The flags that are set, innermost first. */
interface SetFlag {
  readonly flag: AsyncFlag;
  readonly outer: SetFlag | undefined;
}

const storage = new AsyncLocalStorage<SetFlag>();

/** A flag that follows the control flow instead of the clock. */
export class AsyncFlag {
  /** Whether the caller was started, directly or not, by a {@linkcode run}. */
  get isSet(): boolean {
    for (let one = storage.getStore(); one !== undefined; one = one.outer) {
      if (one.flag === this) return true;
    }
    return false;
  }

  /**
   * Runs a function with the flag set, also for everything that it starts.
   *
   * @param action The function.
   * @returns What it returns.
   */
  run<T>(action: () => T): T {
    if (this.isSet) return action();
    return storage.run({ flag: this, outer: storage.getStore() }, action);
  }
}
