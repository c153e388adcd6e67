/**
 * Layer: engine. The delays between attempts to connect: they start at the
 * option `reconnectInterval`, double up to a limit, and have jitter.
 *
 * @module
 */
import { MAX_TIMER_MS, unref } from "../../async/timers.ts";
import type { OptionValues } from "../options/values.ts";

/** The longest delay when no connection can be expected soon. */
const MAX_HOPELESS_DELAY_MS = 10_000;

/** The delays of one address. */
export class Backoff {
  readonly #options: Readonly<OptionValues>;
  #delayMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #endListening: (() => void) | undefined;

  constructor(options: Readonly<OptionValues>) {
    this.#options = options;
    this.#delayMs = options.reconnectInterval;
  }

  /** Whether the next attempt is scheduled. */
  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** Starts with the shortest delay again, after a connection. */
  reset(): void {
    this.#delayMs = this.#options.reconnectInterval;
  }

  /**
   * The next delay in milliseconds, with jitter.
   *
   * @param isHopeless Whether no connection can be expected soon.
   */
  next(isHopeless: boolean): number {
    const { reconnectInterval: base, reconnectMaxInterval } = this.#options;
    const most = Math.max(
      reconnectMaxInterval,
      isHopeless ? MAX_HOPELESS_DELAY_MS : 0,
    );
    const limit = Math.max(most, base);
    const delayMs = Math.min(this.#delayMs, limit);
    if (most > 0) this.#delayMs = Math.min(Math.max(delayMs, 1) * 2, limit);
    else this.#delayMs = base;
    return Math.min(
      Math.round(delayMs + Math.random() * base),
      MAX_TIMER_MS,
    );
  }

  /**
   * Calls back after a delay. It does not keep the process alive.
   *
   * @param listen Calls back earlier, if there is a reason to; returns what ends
   *   that.
   */
  wait(
    delayMs: number,
    callback: () => void,
    listen?: (early: () => void) => () => void,
  ): void {
    const go = () => {
      this.stop();
      callback();
    };
    this.#timer = setTimeout(go, delayMs);
    unref(this.#timer);
    this.#endListening = listen?.(go);
  }

  /** Cancels the wait. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#endListening?.();
    this.#endListening = undefined;
  }
}
