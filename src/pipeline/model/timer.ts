/**
 * Layer: pipeline/model. How long a timer can wait: what is longer than a timer
 * can hold ends at once, on every runtime.
 *
 * @module
 */

/** The longest time that a timer can be set to, in milliseconds: 24.8 days. */
const LONGEST_MS = 0x7fffffff;

/** A time as a timer can hold it, in milliseconds. */
export function timerMs(ms: number): number {
  return Math.max(0, Math.min(ms, LONGEST_MS));
}
