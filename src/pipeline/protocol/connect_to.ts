/**
 * Layer: pipeline/protocol. Connects a socket to where a part of a pipeline is, or
 * will be: its host name need not be known yet.
 *
 * @module
 */
import { SocketConnectError } from "../../errors.ts";
import type { SocketManager } from "../../manager/mod.ts";

/**
 * Connects. Every attempt resolves the host name anew, so one that is not known
 * yet is waited for, as is a pipeline that is not there; `sockets.connect` would
 * refuse it.
 *
 * @returns Resolves at once; whether there is a connection, events tell.
 * @throws {SocketConnectError} For a malformed address, or a missing permission; a promise that rejects.
 */
export function connectTo(
  sockets: SocketManager,
  name: string,
  address: string,
): Promise<void> {
  try {
    sockets.getByName(name).connect(address);
    return Promise.resolve();
  } catch (cause) {
    return Promise.reject(
      new SocketConnectError(address, { socketName: name, cause }),
    );
  }
}
