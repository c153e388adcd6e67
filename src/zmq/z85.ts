/**
 * Layer: zmq, bottom. Z85 (RFC 32): four bytes as five printable characters,
 * the form in which CURVE keys are written.
 *
 * @module
 */
import { allocate } from "./bytes.ts";
import { ZmqError } from "./errors.ts";

const ALPHABET =
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/**
 * Encodes bytes.
 *
 * @param bytes The bytes; their number must be a multiple of 4.
 * @throws {ZmqError} `EINVAL` for any other number of bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zmq } from "@agentzero/agentzero";
 *
 * assertEquals(zmq.z85Encode(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f)), "Hello");
 * ```
 */
export function z85Encode(bytes: Uint8Array): string {
  if (bytes.byteLength % 4 !== 0) {
    throw new ZmqError(
      "EINVAL",
      `Z85 encodes multiples of 4 bytes, not ${bytes.byteLength} bytes`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let at = 0; at < bytes.byteLength; at += 4) {
    const value = view.getUint32(at);
    for (let power = 85 ** 4; power >= 1; power /= 85) {
      text += ALPHABET[Math.floor(value / power) % 85];
    }
  }
  return text;
}

/**
 * Decodes the text that {@link z85Encode} returns.
 *
 * @throws {ZmqError} `EINVAL` for a length that is not a multiple of 5, or an
 *   invalid character or group.
 */
export function z85Decode(text: string): Uint8Array {
  if (text.length % 5 !== 0) {
    throw new ZmqError(
      "EINVAL",
      `The length of a Z85 text must be a multiple of 5, not ${text.length}`,
    );
  }
  const bytes = allocate(text.length / 5 * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < text.length; at += 5) {
    let value = 0;
    for (let i = at; i < at + 5; i++) {
      const digit = ALPHABET.indexOf(text[i]!);
      if (digit < 0) {
        // The text may be a secret, so the error shows nothing of it.
        throw new ZmqError("EINVAL", `Invalid Z85 character at position ${i}`);
      }
      value = value * 85 + digit;
    }
    if (value > 0xffffffff) {
      throw new ZmqError("EINVAL", "Invalid Z85: a group exceeds 2^32");
    }
    view.setUint32(at / 5 * 4, value);
  }
  return bytes;
}
