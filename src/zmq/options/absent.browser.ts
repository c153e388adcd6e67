/**
 * Layer: options. The options of libzmq that do not exist here, in a browser:
 * their names and reasons take too much room, so they are unknown like any other.
 *
 * @module
 */
import type { Absence } from "./absent.ts";

/** None. */
export const ABSENT_OPTIONS: Readonly<Record<string, Absence>> = {};
/** None. */
export const ABSENT_NUMBERS: Readonly<Record<string, Absence>> = {};
/** None. */
export const ABSENT_CONTEXT_OPTIONS: Readonly<Record<string, Absence>> = {};

/** None is found. */
export function findAbsent(): undefined {
  return undefined;
}
