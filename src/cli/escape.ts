/**
 * Layer: cli. Bytes and text as they may stand in a terminal: what a peer sends
 * must not move the cursor, and must not look like several lines.
 *
 * @module
 */
import { escaped, UNSAFE } from "../zmq/escape.ts";

export { escaped };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A value as JSON that a terminal shows as it is; the same value for a program. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  // JSON itself escapes the first of them only, and a backslash is its own.
  return text.replace(
    UNSAFE,
    (one) => one === "\\" ? one : unicodeText(one.charCodeAt(0)),
  );
}

/** Bytes as text in one line; those that are no UTF-8, byte by byte. */
export function escapedBytes(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text !== undefined) return escaped(text);
  let shown = "";
  for (const byte of bytes) {
    shown += byte < 0x80 ? escaped(String.fromCharCode(byte)) : byteText(byte);
  }
  return shown;
}

/** The text that bytes are in UTF-8, if they are. */
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
