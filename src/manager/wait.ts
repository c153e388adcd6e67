/**
 * Layer: manager.
 *
 * One call that waits: until when, and for which signal. A call that waits in
 * several steps carries it through all of them, so that the time is counted
 * once. It does not wait itself.
 *
 * @module
 */

/** How long a call waits. */
export interface WaitOptions {
  /** In milliseconds; -1 for ever, 0 not at all. */
  timeout?: number;
  /** Gives up when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** The longest time that timers can measure, almost 25 days. */
const MAX_MS = 0x7fffffff;

/**
 * The time and the signal of one call. The clock starts with the first look at
 * what is left: most calls need not wait, and the clock takes 60–150 ns.
 */
export class Wait {
  /** Gives up when aborted. */
  readonly signal: AbortSignal | undefined;
  readonly #ms: number;
  #endMs: number | undefined;

  /**
   * @param options Of the caller.
   * @param defaultMs The timeout, where the caller gave none.
   * @throws {RangeError} If the timeout is no number of milliseconds.
   */
  constructor({ timeout, signal }: WaitOptions, defaultMs: number) {
    this.#ms = checkTimeout(timeout ?? defaultMs);
    this.signal = signal;
  }

  /** What is left, in whole milliseconds; -1 for ever. */
  get remainingMs(): number {
    if (this.#ms <= 0) return this.#ms;
    const now = performance.now();
    this.#endMs ??= now + this.#ms;
    return Math.min(Math.max(Math.ceil(this.#endMs - now), 0), MAX_MS);
  }

  /** Whether nothing is left. */
  get isOver(): boolean {
    return this.remainingMs === 0;
  }
}

/**
 * Checks a timeout.
 *
 * @param name The name of the option, for the message.
 * @returns The same; -1 for infinity.
 * @throws {RangeError} If it is no number of milliseconds.
 */
export function checkTimeout(ms: number, name = "timeout"): number {
  if (ms === Infinity) return -1;
  if (typeof ms === "number" && (ms >= 0 || ms === -1)) return ms;
  throw new RangeError(
    `The ${name} cannot be ${ms}: expected milliseconds, or -1 to wait for ever`,
  );
}
