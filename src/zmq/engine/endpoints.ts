/**
 * Layer: engine. The addresses of one socket: its bindings and connections,
 * their transports, and how all of them are closed.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { type Protection, requireEffect } from "../options/protection.ts";
import { SmallMap } from "../routing/small_map.ts";
import { traitsOf } from "../socket_traits.ts";
import { ConnectionLimits } from "../transport/connection_limits.ts";
import type { Connected } from "./connected.ts";
import type { SocketCore } from "./socket_core.ts";
import type { Bound, SocketTransport } from "./socket_transport.ts";
import {
  requireCarrier,
  transportFor,
  transportNameOf,
} from "./find_transport.ts";
import { unref } from "../../async/timers.ts";

/** What only a socket that binds has: these took 456 bytes of each that connects (V8). */
interface Bindings {
  /** By the real endpoint. */
  readonly bound: Map<string, Bound>;
  /** All that may have connections, bound or no longer. */
  readonly all: Set<Bound>;
  /** What is being bound. */
  readonly opening: Set<Bound>;
}

/** One socket's bindings and connections. */
export class SocketEndpoints {
  /** The endpoint that was bound or connected last. */
  last: string | null = null;
  #connectionLimits: ConnectionLimits | undefined;
  readonly #core: SocketCore;
  /** The transports of the socket's context. */
  readonly #transports: readonly SocketTransport[];
  #bindings: Bindings | undefined;
  readonly #connected: SmallMap<string, Connected[]> = new SmallMap();
  /** What was disconnected, and may still have something to send. */
  #leaving: Set<Connected> | undefined;
  #isClosed = false;

  /** @param transports The transports of the socket's context. */
  constructor(core: SocketCore, transports: readonly SocketTransport[]) {
    this.#core = core;
    this.#transports = transports;
  }

  /** The peers that have connected. A socket that only connects has none of the maps. */
  get connectionLimits(): ConnectionLimits {
    return this.#connectionLimits ??= new ConnectionLimits(this.#core.options);
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return (this.#bindings?.bound.size ?? 0) === 0 &&
      this.#connected.size === 0;
  }

  /** How each bound or connected address with a handshake is protected. */
  get protections(): Protection[] {
    const { opening = [], bound } = this.#bindings ?? {};
    const made = this.#connected.values().flat()
      .filter(({ isFinished }) => !isFinished);
    return [...opening, ...bound?.values() ?? [], ...made]
      .flatMap(({ protection }) => protection ?? []);
  }

  /** Binds; see `Socket.bind`. If the transport can, it binds synchronously. */
  async bind(address: string): Promise<void> {
    const bound = this.#transportFor(address)
      .binding(address, this.#core, this.connectionLimits);
    const opened = bound.open();
    const bindings = this.#bindings ??= {
      bound: new Map(),
      all: new Set(),
      opening: new Set(),
    };
    if (opened !== undefined) await this.#opened(bound, opened, bindings);
    bindings.all.add(bound);
    bindings.bound.set(bound.endpoint, bound);
    this.last = bound.endpoint;
  }

  /** @throws {ZmqError} `EBADF` if the socket was closed meanwhile. */
  async #opened(
    bound: Bound,
    opened: Promise<void>,
    { opening }: Bindings,
  ): Promise<void> {
    opening.add(bound);
    try {
      await opened;
    } finally {
      opening.delete(bound);
    }
    if (!this.#isClosed) return;
    await bound.stop();
    bound.destroy();
    throw new ZmqError("EBADF", "The socket was closed", {
      address: bound.given,
    });
  }

  /** Connects; see `Socket.connect`. */
  connect(address: string, routingId?: Uint8Array): void {
    const made = (this.#connected.get(address) ?? [])
      .filter(({ isFinished }) => !isFinished);
    if (made.length > 0 && traitsOf(this.#core.type).connectsOnce) return;
    const one = this.#transportFor(address)
      .connect(address, this.#core, routingId);
    this.#connected.set(address, made.concat(one));
    this.last = address;
  }

  /**
   * Ends the binding or the connection of an address. As in libzmq, both calls
   * end both kinds; each first looks for the kind that it is named after.
   *
   * @returns Resolves once a bound address is free, or a connection is gone.
   * @throws {ZmqError} `ENOENT` if there is none, `EINVAL` or `EPROTONOSUPPORT`
   *   for a malformed address.
   */
  end(address: string, call: "unbind" | "disconnect"): Promise<void> {
    const bound = this.#findBound(address);
    const isConnected = this.#connected.has(address);
    if (bound !== undefined && (call === "unbind" || !isConnected)) {
      return this.#unbind(bound);
    }
    if (isConnected) return this.#disconnect(address);
    const use = call === "unbind" ? "bind" : "connect";
    transportFor(address, this.#transports)
      .check(address, use, this.#core.options);
    throw new ZmqError(
      "ENOENT",
      `Cannot ${call} "${address}": the socket is neither bound nor connected there`,
      { address },
    );
  }

  /**
   * Frees all addresses at once, then delivers what was sent.
   *
   * @param lingerMs For how long; -1 for ever.
   */
  async close(lingerMs: number): Promise<void> {
    this.#isClosed = true;
    const bindings = [...this.#bindings?.all ?? []];
    const connections = [
      ...this.#connected.values().flat(),
      ...this.#leaving ?? [],
    ];
    this.#bindings?.bound.clear();
    const stops = bindings.map((one) => one.stop());
    const all = [...bindings, ...connections];
    if (lingerMs === 0) { for (const one of all) one.destroy(); }
    for (const one of bindings) one.closePipes();
    for (const one of connections) one.closePipe();
    await Promise.all([...stops, finishWithin(all, lingerMs)]);
  }

  /** @throws {ZmqError} `EINVAL`, `EPROTONOSUPPORT`. */
  #transportFor(address: string): SocketTransport {
    const { options, type } = this.#core;
    transportNameOf(address); // a malformed address is reported first
    requireEffect(options);
    const transport = transportFor(address, this.#transports);
    requireCarrier(type, transport, address);
    return transport;
  }

  #unbind(bound: Bound): Promise<void> {
    const bindings = this.#bindings!;
    bindings.bound.delete(bound.endpoint);
    const stopped = bound.stop();
    const lingerMs = this.#core.options.linger;
    if (lingerMs === 0) bound.destroy();
    else bound.drain();
    void finishWithin([bound], lingerMs)
      .then(() => bindings.all.delete(bound));
    return stopped;
  }

  async #disconnect(address: string): Promise<void> {
    const made = this.#connected.get(address)!;
    this.#connected.delete(address);
    this.#core.failures.clear(address);
    const leaving = this.#leaving ??= new Set();
    await Promise.all(made.map(async (one) => {
      leaving.add(one);
      one.disconnect();
      await one.finish();
      leaving.delete(one);
    }));
  }

  /** By the actual endpoint; or by the argument of `bind`, the newest of several; or by another spelling. */
  #findBound(address: string): Bound | undefined {
    const bindings = this.#bindings?.bound;
    const bound = bindings?.get(address);
    if (bound !== undefined || address === "") return bound;
    const all = [...bindings?.values() ?? []];
    return all.findLast((one) => one.given === address) ??
      all.find((one) => one.isAt(address));
  }
}

/** Resolves once nothing is left of all of them; after `lingerMs` they are closed at once. */
async function finishWithin(
  all: readonly (Bound | Connected)[],
  lingerMs: number,
): Promise<void> {
  const timer = lingerMs > 0
    ? setTimeout(() => all.forEach((one) => one.destroy()), lingerMs)
    : undefined;
  unref(timer);
  await Promise.all(all.map((one) => one.finish()));
  clearTimeout(timer);
}
