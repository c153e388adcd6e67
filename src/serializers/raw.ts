/**
 * Layer: serializers.
 *
 * No format: bytes are sent and received unchanged.
 *
 * @module
 */
import { SerializationError } from "../errors.ts";
import { BaseSerializer } from "./base_serializer.ts";
import { encodeUtf8, isWellFormed } from "./utf8.ts";

/**
 * Messages as bytes. Strings are sent as UTF-8; received messages are always bytes.
 *
 * @example
 * ```ts
 * import { RAW } from "@agentzero/agentzero";
 *
 * const raw = new RAW();
 * console.log(raw.unpack(raw.pack("hello"))); // Uint8Array(5)
 * ```
 */
export class RAW extends BaseSerializer {
  /** `"RAW"`. */
  override readonly name: string = "RAW";

  /**
   * Returns the bytes of a string, buffer or view; a `Uint8Array` itself,
   * without a copy.
   *
   * @param value A string, `Uint8Array`, other view, or `ArrayBuffer`.
   * @returns The bytes.
   * @throws {SerializationError} `PACK_FAILED` for anything else.
   */
  override pack(value: unknown): Uint8Array {
    if (value instanceof Uint8Array) return value;
    if (typeof value === "string" && isWellFormed(value)) {
      return encodeUtf8(value);
    }
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (ArrayBuffer.isView(value)) {
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    throw new SerializationError({
      code: "PACK_FAILED",
      serializer: this.name,
      reason: typeof value === "string"
        ? "a string with half a surrogate pair cannot be serialized"
        : "only bytes and strings can be serialized",
    });
  }

  /**
   * Returns the bytes.
   *
   * @param bytes The message.
   * @returns The same object.
   */
  override unpack(bytes: Uint8Array): Uint8Array {
    return bytes;
  }
}
