/**
 * Layer: v5. The engine's socket beneath a socket of v5, of whatever type.
 *
 * @module
 */
import { createSocket } from "../sockets/create.ts";
import type { ReadableSocket, WritableSocket } from "../sockets/flow.ts";
import type { Socket } from "../sockets/socket.ts";
import { type SocketType, types } from "./constants.ts";
import { argumentError, asSocketError } from "./errors.ts";

/** A socket of the engine; which calls it has depends on its type. */
export type Inner =
  & Socket
  & Partial<Pick<WritableSocket, "send" | "trySend">>
  & Partial<Pick<ReadableSocket, "tryReceive">>;

/**
 * Creates a socket of the engine.
 *
 * @throws {TypeError} There is no such type.
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
