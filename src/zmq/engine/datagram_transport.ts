/**
 * Layer: engine. Turns a transport of datagrams into one that sockets can use:
 * a RADIO connects, a DISH or a DGRAM binds. There is no handshake, so
 * no mechanism, and the socket receives what any program sends to the port.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { protectionOf } from "../options/protection.ts";
import { traitsOf } from "../socket_traits.ts";
import type { DatagramTransport } from "../transport/datagram.ts";
import { DatagramLink } from "./datagram_link.ts";
import type { SocketCore } from "./socket_core.ts";
import type { SocketTransport } from "./socket_transport.ts";

/** A transport of datagrams, for sockets. */
export function overDatagrams(transport: DatagramTransport): SocketTransport {
  const prepare = (
    address: string,
    core: SocketCore,
    use: "bind" | "connect",
  ) => {
    requireUse(address, core, use);
    requireNoSecurity(address, core, use);
    transport.check(address, use);
    return new DatagramLink(core, transport, address, use);
  };
  return {
    name: transport.name,
    carries: "datagrams",
    check: (address, use) => transport.check(address, use),
    binding: (address, core) => prepare(address, core, "bind"),
    connect(address, core) {
      const link = prepare(address, core, "connect");
      transport.permit(address);
      link.start();
      return link;
    },
  };
}

/** @throws {ZmqError} `EINVAL` for a call that the type does not have here; it has the other one. */
function requireUse(
  address: string,
  { type }: SocketCore,
  use: "bind" | "connect",
): void {
  const { datagrams, name } = traitsOf(type);
  const own = datagrams === "send groups" ? "connect" : "bind";
  if (use === own) return;
  throw new ZmqError(
    "EINVAL",
    `Cannot ${use} "${address}": a ${name} can only ${own} to addresses of datagrams`
      .replace("bind to", "bind"),
    { address },
  );
}

/** @throws {ZmqError} `EINVAL` for security options, which would have no effect. */
function requireNoSecurity(
  address: string,
  { options }: SocketCore,
  use: "bind" | "connect",
): void {
  const { mechanism, authenticatesPeers } = protectionOf(
    options,
    use === "bind",
  );
  if (mechanism === null && !authenticatesPeers) return;
  throw new ZmqError(
    "EINVAL",
    `Cannot ${use} "${address}" with security: datagrams have no handshake, so no mechanism protects them, and no peer is authenticated`,
    { address },
  );
}
