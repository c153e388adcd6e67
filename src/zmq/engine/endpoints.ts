/**
 * Layer: engine. The addresses of one socket: its bindings and connections,
 * their transports, and how all of them are closed.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { type Protection, requireEffect } from "../options/protection.ts";
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

/** One socket's bindings and connections. */
export class SocketEndpoints {
  /** The endpoint that was bound or connected last. */
  last: string | null = null;
  #connectionLimits: ConnectionLimits | undefined;
  readonly #core: SocketCore;
  /** The transports of the socket's context. */
  readonly #transports: readonly SocketTransport[];
  /** By the real endpoint. */
  readonly #bound: Map<string, Bound> = new Map();
  readonly #connected: Map<string, Connected[]> = new Map();
  /** All that may have connections, bound or no longer. */
  readonly #bindings: Set<Bound> = new Set();
  /** All that may have something to send, connected or no longer. */
  readonly #connections: Set<Connected> = new Set();
  /** What is being bound. */
  readonly #opening: Set<Bound> = new Set();
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
    return this.#bound.size === 0 && this.#connected.size === 0;
  }

  /** How each bound or connected address with a handshake is protected. */
  get protections(): Protection[] {
    const made = [...this.#connected.values()].flat()
      .filter(({ isFinished }) => !isFinished);
    return [...this.#opening, ...this.#bound.values(), ...made]
      .flatMap(({ protection }) => protection ?? []);
  }

  /** Binds; see `Socket.bind`. If the transport can, it binds synchronously. */
  async bind(address: string): Promise<void> {
    const bound = this.#transportFor(address)
      .binding(address, this.#core, this.connectionLimits);
    const opened = bound.open();
    if (opened !== undefined) await this.#opened(bound, opened);
    this.#bindings.add(bound);
    this.#bound.set(bound.endpoint, bound);
    this.last = bound.endpoint;
  }

  /** @throws {ZmqError} `EBADF` if the socket was closed meanwhile. */
  async #opened(bound: Bound, opened: Promise<void>): Promise<void> {
    this.#opening.add(bound);
    try {
      await opened;
    } finally {
      this.#opening.delete(bound);
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
    this.#connections.add(one);
    void one.finish().then(() => this.#connections.delete(one));
    this.#connected.set(address, [...made, one]);
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
    this.#bound.clear();
    const stops = [...this.#bindings].map((one) => one.stop());
    const all = [...this.#bindings, ...this.#connections];
    if (lingerMs === 0) { for (const one of all) one.destroy(); }
    for (const one of this.#bindings) one.closePipes();
    for (const one of this.#connections) one.closePipe();
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
    this.#bound.delete(bound.endpoint);
    const stopped = bound.stop();
    const lingerMs = this.#core.options.linger;
    if (lingerMs === 0) bound.destroy();
    else bound.drain();
    void finishWithin([bound], lingerMs)
      .then(() => this.#bindings.delete(bound));
    return stopped;
  }

  async #disconnect(address: string): Promise<void> {
    const made = this.#connected.get(address)!;
    this.#connected.delete(address);
    this.#core.failures.clear(address);
    await Promise.all(made.map((one) => {
      one.disconnect();
      return one.finish();
    }));
  }

  /** By the actual endpoint; or by the argument of `bind`, the newest of several; or by another spelling. */
  #findBound(address: string): Bound | undefined {
    const bound = this.#bound.get(address);
    if (bound !== undefined || address === "") return bound;
    const all = [...this.#bound.values()];
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
