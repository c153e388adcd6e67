/**
 * Layer: zmq. Logs errors that have no caller. A peer may cause any number of
 * them, so each kind is logged at most once a second, with their count. Writing
 * does not block; see `stdio.ts`.
 *
 * @module
 */
import { escapedLines } from "./escape.ts";
import { callSafely } from "../async/call_safely.ts";
import { stderr } from "./stdio.ts";
import { unref } from "../async/timers.ts";

/** Writes an error, and how many more there were of its kind. */
export type WriteError = (error: unknown, more: number) => unknown;

/** How many kinds have their own line each second; the rest share one. */
const MAX_KINDS = 20;
/** How many characters of a message determine its kind. */
const KIND_LENGTH = 200;
/** How many characters of an error are written. */
const MAX_LENGTH = 8192;

/** The original `console.error`: a program that replaces it receives errors through it. */
const originalConsoleError = console.error;

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

/**
 * Writes an error with its stack to stderr: at once if that has room, and not
 * at all if nothing reads there. If the program has replaced `console.error`,
 * that is called instead.
 */
export function writeError(error: unknown, more = 0): void {
  const others = more === 0 ? "" : `(and ${more} more like it)`;
  if (console.error !== originalConsoleError) {
    console.error(...others === "" ? [error] : [error, others]);
    return;
  }
  const text = escapedLines(describe(error).slice(0, MAX_LENGTH));
  stderr().tryWrite(others === "" ? `${text}\n` : `${text} ${others}\n`);
}

/** The stack of an error, and of its causes. */
function describe(error: unknown, depth = 0): string {
  const stack = memberText(error, "stack");
  const head = `${memberText(error, "name")}: ${memberText(error, "message")}`;
  const code = memberText(error, "code");
  const own = stack === "" ? textOf(error) : stack;
  // The stack of JavaScriptCore does not begin with the message.
  const text = stack === "" || own.includes(memberText(error, "message"))
    ? own
    : `${head}\n${own}`;
  const coded = code === "" || text.includes(code) ? text : `[${code}] ${text}`;
  const cause = memberOf(error, "cause");
  return cause === undefined || depth === 5
    ? coded
    : `${coded}\nCaused by: ${describe(cause, depth + 1)}`;
}

function memberText(value: unknown, name: string): string {
  const member = memberOf(value, name);
  if (name === "message" && member === undefined) return textOf(value);
  return typeof member === "string" ? member : "";
}

function memberOf(value: unknown, name: string): unknown {
  try {
    return Reflect.get(Object(value), name);
  } catch {
    return undefined; // a getter that throws
  }
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "something that cannot be shown";
  }
}
