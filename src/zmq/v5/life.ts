/**
 * Layer: v5. Whether a socket is open, and whether it keeps the process alive:
 * an open socket of v5 does, while of the engine only waiting calls do.
 *
 * @module
 */
import type { KeepAlive } from "../../async/keep_alive.ts";

/** The life of one socket. */
export class Life {
  /** Whether the socket is closed; that of the engine may still bind. */
  isClosed = false;
  readonly #keepAlive: KeepAlive;
  #isHolding = false;

  /** Begins to keep the process alive. */
  constructor(keepAlive: KeepAlive) {
    this.#keepAlive = keepAlive;
    this.ref();
  }

  /** Keeps the process alive. */
  ref(): void {
    if (this.#isHolding || this.isClosed) return;
    this.#isHolding = true;
    this.#keepAlive.acquire();
  }

  /** Lets the process end. */
  unref(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#keepAlive.release();
  }

  /** Ends. */
  close(): void {
    this.isClosed = true;
    this.unref();
  }
}
