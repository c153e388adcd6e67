/**
 * Layer: util.
 *
 * Converts strings to bytes and back, for topics and payloads that may be either.
 *
 * @module
 */

/** A string, or bytes of any type. */
export type StringOrBytes = string | ArrayBufferView | ArrayBuffer;

const encoder = new TextEncoder();
// A topic may begin with a byte order mark.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Returns bytes: of a string its UTF-8, of anything else a view without a copy.
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
 * Returns a string: bytes are decoded as UTF-8, a string is returned unchanged.
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
