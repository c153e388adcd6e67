/**
 * Layer: pipeline/model. When to try again: exponential, with full jitter, so
 * that jobs that failed at the same time are not all retried at the same time.
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
  { delayMs, maxDelayMs }: RetryPolicy,
  failures: number,
  random: () => number,
): number {
  const most = Math.min(maxDelayMs, delayMs * 2 ** Math.min(failures - 1, 52));
  return Math.round(random() * most);
}
