/**
 * Layer: engine. Sessions over wires: turns a transport of bytes into one that
 * sockets can use.
 *
 * @module
 */
import { copyOfOptions } from "../options/check.ts";
import { messageLimitOf } from "../options/message_limit.ts";
import type { StoredOptions } from "../options/values.ts";
import type { Transport } from "../transport/wire.ts";
import { Acceptor } from "./acceptor.ts";
import { Dialer } from "./dialer.ts";
import { securityOf } from "./security_options.ts";
import type { SocketCore } from "./socket_core.ts";
import type { SocketTransport } from "./socket_transport.ts";

/** A transport of bytes, for sockets. */
export function overWires(transport: Transport): SocketTransport {
  return {
    name: transport.name,
    carries: transport.carries ?? "bytes",
    check: (address, use, options) => transport.check(address, use, options),
    binding(address, core, connectionLimits) {
      transport.check(address, "bind", core.options);
      const own = withOptionsOfNow(core);
      own.options.maxMessageSize = messageLimitOf(core.options, address);
      return new Acceptor(own, connectionLimits, transport, address);
    },
    connect(address, core, routingId) {
      transport.check(address, "connect", core.options);
      transport.permit(address, core.options);
      const own = withOptionsOfNow(core);
      return new Dialer(own, transport, address, routingId);
    },
  };
}

/** A socket with a copy of its options, which do not change any more. */
interface OwnCore extends SocketCore {
  readonly options: StoredOptions;
}

/**
 * As in libzmq, options that change later apply to later addresses only.
 *
 * @throws {ZmqError} `EINVAL` at once for a key that is missing.
 */
function withOptionsOfNow(core: SocketCore): OwnCore {
  const own = { ...core, options: copyOfOptions(core.options) };
  securityOf(own.options);
  return own;
}
