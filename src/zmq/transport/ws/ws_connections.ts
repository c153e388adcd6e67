/**
 * Layer: transport. Connects and listens with WebSocket.
 *
 * WebSocket is spoken here and not by the runtime: `ZWS2.0/NULL` is no
 * subprotocol that the clients of the runtimes can offer, nor one that all of
 * their servers accept, and none of them can both hold back a peer and reject a
 * message by its header.
 *
 * @module
 */
import { timerMs, unref } from "../../../async/timers.ts";
import { formatHostPort, splitTcp, transportOf } from "../../endpoint.ts";
import { ZmqError } from "../../errors.ts";
import { dialTcp, listenTcp } from "../tcp.ts";
import type { Listener, Wire, WireOptions } from "../wire.ts";
import { isOwnOrigin } from "./origin.ts";
import { BARE, type Subprotocol, subprotocolsOf } from "./subprotocol.ts";
import { connectTls, serverTls } from "./tls.ts";
import { ClientUpgrade, ServerUpgrade, UpgradeError } from "./upgrade.ts";
import { parse } from "./ws_address.ts";
import { WsWire } from "./ws_wire.ts";

/**
 * The options of addresses whose servers agree on NULL, but speak without a
 * mechanism: from the second attempt on, only that is offered. Each address has
 * an object of its own.
 */
const bareServers = new WeakSet<WireOptions>();

function isBare({ name }: Subprotocol): boolean {
  return name === BARE;
}

/** Connects to an address, and makes the upgrade. */
export async function connectWs(
  address: string,
  options: WireOptions,
  signal: AbortSignal,
): Promise<Wire> {
  const all = subprotocolsOf(options, false);
  const offers = bareServers.has(options) ? all.filter(isBare) : all;
  try {
    return await dial(address, offers, options, signal).catch(
      (error: unknown) => {
        // Some servers refuse any name with a slash.
        const bare = offers.filter(isBare);
        const isRefused = error instanceof UpgradeError && error.status === 400;
        if (!isRefused || bare.length === 0) throw error;
        return dial(address, bare, options, signal);
      },
    );
  } catch (error) {
    if (signal.aborted || !(error instanceof UpgradeError)) throw error;
    throw new ZmqError(
      error.code,
      `Cannot connect to "${address}": ${error.message}`,
      { address, cause: error },
    );
  }
}

/** Makes one attempt, with these subprotocols. */
async function dial(
  address: string,
  offers: readonly Subprotocol[],
  options: WireOptions,
  signal: AbortSignal,
): Promise<Wire> {
  const { target, path } = parse(address);
  const limitMs = options.handshakeInterval;
  const inner = await dialTcp(
    address,
    undefined,
    target,
    options,
    signal,
    isEncrypted(address)
      ? (socket) =>
        within(
          address,
          limitMs,
          signal,
          (signal) => connectTls(address, target.host, socket, options, signal),
        )
      : undefined,
  );
  const host = formatHostPort(target.host, target.port);
  const wire = new WsWire(inner, {
    isServer: false,
    upgrade: new ClientUpgrade(host, path || "/", offers),
    options,
    onRoutingId: () => bareServers.add(options),
    remoteAddress: webSocketAddress(address, inner.remoteAddress),
  });
  await within(address, limitMs, signal, (signal) => wire.open(signal));
  return wire;
}

/** Runs a part of a handshake with the server within a time limit; 0 for none. */
async function within<T>(
  address: string,
  limitMs: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = limitMs <= 0 ? undefined : setTimeout(() => {
    const text =
      `Cannot connect to "${address}": the server has not answered within ${limitMs} ms`;
    limit.abort(new ZmqError("ETIMEDOUT", text, { address }));
  }, timerMs(limitMs));
  unref(timer);
  try {
    return await run(AbortSignal.any([signal, limit.signal]));
  } finally {
    clearTimeout(timer);
  }
}

function isEncrypted(address: string): boolean {
  return transportOf(address) === "wss";
}

/** Listens at an address. */
export async function listenWs(
  address: string,
  options: WireOptions,
  onWire: (wire: Wire) => void,
  onError: (error: Error) => void,
): Promise<Listener> {
  const { target, path } = parse(address);
  const rules = {
    path,
    subprotocols: subprotocolsOf(options, true),
    allows: (origin: string) =>
      options.wsOrigins.includes("*") || options.wsOrigins.includes(origin) ||
      isOwnOrigin(origin, target.host),
  };
  const listener = await listenTcp(
    address,
    target,
    options,
    (inner) => {
      onWire(
        new WsWire(inner, {
          isServer: true,
          upgrade: new ServerUpgrade(rules),
          options,
          remoteAddress: webSocketAddress(address, inner.remoteAddress),
        }),
      );
    },
    onError,
    isEncrypted(address) ? serverTls(options) : undefined,
  );
  return {
    endpoint: webSocketAddress(address, listener.endpoint) + path,
    close: () => listener.close(),
  };
}

/** The address of TCP, as one of the same transport as another. */
function webSocketAddress(given: string, address: string): string {
  const { host = "", port } = splitTcp(address)?.target ?? {};
  return `${transportOf(given)}://${formatHostPort(host, port)}`;
}
