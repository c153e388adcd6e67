/**
 * Layer: engine. Datagrams, which a browser does not have: no transport of them is
 * registered there.
 *
 * @module
 */
import type { DatagramTransport } from "../transport/datagram.ts";
import type { SocketTransport } from "./socket_transport.ts";

/** Is not called. */
export function overDatagrams({ name }: DatagramTransport): SocketTransport {
  throw new TypeError(
    `A browser has no transport of datagrams, such as ${name}`,
  );
}
