/**
 * Layer: pipeline/protocol. Connects a socket to an endpoint of a pipeline, which
 * may start later, and whose host name need not resolve yet.
 *
 * @module
 */
import { SocketConnectError } from "../../errors.ts";
import type { SocketManager } from "../../manager/mod.ts";

/**
 * Connects. Every attempt resolves the host name again, so it waits for an
 * unknown host name as it waits for a pipeline that is not running;
 * `sockets.connect` would throw.
 *
 * @returns Resolves at once; the events of the socket report the connection.
 * @throws {SocketConnectError} By rejection, for a malformed address or a missing permission.
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
