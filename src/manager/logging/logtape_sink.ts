/**
 * Layer: manager, logging.
 *
 * A sink for LogTape (npm/jsr @logtape/logtape). LogTape itself is not imported;
 * the part of its types that is needed is repeated here.
 *
 * @module
 */
import type { LogTarget } from "./log_handler.ts";
import { levelNumber } from "./log_level.ts";
import { fromTemplateParts } from "./printf.ts";

/** The parts of LogTape's log record that are used. */
export interface LogTapeRecord {
  /** Category of the logger. */
  readonly category: readonly string[];
  /** Level name, `"trace"` to `"fatal"`. */
  readonly level: string;
  /** Text, value, text, …, text. */
  readonly message: readonly unknown[];
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** Structured fields. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A LogTape sink; LogTape's `dispose()` and `reset()` flush it. */
export type LogTapeSink = ((record: LogTapeRecord) => void) & AsyncDisposable;

/**
 * Creates a LogTape sink that publishes through a log handler.
 *
 * The category becomes the name (`app.db`), the values of the message `args`, the
 * properties `extra`, and an error among them `exception`.
 *
 * @param handler The handler that publishes the records.
 * @returns A sink for LogTape's `configure({ sinks })`.
 *
 * @example
 * ```ts
 * import { LogHandler, logtapeSink } from "@agentzero/agentzero";
 *
 * const handler = new LogHandler({ publish: () => true });
 * const sink = logtapeSink(handler);
 * // await configure({ sinks: { zmq: sink }, loggers: [{ category: "app", sinks: ["zmq"] }] });
 * ```
 */
export function logtapeSink(
  handler: LogTarget & { flush?(): Promise<void> },
): LogTapeSink {
  const sink = (record: LogTapeRecord): void =>
    handler.handle(() => ({
      ...fromTemplateParts(record.message),
      level: levelNumber(record.level),
      name: record.category.join("."),
      time: record.timestamp,
      extra: record.properties,
      exception: Object.values(record.properties)
        .find((value) => value instanceof Error),
    }));
  return Object.assign(sink, {
    [Symbol.asyncDispose]: async () => await handler.flush?.(),
  });
}
