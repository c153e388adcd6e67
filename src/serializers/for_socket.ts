/**
 * Layer: serializers.
 *
 * Calls the serializer of a manager, which may be user code: every error becomes
 * a SerializationError that names the socket.
 *
 * @module
 */
import { SerializationError } from "../errors.ts";
import type { BaseSerializer } from "./base_serializer.ts";
import { encodeUtf8, isWellFormed } from "./utf8.ts";

/**
 * Packs a value for a socket.
 *
 * @param serializer The format.
 * @param value The value.
 * @param socketName The name of the socket, for the error.
 * @returns The bytes.
 * @throws {SerializationError} `PACK_FAILED`, naming the socket.
 */
export function packForSocket(
  serializer: BaseSerializer,
  value: unknown,
  socketName: string,
): Uint8Array {
  let packed: unknown;
  try {
    packed = serializer.pack(value);
  } catch (cause) {
    throw named("PACK_FAILED", serializer, socketName, cause);
  }
  if (packed instanceof Uint8Array) return packed;
  if (typeof packed === "string" && isWellFormed(packed)) {
    return encodeUtf8(packed);
  }
  throw new SerializationError({
    code: "PACK_FAILED",
    serializer: nameOf(serializer),
    reason: "pack() did not return a Uint8Array or a string",
    socketName,
  });
}

/**
 * Unpacks a message of a socket.
 *
 * @param serializer The format.
 * @param bytes The message.
 * @param socketName The name of the socket, for the error.
 * @param frames All frames of the message, for the error.
 * @returns The value.
 * @throws {SerializationError} `UNPACK_FAILED`, naming the socket, with the bytes in `raw`.
 */
export function unpackForSocket(
  serializer: BaseSerializer,
  bytes: Uint8Array,
  socketName: string,
  frames?: readonly Uint8Array[],
): unknown {
  try {
    return serializer.unpack(bytes);
  } catch (cause) {
    throw named("UNPACK_FAILED", serializer, socketName, cause, {
      raw: bytes,
      frames,
    });
  }
}

/** A serializer written in JavaScript may lack a name. */
function nameOf(serializer: BaseSerializer): string {
  return serializer.name ?? serializer.constructor.name;
}

function named(
  code: "PACK_FAILED" | "UNPACK_FAILED",
  serializer: BaseSerializer,
  socketName: string,
  cause: unknown,
  message: { raw?: Uint8Array; frames?: readonly Uint8Array[] } = {},
): SerializationError {
  if (cause instanceof SerializationError) {
    return cause.forSocket(socketName, message.frames);
  }
  return new SerializationError({
    code,
    serializer: nameOf(serializer),
    reason: cause instanceof Error ? cause.message : String(cause),
    ...message,
    socketName,
    cause,
  });
}
