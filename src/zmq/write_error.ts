/**
 * Layer: zmq. Writes an error that has no caller.
 *
 * @module
 */
import { escapedLines } from "./escape.ts";
import { stderr } from "./stdio.ts";

/** How many characters of an error are written. */
const MAX_LENGTH = 8192;

/** The original `console.error`: a program that replaces it receives errors through it. */
const originalConsoleError = console.error;

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

/** A member of an error as text, whatever was thrown; empty without it. */
export function memberText(value: unknown, name: string): string {
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
