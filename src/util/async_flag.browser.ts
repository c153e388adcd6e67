/**
 * Layer: util (internal).
 *
 * Whether code was started by a certain call. A browser does not follow the
 * control flow through `await`, so the flag is set for the synchronous part of a
 * call only.
 *
 * @module
 */

/** A flag that follows the control flow. */
export class AsyncFlag {
  #isSet = false;

  /** Whether the caller was started by a {@linkcode run}, synchronously. */
  get isSet(): boolean {
    return this.#isSet;
  }

  /**
   * Runs a function with the flag set.
   *
   * @param action The function.
   * @returns What it returns.
   */
  run<T>(action: () => T): T {
    const before = this.#isSet;
    this.#isSet = true;
    try {
      return action();
    } finally {
      this.#isSet = before;
    }
  }
}
