/**
 * Layer: util.
 *
 * Strings to bytes and back, for topics and payloads that may be either.
 *
 * @module
 */

/** What can be cast: a string, or bytes in any wrapping. */
export type StringOrBytes = string | ArrayBufferView | ArrayBuffer;

const encoder = new TextEncoder();
// A topic that begins with a byte order mark must come back with it.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Gives bytes: a string as UTF-8, anything else as it is, without a copy.
 *
 * @param value A string, `Uint8Array`, other view, or `ArrayBuffer`.
 * @returns The bytes.
 * @throws {TypeError} If the value is none of these.
 *
 * @example
 * ```ts
 * import { castBytes } from "@agentzero/agentzero";
 *
 * console.log(castBytes("logs")); // Uint8Array(4)
 * ```
 */
export function castBytes(value: StringOrBytes): Uint8Array {
  if (typeof value === "string") return encoder.encode(value);
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  throw new TypeError("Cannot cast to bytes: not a string and not bytes");
}

/**
 * Gives a string: bytes are read as UTF-8, a string is returned as it is.
 *
 * @param value A string, `Uint8Array`, other view, or `ArrayBuffer`.
 * @returns The string.
 * @throws {TypeError} If the bytes are not UTF-8, or the value is none of these.
 *
 * @example
 * ```ts
 * import { castString } from "@agentzero/agentzero";
 *
 * console.log(castString(new Uint8Array([104, 105]))); // hi
 * ```
 */
export function castString(value: StringOrBytes): string {
  if (typeof value === "string") return value;
  const bytes = castBytes(value);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new TypeError("Cannot cast to a string: not UTF-8", { cause });
  }
}
