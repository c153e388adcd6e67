/**
 * Layer: serializers (internal).
 *
 * Encodes values that contain a `Map`, which the library's encoder does not
 * support: the heads of arrays and maps here, all other values there.
 *
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 *
 * @module
 */
import { type Encoder, ExtData } from "@msgpack/msgpack";

/**
 * Encodes a value.
 *
 * @param value Plain data, in which maps with keys other than strings are `Map`s.
 * @param encoder Encodes all values that are not containers.
 * @returns The bytes.
 */
export function encodeWithMaps(value: unknown, encoder: Encoder): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, encoder, parts);
  const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

function write(value: unknown, encoder: Encoder, parts: Uint8Array[]): void {
  if (Array.isArray(value)) {
    parts.push(head(value.length, 0x90, 0xdc));
    for (const item of value) write(item, encoder, parts);
    return;
  }
  const entries = entriesOf(value);
  if (entries === undefined) {
    parts.push(encoder.encode(value));
    return;
  }
  parts.push(head(entries.length, 0x80, 0xde));
  for (const [key, item] of entries) {
    parts.push(encoder.encode(key));
    write(item, encoder, parts);
  }
}

/** The entries of a map; `undefined` for any other value. */
function entriesOf(value: unknown): [unknown, unknown][] | undefined {
  if (value instanceof Map) return [...value];
  const isLeaf = typeof value !== "object" || value === null ||
    ArrayBuffer.isView(value) || value instanceof Date ||
    value instanceof ExtData;
  return isLeaf ? undefined : Object.entries(value);
}

/** The head of an array or map: the short form is for up to 15 values. */
function head(size: number, short: number, long: number): Uint8Array {
  if (size < 16) return Uint8Array.of(short | size);
  if (size < 0x10000) return Uint8Array.of(long, size >> 8, size & 0xff);
  const bytes = new Uint8Array(5);
  bytes[0] = long + 1;
  new DataView(bytes.buffer).setUint32(1, size);
  return bytes;
}
