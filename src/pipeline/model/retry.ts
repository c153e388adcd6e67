/**
 * Layer: pipeline/model. When to try again: by default exponential, with full
 * jitter, so that jobs that failed at the same time are not all retried at the
 * same time.
 *
 * @module
 */
import type { RetryPolicy } from "./records.ts";

/** Five attempts, within some seconds. */
export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 5,
  delayMs: 1000,
  maxDelayMs: 60_000,
};

/**
 * How long to wait before the next attempt, in milliseconds.
 *
 * @param failures How many attempts have failed, at least one.
 * @param random Gives a number from 0 to below 1.
 */
export function retryDelayMs(
  { delayMs, maxDelayMs, backoff = "exponential", jitter }: RetryPolicy,
  failures: number,
  random: () => number,
): number {
  const isFixed = backoff === "fixed";
  const growth = isFixed ? 1 : 2 ** Math.min(failures - 1, 52);
  const most = Math.min(maxDelayMs, delayMs * growth);
  return jitter ?? !isFixed ? Math.round(random() * most) : most;
}
