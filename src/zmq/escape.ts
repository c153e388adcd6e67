/**
 * Layer: zmq. Makes text safe for a terminal or a log: text from a peer must
 * not move the cursor, change the direction of writing, or be invisible.
 *
 * @module
 */

/** Characters to escape; not the joiners that words and emoji need. */
export const UNSAFE =
  // deno-lint-ignore no-control-regex -- these are the characters to escape
  /[\\\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const NAMED: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/**
 * A text in one line: control characters are written as `\n` or `\x1b`, a
 * backslash as `\\`. Invisible characters, and those that change the direction
 * of writing, are escaped, too.
 */
export function escaped(text: string): string {
  return text.replace(UNSAFE, escapedCharacter);
}

/** The same for a text of several lines, such as a stack trace, whose line breaks are preserved. */
export function escapedLines(text: string): string {
  return text.replace(
    UNSAFE,
    (one) => one === "\n" || one === "\\" ? one : escapedCharacter(one),
  );
}

/** How many characters of a peer's text an error has. */
const MAX_EXCERPT = 100;

/** A text of a peer for the message of an error: escaped, and cut off if it is long. */
export function excerpt(text: string): string {
  const isLong = text.length > MAX_EXCERPT;
  return escaped(isLong ? `${text.slice(0, MAX_EXCERPT)}…` : text);
}

function escapedCharacter(one: string): string {
  const code = one.charCodeAt(0);
  if (one in NAMED) return NAMED[one]!;
  return code > 0xff
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : `\\x${code.toString(16).padStart(2, "0")}`;
}
