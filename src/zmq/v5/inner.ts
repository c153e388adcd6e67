/**
 * Layer: v5. The engine's socket that a socket of v5 uses.
 *
 * @module
 */
import { createSocket } from "../sockets/create.ts";
import type {
  ReadableSocket,
  WritableSocket,
} from "../sockets/send_receive.ts";
import type { Socket } from "../sockets/socket.ts";
import { type SocketType, types } from "./constants.ts";
import { argumentError, asSocketError } from "./socket_error.ts";

/** A socket of the engine; which calls it has depends on its type. */
export type Inner =
  & Socket
  & Partial<Pick<WritableSocket, "send" | "trySend">>
  & Partial<Pick<ReadableSocket, "tryReceive">>;

/**
 * Creates a socket of the engine.
 *
 * @throws {TypeError} The type is unknown.
 * @throws {SocketError} `EMFILE`, `ETERM`.
 */
export function createInner(type: SocketType): Inner {
  if (!Object.hasOwn(types, type)) {
    throw argumentError(`Unknown socket type "${String(type)}"`);
  }
  try {
    return createSocket(types[type]) as Inner;
  } catch (error) {
    throw asSocketError(error);
  }
}
