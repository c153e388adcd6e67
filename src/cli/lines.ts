/**
 * Layer: cli. Splits a stream of bytes into numbered lines.
 *
 * @module
 */
import { CliError } from "./cli_error.ts";

/** A line of a file or of stdin. */
export interface NumberedLine {
  /** From 1. */
  readonly number: number;
  /** Without the end of the line. */
  readonly bytes: Uint8Array;
}

/** More than any pipeline takes as one payload. */
const MAX_BYTES = 256 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Splits chunks into lines. Empty lines are counted but not returned; carriage
 * returns, and a byte order mark at the beginning, are removed.
 *
 * @throws {CliError} `ERR_CLI_FILE` for a line of more than 256 MiB.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<NumberedLine, void> {
  let number = 0;
  let parts: Uint8Array[] = [];
  let size = 0;
  const add = (part: Uint8Array) => {
    parts.push(part);
    size += part.byteLength;
    if (size > MAX_BYTES) {
      throw new CliError(
        "ERR_CLI_FILE",
        `Line ${number + 1} is longer than ${MAX_BYTES} bytes`,
      );
    }
  };
  const take = (): NumberedLine | undefined => {
    const bytes = trimmed(joined(parts, size), ++number === 1);
    parts = [];
    size = 0;
    return bytes.byteLength === 0 ? undefined : { number, bytes };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      if (end < 0) break;
      add(chunk.subarray(from, end));
      from = end + 1;
      const line = take();
      if (line !== undefined) yield line;
    }
    // The reader of a file may overwrite its chunk with the next one.
    if (from < chunk.byteLength) add(chunk.slice(from));
  }
  const line = take();
  if (line !== undefined) yield line;
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

function trimmed(bytes: Uint8Array, isFirst: boolean): Uint8Array {
  const hasMark = isFirst && bytes[0] === 0xef && bytes[1] === 0xbb &&
    bytes[2] === 0xbf;
  const from = hasMark ? 3 : 0;
  let end = bytes.byteLength;
  while (end > from && isSpace(bytes[end - 1]!)) end--;
  return bytes.subarray(from, end);
}

/** A space, a tab, a carriage return. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
