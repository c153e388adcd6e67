/**
 * Layer: manager, logging.
 *
 * Passes log records to a function that publishes them. It does not know sockets.
 *
 * Logging must never affect the application: nothing here throws or waits, and a
 * record that is logged while another one is published, because of that, is
 * dropped to prevent recursion. Dropped records are counted.
 *
 * @module
 */
import { AsyncFlag } from "../../util/async_flag.ts";
import { optionNames, requireKnown } from "../../util/check_options.ts";
import { type LogInput, type LogRecord, toLogRecord } from "./log_record.ts";

/** Publishes a record; `false` if it could not. */
export type PublishLog = (
  topic: string,
  record: LogRecord,
) => boolean | Promise<boolean>;

/** The options of a {@linkcode LogHandler}. */
export interface LogHandlerOptions {
  /** Publishes a record, without blocking. */
  publish: PublishLog;
  /** Topic of all records; `"logs"` by default. */
  topicName?: string;
  /** Name of the logger for records without one; `"root"` by default. */
  name?: string;
  /** How many records may be in the process of being published; 1000 by default. */
  maxPending?: number;
  /** The clock, for tests. */
  now?: () => Date;
}

const optionsOfHandler = optionNames<LogHandlerOptions>({
  publish: true,
  topicName: true,
  name: true,
  maxPending: true,
  now: true,
});

/** The part of a {@linkcode LogHandler} that loggers and adapters need. */
export interface LogTarget {
  /** Publishes a record, or the one that a function returns; never throws. */
  handle(input: LogInput | (() => LogInput)): void;
}

/**
 * Publishes log records as `{ msg, template, args, level, time, name }`: `msg` is
 * the formatted text, `template` the one with placeholders for `args`.
 *
 * @example
 * ```ts
 * import { LogHandler } from "@agentzero/agentzero";
 *
 * const handler = new LogHandler({
 *   name: "worker",
 *   publish: (topic, record) => {
 *     console.log(topic, record.level, record.msg); // logs 20 the server is up
 *     return true;
 *   },
 * });
 * handler.handle({ level: "info", msg: "%s is up", args: ["the server"] });
 * console.log(handler.dropped); // 0
 * ```
 */
export class LogHandler implements LogTarget {
  /** Topic of all records. */
  readonly topicName: string;
  /** Name of the logger for records without one. */
  readonly name: string;
  readonly #publish: PublishLog;
  readonly #maxPending: number;
  readonly #now: () => Date;
  readonly #publishing = new AsyncFlag();
  readonly #pending = new Set<Promise<void>>();
  #published = 0;
  #dropped = 0;
  #lastError: unknown;

  /**
   * Creates a handler.
   *
   * @param options How to publish, and under which topic and name.
   * @throws {AgentZeroSocketError} `OPTION_INVALID` for an unknown option.
   */
  constructor(options: LogHandlerOptions) {
    requireKnown(options, optionsOfHandler, "LogHandler");
    this.#publish = options.publish;
    this.topicName = options.topicName ?? "logs";
    this.name = options.name ?? "root";
    this.#maxPending = options.maxPending ?? 1000;
    this.#now = options.now ?? (() => new Date());
  }

  /** Number of records that were published. */
  get published(): number {
    return this.#published;
  }

  /** Number of records that were not published, for any reason. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The error of the last dropped record; `undefined` if `publish` only returned `false`. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /**
   * Publishes a record. It never throws and never waits; records that cannot be
   * published are counted in {@linkcode dropped}.
   *
   * @param input The record, or a function that returns it.
   */
  handle(input: LogInput | (() => LogInput)): void {
    if (this.#publishing.isSet) {
      return this.#drop(new Error("Logged while a record was published"));
    }
    if (this.#pending.size >= this.#maxPending) {
      return this.#drop(new Error("Too many records are being published"));
    }
    try {
      // Formatting the arguments runs application code: getters, toJSON.
      const sent = this.#publishing.run(() => this.#convert(input));
      if (typeof sent === "boolean") this.#count(sent);
      else this.#follow(sent);
    } catch (error) {
      this.#drop(error);
    }
  }

  /**
   * Waits until all records so far are published or dropped.
   *
   * @returns Resolves when none is being published any more.
   */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #convert(input: LogInput | (() => LogInput)): boolean | Promise<boolean> {
    // In a browser it may have to be loaded.
    const record: LogRecord | Promise<LogRecord> = toLogRecord(
      typeof input === "function" ? input() : input,
      { name: this.name, now: this.#now },
    );
    return record instanceof Promise
      ? record.then((record) => this.#publish(this.topicName, record))
      : this.#publish(this.topicName, record);
  }

  #follow(sent: Promise<boolean>): void {
    const settled = Promise.resolve(sent)
      .then((isSent) => this.#count(isSent), (error) => this.#drop(error))
      .then(() => void this.#pending.delete(settled));
    this.#pending.add(settled);
  }

  #count(isSent: boolean): void {
    if (isSent === false) this.#drop(undefined);
    else this.#published++;
  }

  #drop(error: unknown): void {
    this.#dropped++;
    this.#lastError = error;
  }
}
