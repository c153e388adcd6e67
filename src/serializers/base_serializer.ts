/**
 * Layer: serializers.
 *
 * The contract between a SocketManager and a data format. It knows no sockets,
 * topics or frames.
 *
 * @module
 */

/**
 * Serializes values and deserializes bytes. Extend it for a format of your own.
 *
 * `pack` must throw for a value that it cannot serialize completely, and
 * `unpack` for bytes that it cannot deserialize: an error is better than half a
 * value.
 *
 * @example
 * ```ts
 * import { BaseSerializer, castBytes, castString } from "@agentzero/agentzero";
 *
 * class Shout extends BaseSerializer {
 *   override readonly name = "SHOUT";
 *   override pack(value: unknown): Uint8Array {
 *     return castBytes(String(value).toUpperCase());
 *   }
 *   override unpack(bytes: Uint8Array): unknown {
 *     return castString(bytes);
 *   }
 * }
 *
 * const shout = new Shout();
 * console.log(shout.unpack(shout.pack("hello"))); // HELLO
 * ```
 */
export abstract class BaseSerializer {
  /** Short name of the format, for error messages. */
  abstract readonly name: string;

  /**
   * Serializes a value.
   *
   * @param value The value.
   * @returns Its bytes, which then belong to the caller; or a string, which is sent as UTF-8.
   * @throws An error if the value cannot be serialized completely.
   */
  abstract pack(value: unknown): Uint8Array | string;

  /**
   * Deserializes a value.
   *
   * @param bytes A whole message.
   * @returns The value.
   * @throws An error if the bytes are not one complete message of this format.
   */
  abstract unpack(bytes: Uint8Array): unknown;
}
