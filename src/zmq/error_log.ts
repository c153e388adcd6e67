/**
 * Layer: zmq. Logs errors that have no caller. A peer may cause any number of
 * them, so each kind is logged at most once a second, with their count. Writing
 * does not block; see `write_error.ts`.
 *
 * @module
 */
import { callSafely } from "../async/call_safely.ts";
import { unref } from "../async/timers.ts";
import { memberText, writeError } from "./write_error.ts";

/** Writes an error, and how many more there were of its kind. */
export type WriteError = (error: unknown, more: number) => unknown;

/** How many kinds have their own line each second; the rest share one. */
const MAX_KINDS = 20;
/** How many characters of a message determine its kind. */
const KIND_LENGTH = 200;
interface Kind {
  /** The last error that was not written. */
  last: unknown;
  /** How many were not written. */
  count: number;
}

/**
 * Writes errors of one kind at a limited rate. It never throws, and its timer
 * does not keep the process alive.
 */
export class ErrorLog {
  readonly #write: WriteError;
  readonly #everyMs: number;
  readonly #kinds: Map<string, Kind> = new Map();
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Creates the log.
   *
   * @param write Writes an error. Default: to stderr, with its stack.
   * @param everyMs How often a kind is written, in milliseconds.
   */
  constructor(write: WriteError = writeError, everyMs = 1000) {
    this.#write = write;
    this.#everyMs = everyMs;
  }

  /** Writes an error at once, or counts it if its kind was written just now. */
  readonly add = (error: unknown): void => {
    const name = this.#kindOf(error);
    const kind = this.#kinds.get(name);
    if (kind !== undefined) {
      kind.last = error;
      kind.count++;
      return;
    }
    this.#kinds.set(name, { last: undefined, count: 0 });
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#flush(), this.#everyMs);
      unref(this.#timer);
    }
    this.#print(error, 0);
  };

  /** Writes what was counted, and stops its timer. It may be used again. */
  close(): void {
    this.#flush();
    this.#kinds.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #flush(): void {
    for (const [name, { last, count }] of [...this.#kinds]) {
      if (count === 0) {
        this.#kinds.delete(name);
        continue;
      }
      this.#kinds.set(name, { last: undefined, count: 0 });
      this.#print(last, count - 1);
    }
    if (this.#kinds.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #print(error: unknown, more: number): void {
    callSafely(() => this.#write(error, more), () => {});
  }

  /** Errors of one kind may differ in names and numbers. */
  #kindOf(error: unknown): string {
    const text = memberText(error, "message").slice(0, KIND_LENGTH)
      .replace(/"[^"]*"?|'[^']*'?|\d+/g, "");
    const kind = `${memberText(error, "code")} ${text}`;
    return this.#kinds.has(kind) || this.#kinds.size < MAX_KINDS ? kind : "";
  }
}
