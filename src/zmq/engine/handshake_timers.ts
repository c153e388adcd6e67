/**
 * Layer: engine. How long one handshake may take, and how long this side holds
 * back in it what the peer should say first.
 *
 * @module
 */
import { unref } from "../../async/timers.ts";

/** A peer that waits for our greeting as we do for its gets it after so many milliseconds. */
const HOLD_BACK_MS = 250;

/** The timers of one handshake. They alone do not keep a process alive. */
export class HandshakeTimers {
  #limit: ReturnType<typeof setTimeout> | undefined;
  #holdBack: ReturnType<typeof setTimeout> | undefined;

  /** @param limitMs 0 for none. */
  constructor(limitMs: number, whenOver: () => void) {
    if (limitMs <= 0) return;
    this.#limit = setTimeout(whenOver, limitMs);
    unref(this.#limit);
  }

  /** Calls back when this side has held back for long enough; once. */
  holdBack(whenOver: () => void): void {
    if (this.#holdBack !== undefined) return;
    this.#holdBack = setTimeout(whenOver, HOLD_BACK_MS);
    unref(this.#holdBack);
  }

  /** Ends both. */
  stop(): void {
    clearTimeout(this.#limit);
    clearTimeout(this.#holdBack);
  }
}
