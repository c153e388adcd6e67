/**
 * Layer: manager, logging.
 *
 * The logger for applications, similar to Python's logging: levels, printf
 * arguments that stay separate from the message, child loggers. It has no
 * registry of names; the SocketManager has.
 *
 * @module
 */
import { optionNames, requireKnown } from "../../util/check_options.ts";
import { levelNumber, type LogLevel } from "./log_level.ts";
import type { LogTarget } from "./log_handler.ts";
import type { LogInput } from "./log_record.ts";

/** The options of a {@linkcode Logger}. */
export interface LoggerOptions {
  /** Name of the logger in its records; by default that of the handler. */
  name?: string;
  /** Records below it are ignored; by default none (0). */
  level?: LogLevel;
}

const optionsOfLogger = optionNames<LoggerOptions>({ name: true, level: true });

/**
 * Logs to a {@linkcode LogHandler}. No method throws or waits.
 *
 * @example
 * ```ts
 * import { Logger, LogHandler } from "@agentzero/agentzero";
 *
 * const handler = new LogHandler({ publish: () => true, name: "app" });
 * const logger = new Logger(handler, { level: "info" });
 * logger.info("%s is up on port %d", "the server", 5000);
 * logger.child("db").warning("slow query");
 * ```
 */
export class Logger {
  /** The handler that publishes the records. */
  readonly handler: LogTarget;
  /** Name of the logger in its records; `undefined` for that of the handler. */
  readonly name: string | undefined;
  readonly #parent: Logger | undefined;
  #level: number | undefined;

  /**
   * Creates a logger.
   *
   * @param handler The handler that publishes the records.
   * @param options Name and lowest level.
   * @param parent The logger whose level applies while this one has none.
   */
  constructor(
    handler: LogTarget & { readonly name?: string },
    options: LoggerOptions = {},
    parent?: Logger,
  ) {
    requireKnown(options, optionsOfLogger, "Logger");
    this.handler = handler;
    this.name = options.name ?? handler.name;
    this.#parent = parent;
    if (options.level !== undefined) this.#level = levelNumber(options.level);
  }

  /** Lowest level number that is logged; a child inherits that of its parent until it is set. */
  get level(): number {
    return this.#level ?? this.#parent?.level ?? 0;
  }

  /** Sets the lowest level. */
  set level(level: LogLevel) {
    this.#level = levelNumber(level);
  }

  /**
   * Whether records of a level are logged.
   *
   * @param level A name or a number.
   * @returns Whether the level is high enough.
   */
  isEnabledFor(level: LogLevel): boolean {
    return levelNumber(level) >= this.level;
  }

  /**
   * Creates a child logger.
   *
   * @param name Last part of its name: `"db"` below `"app"` is `"app.db"`.
   * @param options Its own level.
   * @returns A new logger on the same handler.
   */
  child(name: string, options: { level?: LogLevel } = {}): Logger {
    const full = this.name === undefined ? name : `${this.name}.${name}`;
    return new Logger(this.handler, { ...options, name: full }, this);
  }

  /** Logs at level 10. */
  debug(msg: unknown, ...args: unknown[]): void {
    this.log(10, msg, ...args);
  }

  /** Logs at level 20. */
  info(msg: unknown, ...args: unknown[]): void {
    this.log(20, msg, ...args);
  }

  /** Logs at level 30. */
  warning(msg: unknown, ...args: unknown[]): void {
    this.log(30, msg, ...args);
  }

  /** The same as {@linkcode warning}. */
  warn(msg: unknown, ...args: unknown[]): void {
    this.log(30, msg, ...args);
  }

  /** Logs at level 40. */
  error(msg: unknown, ...args: unknown[]): void {
    this.log(40, msg, ...args);
  }

  /** Logs at level 50. */
  critical(msg: unknown, ...args: unknown[]): void {
    this.log(50, msg, ...args);
  }

  /**
   * Logs a caught exception at level 40, with its traceback in `exception`.
   *
   * @param error The exception.
   * @param msg Message; by default that of the error.
   * @param args Arguments of the message.
   */
  exception(error: unknown, msg: unknown = error, ...args: unknown[]): void {
    this.#handle({ level: 40, msg, args, exception: error });
  }

  /**
   * Logs at any level.
   *
   * @param level A name or a number.
   * @param msg Message with printf placeholders.
   * @param args Arguments, which are also published separately.
   */
  log(level: LogLevel, msg: unknown, ...args: unknown[]): void {
    this.#handle({ level, msg, args });
  }

  #handle(input: LogInput): void {
    if (levelNumber(input.level) < this.level) return;
    this.handler.handle({ ...input, name: this.name });
  }
}
