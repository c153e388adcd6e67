/**
 * Layer: cli. Escapes bytes and text for a terminal: data of a peer must not move
 * the cursor, and must not look like several lines.
 *
 * @module
 */
import { escaped, UNSAFE } from "../zmq/escape.ts";

export { escaped };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A value as JSON that is safe to print to a terminal; for a program, the same value. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  // JSON escapes only the first of these, and uses the backslash itself.
  return text.replace(
    UNSAFE,
    (one) => one === "\\" ? one : unicodeText(one.charCodeAt(0)),
  );
}

/** Bytes as text in one line; invalid UTF-8 byte by byte. */
export function escapedBytes(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text !== undefined) return escaped(text);
  let shown = "";
  for (const byte of bytes) {
    shown += byte < 0x80 ? escaped(String.fromCharCode(byte)) : byteText(byte);
  }
  return shown;
}

/** The text of bytes; `undefined` if they are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function unicodeText(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

function byteText(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
