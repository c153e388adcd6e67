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
  #timer: Timer | undefined;
  readonly #isKept: boolean;

  /**
   * @param isKept Whether the timer is kept, idle, until `rest`. Where reasons
   *   come and go with each call that pays: to make and clear it takes 0.3 to
   *   2 µs, and to put that off with `setImmediate` costs one more turn of the
   *   event loop for each answer.
   */
  constructor(isKept = false) {
    this.#isKept = isKept;
  }

  /** Adds a reason. */
  acquire(): void {
    if (this.#reasons++ > 0) return;
    if (this.#timer !== undefined) this.#timer.ref?.();
    else this.#timer = setInterval(nothing, LONG_MS) as Timer;
  }

  /** Takes one away. */
  release(): void {
    if (--this.#reasons > 0) return;
    if (this.#isKept && this.#timer?.unref) this.#timer.unref();
    else this.rest();
  }

  /** Leaves nothing behind, unless there is a reason. */
  rest(): void {
    if (this.#reasons > 0) return;
    clearInterval(this.#timer as number | undefined);
    this.#timer = undefined;
  }
}

/** What a runtime's timer can do, where it is an object. */
interface Timer {
  ref?(): void;
  unref?(): void;
}

function nothing(): void {}
