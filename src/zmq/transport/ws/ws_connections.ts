/**
 * Layer: transport. Connects with WebSocket.
 *
 * WebSocket is spoken here and not by the runtime: `ZWS2.0/NULL` is no
 * subprotocol that the clients of the runtimes can offer, nor one that all of
 * their servers accept, and none of them can both hold back a peer and reject a
 * message by its header.
 *
 * @module
 */
import { timerMs, unref } from "../../../async/timers.ts";
import { formatHostPort } from "../../endpoint.ts";
import { ZmqError } from "../../errors.ts";
import { dialTcp } from "../tcp.ts";
import type { Wire, WireOptions } from "../wire.ts";
import {
  isBare,
  rememberDialect,
  type Subprotocol,
  subprotocolsOf,
} from "./subprotocol.ts";
import { connectTls } from "./tls.ts";
import { ClientUpgrade, UpgradeError } from "./upgrade.ts";
import { isEncrypted, parse, webSocketAddress } from "./ws_address.ts";
import { WsWire } from "./ws_wire.ts";

/** Connects to an address, and makes the upgrade. */
export async function connectWs(
  address: string,
  options: WireOptions,
  signal: AbortSignal,
): Promise<Wire> {
  // A server of the bare name has not said that it knows PLAIN: without a
  // mechanism, it would take the password for a routing id.
  const offers = subprotocolsOf(options, false)
    .filter((one) => one.mechanism !== "PLAIN" || !isBare(one));
  try {
    return await dial(address, offers, options, signal).catch(
      (error: unknown) => {
        // Some servers refuse any name with a slash.
        const bare = offers.filter(isBare);
        const isRefused = error instanceof UpgradeError && error.status === 400;
        const isAnother = bare.length > 0 && bare.length < offers.length;
        if (!isRefused || !isAnother) throw error;
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
    upgrade: new ClientUpgrade(host, path || "/", offers, options),
    onOtherDialect: (dialect) => rememberDialect(options, dialect),
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
