/**
 * Layer: shared by all. Mistyped names in a browser: they are errors without a
 * suggestion, as finding one takes room.
 *
 * @module
 */

/** None is suggested. */
export function nearestName(): undefined {
  return undefined;
}

/** The message that a socket option does not exist. */
export function noSocketOption(option: string | number): string {
  return `There is no socket option ${option}`;
}
