/**
 * Layer: manager, logging.
 *
 * The logger that programs call, in the manner of Python's logging: levels,
 * printf-like arguments that stay separate from the message, child loggers. It
 * keeps no registry; a manager that promises the same logger for the same name
 * does.
 *
 * @module
 */
import { optionNames, requireKnown } from "../../util/check_options.ts";
import { levelNumber, type LogLevel } from "./log_level.ts";
import type { LogTarget } from "./log_handler.ts";
import type { LogInput } from "./log_record.ts";

/** How a {@linkcode Logger} works. */
export interface LoggerOptions {
  /** Name that its records bear; by default that of the handler. */
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
  /** Where records go. */
  readonly handler: LogTarget;
  /** Name that the records bear; `undefined` for that of the handler. */
  readonly name: string | undefined;
  readonly #parent: Logger | undefined;
  #level: number | undefined;

  /**
   * Makes a logger.
   *
   * @param handler Where records go.
   * @param options Name and lowest level.
   * @param parent Logger whose level counts while this one has none.
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

  /** Lowest level number that is logged; a child has its parent's until it gets one. */
  get level(): number {
    return this.#level ?? this.#parent?.level ?? 0;
  }

  /** Sets the lowest level. */
  set level(level: LogLevel) {
    this.#level = levelNumber(level);
  }

  /**
   * Tells whether records of a level are logged.
   *
   * @param level A name or a number.
   * @returns Whether the level is high enough.
   */
  isEnabledFor(level: LogLevel): boolean {
    return levelNumber(level) >= this.level;
  }

  /**
   * Makes a logger below this one.
   *
   * @param name Last part of its name: `"db"` below `"app"` is `"app.db"`.
   * @param options A level of its own.
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
   * @param error What was caught.
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
   * @param msg Message with printf-like places.
   * @param args Arguments, published beside the message, not inside it.
   */
  log(level: LogLevel, msg: unknown, ...args: unknown[]): void {
    this.#handle({ level, msg, args });
  }

  #handle(input: LogInput): void {
    if (levelNumber(input.level) < this.level) return;
    this.handler.handle({ ...input, name: this.name });
  }
}
