/**
 * Layer: manager, logging.
 *
 * A reporter for consola. consola itself is not imported; the part of its types
 * that is needed is repeated here.
 *
 * @module
 */
import type { LogTarget } from "./log_handler.ts";
import { levelNumber, logLevels } from "./log_level.ts";
import { fromConsoleArguments } from "./printf.ts";

/** The parts of consola's log object that are used. */
export interface ConsolaLogObject {
  /** Kind of record, such as `"info"` or `"success"`. */
  readonly type: string;
  /** Tag of the instance; may be empty. */
  readonly tag: string;
  /** Time of the record. */
  readonly date: Date;
  /** The arguments of the call. */
  readonly args: readonly unknown[];
}

/** A consola reporter. */
export interface ConsolaReporter {
  /** Publishes one record. */
  log(record: ConsolaLogObject): void;
}

/** The types of consola that are not level names; unknown types are info. */
const levels: Readonly<Record<string, number>> = {
  fail: logLevels.error,
  verbose: logLevels.trace,
};

/**
 * Creates a consola reporter that publishes through a log handler.
 *
 * The tag becomes the name; an error among the arguments becomes `exception`.
 *
 * @param handler The handler that publishes the records.
 * @returns A reporter for `createConsola({ reporters })` or `addReporter`.
 *
 * @example
 * ```ts
 * import { consolaReporter, LogHandler } from "@agentzero/agentzero";
 *
 * const handler = new LogHandler({ publish: () => true });
 * const reporter = consolaReporter(handler);
 * // consola.addReporter(reporter);
 * reporter.log({ type: "success", tag: "", date: new Date(), args: ["done"] });
 * ```
 */
export function consolaReporter(handler: LogTarget): ConsolaReporter {
  return {
    log: (record) =>
      handler.handle(() => ({
        ...fromConsoleArguments(record.args),
        level: levels[record.type] ?? levelNumber(record.type),
        name: record.tag || undefined,
        time: record.date,
        exception: record.args.find((value) => value instanceof Error),
      })),
  };
}
