/**
 * Layer: engine. Keeps the process alive while somebody waits for something:
 * a pending `send` or `receive`, or messages that have still to leave. Idle
 * sockets do not, so a program ends where it ends, as with zeromq.js.
 *
 * @module
 */

import { LONGEST_MS } from "./timers.ts";

/** What a runtime's timer can do, where it is an object. */
interface Timer {
  ref?(): void;
  unref?(): void;
}

/**
 * A count of reasons to stay alive.
 *
 * Between `begin` and `end` it has a timer that counts while there is a reason:
 * reasons come and go with each call. To make and clear a timer for each took
 * 0.3–2 µs, and to put that off with `setImmediate` cost one more turn of the
 * event loop for each answer.
 */
export class KeepAlive {
  #reasons = 0;
  #timer: Timer | undefined;
  #isBegun = false;

  /** Somebody is there who may have reasons. */
  begin(): void {
    this.#isBegun = true;
    this.#start();
    if (this.#reasons === 0) this.#timer?.unref?.();
  }

  /** Nobody is any more: nothing stays behind, once there is no reason. */
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

  /** Takes one away. */
  release(): void {
    if (--this.#reasons > 0) return;
    if (this.#isBegun && this.#timer?.unref) this.#timer.unref();
    else this.#stop();
  }

  #start(): void {
    this.#timer ??= setInterval(nothing, LONGEST_MS) as Timer;
  }

  #stop(): void {
    clearInterval(this.#timer as number | undefined);
    this.#timer = undefined;
  }
}

function nothing(): void {}
