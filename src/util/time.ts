/**
 * Layer: util.
 *
 * Seconds since 1970, which Python programs use for times in messages. These two
 * functions are the only public ones that count in seconds.
 *
 * @module
 */

/**
 * Returns the time since a point in time.
 *
 * @param timestamp Seconds since 1970 (fractions allowed), or a Date.
 * @returns Seconds, with fractions; negative for the future.
 * @throws {RangeError} If it is not a time.
 *
 * @example
 * ```ts
 * import { secondsSince } from "@agentzero/agentzero";
 *
 * console.log(secondsSince(Date.now() / 1000 - 5)); // about 5
 * ```
 */
export function secondsSince(timestamp: number | Date): number {
  const seconds = timestamp instanceof Date
    ? timestamp.getTime() / 1000
    : timestamp;
  if (!Number.isFinite(seconds)) {
    throw new RangeError(`Not a time in seconds: ${timestamp}`);
  }
  return Date.now() / 1000 - seconds;
}

/**
 * Converts seconds to a Date.
 *
 * @param timestamp Seconds since 1970, fractions allowed.
 * @returns The Date, exact to the millisecond.
 * @throws {RangeError} If it is not a time that a Date can hold.
 *
 * @example
 * ```ts
 * import { datetimeFromSeconds } from "@agentzero/agentzero";
 *
 * console.log(datetimeFromSeconds(0).toISOString()); // 1970-01-01T00:00:00.000Z
 * ```
 */
export function datetimeFromSeconds(timestamp: number): Date {
  const date = new Date(Math.round(timestamp * 1000));
  if (Number.isNaN(date.getTime())) {
    throw new RangeError(`Not a time in seconds: ${timestamp}`);
  }
  return date;
}
