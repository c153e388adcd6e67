/**
 * Layer: engine. What timers can hold, and which of them keep a process alive.
 *
 * @module
 */

/** A timer holds no more: one that is set for longer fires at once. 25 days. */
export const LONGEST_MS = 0x7fffffff;

export { unref } from "../unref.ts";
