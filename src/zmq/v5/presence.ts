/**
 * Layer: v5. An open socket of v5 keeps the process alive, unlike one of the
 * engine, where only calls that wait do.
 *
 * @module
 */
import type { KeepAlive } from "../engine/keep_alive.ts";

/** Whether one socket keeps the process alive. */
export class Presence {
  readonly #keepAlive: KeepAlive;
  #isHeld = false;

  /** Begins to. */
  constructor(keepAlive: KeepAlive) {
    this.#keepAlive = keepAlive;
    this.ref();
  }

  /** Keeps the process alive. */
  ref(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#keepAlive.acquire();
  }

  /** No longer does. */
  unref(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#keepAlive.release();
  }
}
