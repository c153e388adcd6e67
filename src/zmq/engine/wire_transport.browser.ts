/**
 * Layer: engine. Sessions over wires, in a browser: it accepts no connections.
 *
 * @module
 */
import { copyOfOptions } from "../options/check.ts";
import type { Transport } from "../transport/wire.ts";
import { Dialer } from "./dialer.ts";
import { securityOf } from "./security_options.ts";
import type { SocketTransport } from "./socket_transport.ts";

/** A transport of bytes, for sockets. Its check refuses to bind. */
export function overWires(transport: Transport): SocketTransport {
  return {
    name: transport.name,
    carries: transport.carries ?? "bytes",
    check: (address, use, options) => transport.check(address, use, options),
    binding(address, core) {
      transport.check(address, "bind", core.options);
      throw new TypeError(`The transport ${transport.name} cannot bind`);
    },
    connect(address, core, routingId) {
      transport.check(address, "connect", core.options);
      const own = { ...core, options: copyOfOptions(core.options) };
      securityOf(own.options); // throws at once for a key that is missing
      return new Dialer(own, transport, address, routingId);
    },
  };
}
