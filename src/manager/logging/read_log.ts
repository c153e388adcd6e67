/**
 * Layer: manager, logging.
 *
 * Reads a received log record, of this library or of Python's, to display it.
 * Other data is displayed unchanged: logs must not be lost because another
 * program publishes under their topic.
 *
 * @module
 */
import type { SerializedException } from "../../util/serialized_exception.ts";
import { logLevels } from "./log_level.ts";
import { formatLogMessage } from "./printf.ts";

/** A log record, to be displayed. */
export interface LogLine {
  /** The name of the level: that of the number, or of the next lower one. */
  readonly level: keyof typeof logLevels;
  /** Python's number of the level; 20 (info) if there was none. */
  readonly levelNumber: number;
  /** The formatted message. */
  readonly text: string;
  /** When it was logged; `undefined` if the record has no time. */
  readonly time: Date | undefined;
  /** The name of the logger; `undefined` if the record has none. */
  readonly name: string | undefined;
  /** The logged exception. */
  readonly exception: SerializedException | undefined;
  /** Structured fields. */
  readonly extra: Readonly<Record<string, unknown>> | undefined;
}

/** From the highest to the lowest. */
const LEVELS = (Object.entries(logLevels) as [LogLine["level"], number][])
  .reverse();

/**
 * Reads a received log record.
 *
 * @param record The data of an event, of any type.
 * @returns Level, text, and the other fields of the record; never throws.
 *
 * @example
 * ```ts
 * import { readLog, SocketManager, zmq } from "@agentzero/agentzero";
 *
 * await using sockets = new SocketManager();
 * await sockets.ensureAndBind("logs", zmq.PUB, "inproc://logs");
 * await sockets.ensureAndConnect("viewer", zmq.SUB, "inproc://logs");
 * const events = sockets.subscribe("viewer", "logs");
 * sockets.getLogger("logs").warning("disk %d%% full", 91);
 * for await (const { data } of events) {
 *   const { level, text } = readLog(data);
 *   console.log(level, text); // warning disk 91% full
 *   break;
 * }
 * ```
 */
export function readLog(record: unknown): LogLine {
  const fields = isObject(record) ? record : { msg: record };
  const { level, time, name, exception, extra } = fields;
  const levelNumber = typeof level === "number" && Number.isFinite(level)
    ? level
    : logLevels.info;
  const date = typeof time === "string" || typeof time === "number"
    ? new Date(time)
    : undefined;
  return {
    level: LEVELS.find(([, number]) => levelNumber >= number)?.[0] ?? "trace",
    levelNumber,
    text: logText(fields),
    time: date !== undefined && !Number.isNaN(date.getTime())
      ? date
      : undefined,
    name: typeof name === "string" ? name : undefined,
    exception: isObject(exception)
      ? exception as unknown as SerializedException
      : undefined,
    extra: isObject(extra) ? extra : undefined,
  };
}

/**
 * The formatted text of a record. With a `template`, `msg` is formatted already;
 * otherwise it has to be formatted here, unless Python did that.
 */
export function logText(fields: Readonly<Record<string, unknown>>): string {
  const { msg, template, args } = fields;
  if (typeof msg !== "string") {
    return described(msg === undefined ? fields : msg);
  }
  const text = msg.replace(/\r?\n$/, ""); // Python's handler appends a line break
  if (template !== undefined || !Array.isArray(args) || args.length === 0) {
    return text;
  }
  return hasPlaces(text) ? formatLogMessage(text, args) : text;
}

/** A text without placeholders is formatted already: by Python. */
function hasPlaces(text: string): boolean {
  return /%(?:\([^)]*\))?[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]/.test(text);
}

function described(value: unknown): string {
  try {
    return typeof value === "string"
      ? value
      : JSON.stringify(value) ?? String(value);
  } catch {
    return String(Object.prototype.toString.call(value));
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
