/**
 * Layer: zmq. Writes an error that has no caller to the console of the browser,
 * which shows its stack and its causes, and what it holds.
 *
 * @module
 */

/** Writes an error, and how many more there were of its kind. */
export function writeError(error: unknown, more = 0): void {
  console.error(error, ...more === 0 ? [] : [`(and ${more} more like it)`]);
}

/** A member of an error as text, whatever was thrown; empty without it. */
export function memberText(value: unknown, name: string): string {
  try {
    const member: unknown = Reflect.get(Object(value), name);
    if (typeof member === "string") return member;
    return name === "message" && member === undefined ? String(value) : "";
  } catch {
    return ""; // a getter that throws
  }
}
