/**
 * Layer: async. The timeout and the signal of one call. A call that waits in
 * several steps passes it to all of them, so that its timeout holds for the sum.
 *
 * @module
 */
import { timerMs } from "./timers.ts";

/** How long a call waits. */
export interface WaitOptions {
  /** In milliseconds; -1 waits for ever, 0 not at all. */
  timeout?: number;
  /** Cancels the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * When one call gives up. The clock starts when the remaining time is first read:
 * most calls need not wait, and reading the clock takes 60–150 ns.
 */
export class Deadline {
  /** Cancels the call when aborted. */
  readonly signal: AbortSignal | undefined;
  readonly #timeoutMs: number;
  #endMs: number | undefined;

  /**
   * @param options The caller's.
   * @param defaultMs The timeout of a caller that gave none: by default, none.
   * @throws {RangeError} If the timeout is not a number of milliseconds.
   */
  constructor({ timeout, signal }: WaitOptions = {}, defaultMs = -1) {
    this.#timeoutMs = checkTimeout(timeout ?? defaultMs);
    this.signal = signal;
  }

  /** The remaining time, in whole milliseconds; -1 for ever. */
  get remainingMs(): number {
    if (this.#timeoutMs <= 0) return this.#timeoutMs;
    const now = performance.now();
    this.#endMs ??= now + this.#timeoutMs;
    return timerMs(Math.ceil(this.#endMs - now));
  }

  /** Whether no time remains. */
  get isOver(): boolean {
    return this.remainingMs === 0;
  }
}

/**
 * Checks a timeout.
 *
 * @param name The name of the option, for the message.
 * @returns The timeout; -1 for infinity.
 * @throws {RangeError} If it is not a number of milliseconds.
 */
export function checkTimeout(ms: number, name = "timeout"): number {
  if (ms === Infinity) return -1;
  if (typeof ms === "number" && (ms >= 0 || ms === -1)) return ms;
  throw new RangeError(
    `The ${name} cannot be ${ms}: expected milliseconds, or -1 to wait for ever`,
  );
}
