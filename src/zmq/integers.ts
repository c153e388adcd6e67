/**
 * Layer: zmq. The check of integers, for everything that takes one.
 *
 * @module
 */

/** Whether a value is an integer within bounds; by default within those of a safe integer. */
export function isIntegerIn(
  value: unknown,
  min: number = -Number.MAX_SAFE_INTEGER,
  max: number = Number.MAX_SAFE_INTEGER,
): value is number {
  return Number.isInteger(value) && (value as number) >= min &&
    (value as number) <= max;
}
