/**
 * Layer: async. Keeps the process alive while a call waits, or while messages
 * have still to be sent. Idle sockets do not, so a program ends when it has
 * nothing left to do, as with zeromq.js.
 *
 * @module
 */
import { MAX_TIMER_MS } from "./timers.ts";

/** What a runtime's timer can do, where it is an object. */
interface Timer {
  ref?(): void;
  unref?(): void;
}

/**
 * Counts reasons to stay alive.
 *
 * Between `begin` and `end` one timer stays, and is referenced while there is a
 * reason, because reasons come and go with each call. Creating and clearing a
 * timer for each took 0.3–2 µs; postponing that with `setImmediate` cost one
 * more turn of the event loop for each answer.
 */
export class KeepAlive {
  #reasons = 0;
  #timer: Timer | undefined;
  #isBegun = false;

  /** From now on there may be reasons. */
  begin(): void {
    this.#isBegun = true;
    this.#start();
    if (this.#reasons === 0) this.#timer?.unref?.();
  }

  /** Removes the timer, as soon as the last reason is gone. */
  end(): void {
    this.#isBegun = false;
    if (this.#reasons === 0) this.#stop();
  }

  /** Adds a reason. */
  acquire(): void {
    if (this.#reasons++ > 0) return;
    if (this.#timer === undefined) this.#start();
    else this.#timer.ref?.();
  }

  /** Removes a reason. */
  release(): void {
    if (--this.#reasons > 0) return;
    if (this.#isBegun && this.#timer?.unref) this.#timer.unref();
    else this.#stop();
  }

  #start(): void {
    this.#timer ??= setInterval(nothing, MAX_TIMER_MS) as Timer;
  }

  #stop(): void {
    clearInterval(this.#timer as number | undefined);
    this.#timer = undefined;
  }
}

function nothing(): void {}
