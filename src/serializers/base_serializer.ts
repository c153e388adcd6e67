/**
 * Layer: serializers.
 *
 * The contract between a SocketManager and a data format. It has no idea of
 * sockets, topics or frames.
 *
 * @module
 */

/**
 * Turns values into bytes and back. Extend it for a format of your own.
 *
 * `pack` must throw for a value that it cannot write in full, and `unpack` for
 * bytes that it cannot read: half a value is worse than an error.
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
   * Turns a value into bytes.
   *
   * @param value The value.
   * @returns Its bytes; the caller may keep and send them. A text is sent as UTF-8.
   * @throws An error if the value cannot be written in full.
   */
  abstract pack(value: unknown): Uint8Array | string;

  /**
   * Turns bytes into a value.
   *
   * @param bytes A whole message.
   * @returns The value.
   * @throws An error if the bytes are no whole message of this format.
   */
  abstract unpack(bytes: Uint8Array): unknown;
}
