/**
 * Layer: manager, logging.
 *
 * A transport for winston 3: an object-mode Node stream that behaves like one of
 * winston-transport. winston itself is not imported.
 *
 * @module
 */
import { optionNames, requireKnown } from "../../util/check_options.ts";
import process from "node:process";
import type { Writable } from "node:stream";
import type { LogTarget } from "./log_handler.ts";
import type { LogInput } from "./log_record.ts";
import { fromConsoleArguments } from "./printf.ts";

/** winston's key for the level without colours. */
const LEVEL = Symbol.for("level");
/** winston's key for the arguments after the message. */
const SPLAT = Symbol.for("splat");

/** The object that winston passes to a transport. */
export interface WinstonInfo {
  /** Level name, possibly with colour codes. */
  level: string;
  /** The message. */
  message: unknown;
  /** Structured fields. */
  [key: string | symbol]: unknown;
}

/** The part of a winston format that is used. */
export interface WinstonFormat {
  /** Transforms the info; `false` discards it. */
  transform(info: WinstonInfo, options?: unknown): WinstonInfo | boolean;
  /** Options for `transform`. */
  options?: object;
}

/** The options of every winston transport. */
export interface WinstonTransportOptions {
  /** Lowest level to publish; by default that of the logger. */
  level?: string;
  /** Publishes nothing while true. */
  silent?: boolean;
  /** A format for this transport only. */
  format?: WinstonFormat;
  /** Publishes uncaught exceptions that winston handles. */
  handleExceptions?: boolean;
  /** Publishes unhandled rejections that winston handles. */
  handleRejections?: boolean;
  /** Name of the logger in the records; by default that of the handler. */
  name?: string;
}

const optionsOfTransport = optionNames<WinstonTransportOptions>({
  level: true,
  silent: true,
  format: true,
  handleExceptions: true,
  handleRejections: true,
  name: true,
});

/** The transport: a stream with the properties that winston uses. */
export interface WinstonTransport extends Writable {
  /** Lowest level to publish. */
  level?: string;
  /** Publishes nothing while true. */
  silent?: boolean;
  /** A format for this transport only. */
  format?: WinstonFormat;
  /** Publishes uncaught exceptions. */
  handleExceptions?: boolean;
  /** Publishes unhandled rejections. */
  handleRejections?: boolean;
  /** Publishes one info. */
  log(info: WinstonInfo, next: () => void): void;
}

/** The part of winston's logger that a transport uses. */
interface WinstonLogger {
  readonly level?: string;
  readonly levels?: Readonly<Record<string, number>>;
}

/**
 * Creates a winston transport that publishes through a log handler.
 *
 * Arguments for `%s` become `args`, other fields `extra`, and the stack of an
 * error `exception`.
 *
 * @param handler The handler that publishes the records.
 * @param options The options of every winston transport.
 * @returns A transport for `createLogger({ transports })`.
 *
 * @example
 * ```ts
 * import { LogHandler, winstonTransport } from "@agentzero/agentzero";
 *
 * const handler = new LogHandler({ publish: () => true });
 * const transport = winstonTransport(handler, { level: "info" });
 * // const logger = winston.createLogger({ transports: [transport] });
 * transport.destroy();
 * ```
 */
export function winstonTransport(
  handler: LogTarget,
  options: WinstonTransportOptions = {},
): WinstonTransport {
  requireKnown(options, optionsOfTransport, "winstonTransport()");
  return new Publisher(handler, options).transport;
}

/** Publishes what winston writes to a stream. */
class Publisher {
  readonly transport: WinstonTransport;
  readonly #handler: LogTarget;
  #logger: WinstonLogger | undefined;

  constructor(
    handler: LogTarget,
    { name, ...properties }: WinstonTransportOptions,
  ) {
    this.#handler = handler;
    // Loaded when it is used: most programs do not log with winston.
    const { Writable } = process.getBuiltinModule("node:stream");
    const stream = new Writable({
      objectMode: true,
      write: (info: WinstonInfo, _encoding, done) => this.#publish(info, done),
    });
    // A `log` with two parameters is for winston that of a modern transport.
    const log = (info: WinstonInfo, next: () => void): void => {
      handler.handle(() => toInput(info, name));
      next();
    };
    this.transport = Object.assign(stream, properties, { log });
    stream.on("pipe", (logger: WinstonLogger) => this.#logger = logger);
    stream.on("unpipe", (logger: WinstonLogger) => {
      if (logger === this.#logger) this.#logger = undefined;
    });
  }

  #publish(info: WinstonInfo, done: () => void): void {
    if (!this.#isWanted(info)) return done();
    const formatted = this.#formatted(info);
    if (!formatted) return done();
    this.transport.log(formatted, done);
  }

  #formatted(info: WinstonInfo): WinstonInfo | undefined {
    const { format } = this.transport;
    if (!format) return info;
    try {
      // A copy: other transports get the same object.
      const result = format.transform({ ...info }, format.options);
      return typeof result === "object" ? result : undefined;
    } catch (error) {
      this.#handler.handle(() => {
        throw error; // to the handler, which counts it as dropped
      });
      return undefined;
    }
  }

  #isWanted(info: WinstonInfo): boolean {
    const { silent, level, handleExceptions, handleRejections } =
      this.transport;
    if (silent) return false;
    if (info.exception === true && !handleExceptions) return false;
    if (info.rejection === true && !handleRejections) return false;
    const lowest = level ?? this.#logger?.level;
    const levels = this.#logger?.levels;
    if (lowest === undefined || levels === undefined) return true;
    // In winston, more important levels have lower numbers.
    const limit = levels[lowest] ?? Infinity;
    return limit >= (levels[levelOf(info)] ?? 0);
  }
}

function toInput(info: WinstonInfo, name: string | undefined): LogInput {
  const { level: _level, message, stack, timestamp, ...extra } = info;
  return {
    ...messageOf(info),
    level: levelOf(info),
    name,
    time: typeof timestamp === "string" ? timestamp : undefined,
    exception: typeof stack === "string"
      ? errorOf(info, message, stack)
      : undefined,
    extra,
  };
}

function levelOf(info: WinstonInfo): string {
  return String(info[LEVEL] ?? info.level);
}

function messageOf(info: WinstonInfo): { msg: unknown; args: unknown[] } {
  const { message, [SPLAT]: splat } = info;
  // Objects after a message without placeholders are already fields.
  const hasPlaces = typeof message === "string" && /%[sdifjoO]/.test(message);
  return Array.isArray(splat) && hasPlaces
    ? fromConsoleArguments([message, ...splat])
    : { msg: message ?? "", args: [] };
}

function errorOf(info: WinstonInfo, message: unknown, stack: string): Error {
  const error = new Error(String(message));
  error.name = typeof info.name === "string"
    ? info.name
    : /^(\w+)/.exec(stack)?.[1] ?? "Error";
  error.stack = stack;
  return error;
}
