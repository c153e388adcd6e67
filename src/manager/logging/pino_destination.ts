/**
 * Layer: manager, logging.
 *
 * A destination for pino: a Node stream that parses pino's JSON lines. Lines may
 * arrive in pieces, so it can also be the target of `pipe`. pino itself is not
 * imported.
 *
 * @module
 */
import { optionNames, requireKnown } from "../../util/check_options.ts";
import process from "node:process";
import type { Writable } from "node:stream";
import type { LogTarget } from "./log_handler.ts";
import { logLevels } from "./log_level.ts";
import type { LogInput } from "./log_record.ts";

/** The names of pino's keys, if its options change them. */
export interface PinoDestinationOptions {
  /** pino's `messageKey`; `"msg"` by default. */
  messageKey?: string;
  /** pino's `errorKey`; `"err"` by default. */
  errorKey?: string;
  /** Key of the time; `"time"` by default. */
  timeKey?: string;
  /** Key of the level; `"level"` by default. */
  levelKey?: string;
}

const optionsOfDestination = optionNames<PinoDestinationOptions>({
  messageKey: true,
  errorKey: true,
  timeKey: true,
  levelKey: true,
});

/** The longest incomplete line that is buffered. */
const maxLineLength = 1 << 20;

/**
 * Creates a pino destination that publishes through a log handler.
 *
 * pino's levels 10 to 60 become Python's (30 info is 20), its name the name, its
 * error `exception`, and every other field goes to `extra`. Lines that are not
 * JSON are published unchanged, at level 20.
 *
 * @param handler The handler that publishes the records.
 * @param options pino's keys, if they were changed.
 * @returns A stream for `pino(options, stream)` or `source.pipe(stream)`.
 *
 * @example
 * ```ts
 * import { LogHandler, pinoDestination } from "@agentzero/agentzero";
 *
 * const handler = new LogHandler({ publish: () => true });
 * const destination = pinoDestination(handler);
 * // const logger = pino({ name: "app" }, destination);
 * destination.write('{"level":30,"time":1732480000000,"msg":"hello"}\n');
 * ```
 */
export function pinoDestination(
  handler: LogTarget,
  options: PinoDestinationOptions = {},
): Writable {
  requireKnown(options, optionsOfDestination, "pinoDestination()");
  // Loaded when they are used: most programs do not log with pino.
  const { Writable } = process.getBuiltinModule("node:stream");
  const { StringDecoder } = process.getBuiltinModule("node:string_decoder");
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const take = (line: string) => {
    if (line.trim() !== "") handler.handle(() => toInput(line, options));
  };
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      const text = typeof chunk === "string"
        ? chunk
        : decoder.write(chunk as Buffer);
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) take(line);
      if (rest.length > maxLineLength) {
        take(`${rest.slice(0, 200)}… (a line that does not end)`);
        rest = "";
      }
      done();
    },
    final(done) {
      take(rest + decoder.end());
      rest = "";
      done();
    },
  });
}

function toInput(line: string, options: PinoDestinationOptions): LogInput {
  const fields = parseObject(line);
  if (!fields) return { level: logLevels.info, msg: line.trimEnd() };
  const {
    [options.levelKey ?? "level"]: level,
    [options.timeKey ?? "time"]: time,
    [options.messageKey ?? "msg"]: msg,
    [options.errorKey ?? "err"]: error,
    name,
    ...extra
  } = fields;
  return {
    level: typeof level === "number" ? pythonLevel(level) : String(level),
    msg: msg ?? "",
    name: typeof name === "string" ? name : undefined,
    time: timeOf(time),
    exception: errorOf(error),
    extra,
  };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

/** pino's levels are 10 trace, 20 debug, … 60 fatal; Python 10 debug, … 50 critical. */
function pythonLevel(level: number): number {
  return level < 20 ? level / 2 : level - 10;
}

/** pino's time is in milliseconds, or an ISO text; its `unixTime` is in seconds. */
function timeOf(time: unknown): number | string | undefined {
  if (typeof time === "string") return time;
  if (typeof time !== "number") return undefined;
  return time < 1e11 ? time * 1000 : time;
}

/** pino writes an error as `{ type, message, stack, … }`. */
function errorOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value ?? undefined;
  const { type, message, stack } = value as Record<string, unknown>;
  const error = new Error(String(message ?? ""));
  error.name = String(type ?? "Error");
  error.stack = String(stack ?? "");
  return error;
}
