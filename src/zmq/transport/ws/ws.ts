/**
 * Layer: transport. `ws://host:port/path`, and `wss://` with TLS: ZeroMQ over
 * WebSocket (RFC 45), on TCP as `tcp.ts` has it. WebSocket itself is loaded with
 * the first connection.
 *
 * @module
 */
import { formatHostPort, splitWebSocket, transportOf } from "../../endpoint.ts";
import { permitTcp } from "../tcp.ts";
import type { Listener, Transport, Wire, WireOptions } from "../wire.ts";
import { refuseTls, requireTls } from "./tls.ts";
import { malformed, parse } from "./ws_address.ts";

/** WebSocket. */
export const ws: Transport = webSocket("ws");

/** WebSocket over TLS. */
export const wss: Transport = webSocket("wss");

function webSocket(name: "ws" | "wss"): Transport {
  return {
    name,
    carries: "frames",
    isAvailable: true,
    check(address, use, options) {
      checkAddress(address, use);
      if (name === "wss") requireTls(address, use, options);
      else refuseTls(address, options);
    },
    permit(address, options) {
      permitTcp(address, parse(address).target, options);
    },
    connect,
    listen,
    isSame,
  };
}

function checkAddress(address: string, use: "bind" | "connect"): void {
  const { target, path } = parse(address);
  if (use === "connect" && (target.host === "*" || target.port === 0)) {
    throw malformed(address, "connecting needs a host and a port");
  }
  if (use === "bind" && path.includes("?")) {
    throw malformed(address, "a bound path has no query");
  }
}

async function connect(
  address: string,
  options: WireOptions,
  signal: AbortSignal,
): Promise<Wire> {
  const { connectWs } = await import("./ws_connections.ts");
  return await connectWs(address, options, signal);
}

async function listen(
  address: string,
  options: WireOptions,
  onWire: (wire: Wire) => void,
  onError: (error: Error) => void,
): Promise<Listener> {
  const { listenWs } = await import("./ws_ports.ts");
  return await listenWs(address, options, onWire, onError);
}

/** An address bound as `ws://*:5555` has the endpoint `ws://0.0.0.0:5555`, or that of IPv6. */
function isSame(address: string, endpoint: string): boolean {
  const { target, path } = splitWebSocket(address) ?? {};
  if (target?.host !== "*") return false;
  const scheme = transportOf(address);
  return ["0.0.0.0", "::"].some((host) =>
    endpoint === `${scheme}://${formatHostPort(host, target.port)}${path}`
  );
}
