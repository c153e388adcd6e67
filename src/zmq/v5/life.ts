/**
 * Layer: v5. Whether a socket is open, and whether the process lives for it:
 * an open socket of v5 keeps the process alive, unlike one of the engine, where
 * only calls that wait do.
 *
 * @module
 */
import type { KeepAlive } from "../../async/keep_alive.ts";

/** The life of one socket. */
export class Life {
  /** Whether the socket is closed; that of the engine may still bind. */
  isClosed = false;
  readonly #keepAlive: KeepAlive;
  #isHeld = false;

  /** Begins to keep the process alive. */
  constructor(keepAlive: KeepAlive) {
    this.#keepAlive = keepAlive;
    this.ref();
  }

  /** Keeps the process alive. */
  ref(): void {
    if (this.#isHeld || this.isClosed) return;
    this.#isHeld = true;
    this.#keepAlive.acquire();
  }

  /** No longer does. */
  unref(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#keepAlive.release();
  }

  /** Ends. */
  close(): void {
    this.isClosed = true;
    this.unref();
  }
}
