/**
 * Layer: pipeline/coordinator. One timer, for the next thing that is due.
 *
 * @module
 */
import { timerMs } from "../../async/timers.ts";

/** Calls back at a time. */
export class Alarm {
  readonly #now: () => number;
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = Infinity;

  /**
   * @param now The time, in milliseconds since 1970.
   * @param ring Called then; for a distant time, earlier as well.
   */
  constructor(now: () => number, ring: () => void) {
    this.#now = now;
    this.#ring = ring;
  }

  /** Calls back at this time as well; a call that is due later need not be made. */
  setEarlier(at: number): void {
    if (at < this.#at) this.set(at);
  }

  /** Replaces the time; `Infinity` for none. */
  set(at: number): void {
    if (at === this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    if (at === Infinity) return;
    const delayMs = Math.max(1, timerMs(at - this.#now()));
    this.#timer = setTimeout(() => {
      this.#at = Infinity;
      this.#ring();
    }, delayMs);
  }
}
