/**
 * Layer: options. Options that are set too late: a browser has no warnings.
 *
 * @module
 */

/** None is reported. */
export function isLate(): boolean {
  return false;
}

/** Is not called. */
export function warnOfLate(): void {}
