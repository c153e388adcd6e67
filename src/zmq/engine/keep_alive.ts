/**
 * Layer: engine. Keeps the process alive while somebody waits for something:
 * a pending `send` or `receive`, or messages that have still to leave. Idle
 * sockets do not, so a program ends where it ends, as with zeromq.js.
 *
 * @module
 */

const LONG_MS = 0x7fffffff;

/** A count of reasons to stay alive. */
export class KeepAlive {
  #reasons = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isCheckPending = false;

  /** Adds a reason. */
  acquire(): void {
    this.#reasons++;
    this.#timer ??= setInterval(() => {}, LONG_MS);
  }

  /** Takes one away. The timer goes a little later: often the next reason is near. */
  release(): void {
    if (--this.#reasons > 0 || this.#isCheckPending) return;
    this.#isCheckPending = true;
    setImmediate(this.#check);
  }

  readonly #check = (): void => {
    this.#isCheckPending = false;
    if (this.#reasons > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  };
}
