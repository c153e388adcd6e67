/**
 * Layer: transport. The ports of this process at which WebSockets are accepted,
 * and binding to a path of one.
 *
 * @module
 */
import { formatHostPort, transportOf } from "../../endpoint.ts";
import { listenTcp } from "../tcp.ts";
import type { Listener, Wire, WireOptions } from "../wire.ts";
import { isOwnOrigin } from "./origin.ts";
import { subprotocolsOf } from "./subprotocol.ts";
import { serverTls } from "./tls.ts";
import { isEncrypted, parse, webSocketAddress } from "./ws_address.ts";
import { WsPort } from "./ws_port.ts";

/** The ports that are bound, by their addresses as written, and as they are. */
const ports: Map<string, Promise<WsPort>> = new Map();

/** Listens at an address, on a port that this process has, or on a new one. */
export async function listenWs(
  address: string,
  options: WireOptions,
  onWire: (wire: Wire) => void,
  onError: (error: Error) => void,
): Promise<Listener> {
  const { target, path } = parse(address);
  const port = await portOf(address, options, onError);
  return port.bind({
    path,
    options,
    subprotocols: subprotocolsOf(options, true),
    allows: (origin: string) =>
      options.wsOrigins.includes("*") || options.wsOrigins.includes(origin) ||
      isOwnOrigin(origin, target.host),
    onWire,
    onError,
  });
}

async function portOf(
  address: string,
  options: WireOptions,
  onError: (error: Error) => void,
): Promise<WsPort> {
  const { target: { host, port } } = parse(address);
  const any = options.ipv6 ? "::" : "0.0.0.0";
  const key = keyOf(address, host === "*" ? any : host, port);
  const existing = ports.get(key);
  if (existing === undefined) {
    return await openPort(address, key, options, onError);
  }
  const found = await existing;
  return found.isClosed ? await portOf(address, options, onError) : found;
}

async function openPort(
  address: string,
  key: string,
  options: WireOptions,
  onError: (error: Error) => void,
): Promise<WsPort> {
  const { target } = parse(address);
  let port: WsPort | undefined;
  const listening = listenTcp(
    address,
    target,
    options,
    (inner) =>
      port?.accept(inner, webSocketAddress(address, inner.remoteAddress)),
    (error) => port === undefined ? onError(error) : port.report(error),
    isEncrypted(address) ? serverTls(address, options) : undefined,
  );
  const opened = listening.then((listener) => {
    const endpoint = webSocketAddress(address, listener.endpoint);
    const keys = [endpoint, ...target.port === 0 ? [] : [key]];
    const close = () => {
      for (const one of keys) ports.delete(one);
      return listener.close();
    };
    for (const one of keys) ports.set(one, opened);
    return port = new WsPort(endpoint, options, { close });
  });
  if (target.port === 0) return await opened;
  ports.set(key, opened);
  try {
    return await opened;
  } catch (error) {
    ports.delete(key);
    throw error;
  }
}

/** The addresses of a port that listens at a host; at all hosts, there are two. */
export function keysOf(scheme: string, host: string, port: number): string[] {
  const isAny = host === "::" || host === "0.0.0.0" || host === "*";
  const hosts = isAny ? ["::", "0.0.0.0"] : [host];
  return hosts.map((one) => `${scheme}://${formatHostPort(one, port)}`);
}

/** Adds a port that is not this engine's own. @returns Removes it again. */
export function addPort(keys: readonly string[], port: WsPort): () => void {
  const added = Promise.resolve(port);
  for (const key of keys) ports.set(key, added);
  return () => {
    for (const key of keys) {
      if (ports.get(key) === added) ports.delete(key);
    }
  };
}

function keyOf(given: string, host: string, port: number): string {
  return `${transportOf(given)}://${formatHostPort(host, port)}`;
}
