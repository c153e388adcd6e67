/**
 * Layer: manager, logging.
 *
 * Log records, as they are logged and as they are published, and the conversion
 * between them.
 *
 * @module
 */
import {
  type SerializedException,
  serializedException,
} from "../../util/serialized_exception.ts";
import { levelNumber, type LogLevel } from "./log_level.ts";
import { toPrintable } from "./printable.ts";
import { formatLogMessage } from "./printf.ts";

/** A record as it is published: plain data that every serializer can pack. */
export interface LogRecord {
  /** The formatted message. */
  readonly msg: string;
  /** The message with printf placeholders (`%s`) for `args`; absent if there are none. */
  readonly template?: string;
  /** The arguments, which `msg` already contains. */
  readonly args: readonly unknown[];
  /** Python's level number: 10 debug, 20 info, 30 warning, 40 error, 50 critical. */
  readonly level: number;
  /** Time in UTC, ISO 8601, such as `2024-11-24T20:29:30.123Z`. */
  readonly time: string;
  /** Name of the logger. */
  readonly name: string;
  /** The logged exception; absent if there is none. */
  readonly exception?: SerializedException;
  /** Structured fields that are not arguments of `msg`; absent if there are none. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A record as it is logged; its values may be of any type. */
export interface LogInput {
  /** A name or a number. */
  level: LogLevel | (string & Record<never, never>);
  /** The message; any other value than a string is formatted as one. */
  msg: unknown;
  /** Arguments for the printf placeholders of the message. */
  args?: readonly unknown[];
  /** Name of the logger; by default that of the handler. */
  name?: string;
  /** A Date, milliseconds since 1970, or a text that `Date` parses; by default now. */
  time?: Date | number | string;
  /** The logged exception. */
  exception?: unknown;
  /** Structured fields. */
  extra?: Readonly<Record<string, unknown>>;
}

/**
 * Converts a logged record to a published one.
 *
 * @param input The logged record.
 * @param defaults Name and time for records without them.
 * @returns Plain data.
 */
export function toLogRecord(
  input: LogInput,
  defaults: { name: string; now: () => Date },
): LogRecord {
  const { msg, exception } = input;
  const about = exception ?? (msg instanceof Error ? msg : undefined);
  const extra = input.extra && Object.keys(input.extra).length > 0
    ? toPrintable(input.extra)
    : undefined;
  const template = messageText(msg);
  const args = (input.args ?? []).map(toPrintable);
  return {
    msg: formatLogMessage(template, args),
    ...(args.length > 0 && { template }),
    args,
    level: levelNumber(input.level),
    time: timeText(input.time, defaults.now),
    name: String(toPrintable(input.name ?? defaults.name)),
    ...(about === undefined ? {} : { exception: describe(about) }),
    ...(extra === undefined ? {} : { extra: extra as LogRecord["extra"] }),
  };
}

function messageText(msg: unknown): string {
  const printable = toPrintable(msg instanceof Error ? msg.message : msg);
  return typeof printable === "string" ? printable : JSON.stringify(printable);
}

/** The strings of an exception may have unpaired surrogates, too. */
function describe(exception: unknown): SerializedException {
  return toPrintable(
    serializedException(exception),
  ) as unknown as SerializedException;
}

function timeText(time: LogInput["time"], now: () => Date): string {
  const date = time === undefined ? now() : new Date(time);
  return (Number.isNaN(date.getTime()) ? now() : date).toISOString();
}
