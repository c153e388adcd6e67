/**
 * Layer: manager, logging.
 *
 * The level numbers of Python's logging, and the level names of other libraries
 * that map to them.
 *
 * @module
 */

/** The levels of Python's logging, and the usual number for trace. */
export const logLevels: Readonly<
  Record<"trace" | "debug" | "info" | "warning" | "error" | "critical", number>
> = Object.freeze({
  trace: 5,
  debug: 10,
  info: 20,
  warning: 30,
  error: 40,
  critical: 50,
});

/** A level by name, or any other number. */
export type LogLevel = keyof typeof logLevels | "warn" | "fatal" | number;

/** Level names of other libraries, with the nearest number. */
const numbers: ReadonlyMap<string, number> = new Map(Object.entries({
  ...logLevels,
  silly: 5,
  verbose: 15,
  http: 15,
  notice: 25,
  warn: 30,
  err: 40,
  fatal: 50,
  crit: 50,
  alert: 50,
  emerg: 50,
  emergency: 50,
}));

/**
 * Returns the number of a level.
 *
 * @param level A name of any common library, or a number.
 * @returns The number; 20 (info) for unknown names and for NaN.
 *
 * @example
 * ```ts
 * import { levelNumber } from "@agentzero/agentzero";
 *
 * console.log(levelNumber("warning"), levelNumber("notice"), levelNumber(35));
 * ```
 */
export function levelNumber(level: LogLevel | string): number {
  if (typeof level === "number" && Number.isFinite(level)) return level;
  return numbers.get(String(level).toLowerCase()) ?? logLevels.info;
}
