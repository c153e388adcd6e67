/**
 * Layer: serializers (internal).
 *
 * Strict UTF-8: what is not well-formed is refused, never replaced by U+FFFD.
 *
 * @module
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Encodes a string; the caller has made sure that it is well-formed. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Decodes UTF-8, skipping a byte order mark.
 *
 * @throws {TypeError} If the bytes are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Whether every surrogate of a string has its partner. */
export function isWellFormed(text: string): boolean {
  // In every supported runtime, but newer than the types of ES2023.
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}
