/**
 * Layer: engine. The addresses of one socket: what it is bound and connected
 * to, over which transport, and how all of it is closed.
 *
 * @module
 */
import {
  formatTcp,
  isPortNumber,
  splitEndpoint,
  splitTcp,
} from "../endpoint.ts";
import { ZmqError } from "../errors.ts";
import { ipc } from "../transport/ipc.ts";
import { tcp } from "../transport/tcp.ts";
import { type Protection, requireEffect } from "../options/protection.ts";
import { messageLimitOf } from "../options/message_limit.ts";
import type { Transport } from "../transport/wire.ts";
import { traitsOf } from "../socket_traits.ts";
import { Acceptor } from "./acceptor.ts";
import { Admissions } from "./admissions.ts";
import type { Connected } from "./connected.ts";
import { Dialer } from "./dialer.ts";
import type { SocketCore } from "./socket_core.ts";
import { loadSecurity, securityOf } from "./security.ts";
import type { InprocRegistry } from "./inproc.ts";
import { unref } from "../../async/timers.ts";

const TRANSPORTS: ReadonlyMap<string, Transport> = new Map([
  ["tcp", tcp],
  ["ipc", ipc],
]);

/** One socket's bindings and connections. */
export class Endpoints {
  /** The endpoint that was bound or connected last. */
  last: string | null = null;
  /** The peers that have connected. */
  readonly admissions: Admissions;
  readonly #host: SocketCore;
  readonly #inproc: InprocRegistry;
  /** By the real endpoint. */
  readonly #bound: Map<string, Acceptor | "inproc"> = new Map();
  readonly #connected: Map<string, Connected[]> = new Map();
  /** All that may have connections, bound or no longer. */
  readonly #acceptors: Set<Acceptor> = new Set();
  /** All that may have something to send, connected or no longer. */
  readonly #connections: Set<Connected> = new Set();
  /** Of what is being bound. */
  readonly #opening: Set<Protection> = new Set();
  #isClosed = false;

  constructor(host: SocketCore, inproc: InprocRegistry) {
    this.#host = host;
    this.admissions = new Admissions(host.options);
    this.#inproc = inproc;
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#bound.size === 0 && this.#connected.size === 0;
  }

  /** How each address is protected that is bound or connected; `inproc` needs nothing. */
  get protections(): Protection[] {
    const all = [...this.#opening];
    for (const one of this.#bound.values()) {
      if (one !== "inproc") all.push(one.protection);
    }
    for (const made of this.#connected.values()) {
      for (const { protection, isFinished } of made) {
        if (protection !== undefined && !isFinished) all.push(protection);
      }
    }
    return all;
  }

  /** Binds; see `Socket.bind`. */
  async bind(address: string): Promise<void> {
    const isInproc = schemeOf(address) === "inproc";
    requireEffect(this.#host.options);
    if (isInproc) {
      this.#inproc.bind(address, this.#host);
      this.#bound.set(address, "inproc");
      this.last = address;
      return;
    }
    const transport = transportOf(address);
    transport.check(address, "bind", this.#host.options);
    const host = boundWithOptionsOfNow(this.#host, address);
    const security = securityOf(host.options);
    const acceptor = new Acceptor(host, this.admissions);
    this.#opening.add(acceptor.protection);
    try {
      await loadSecurity(security);
      await acceptor.open(transport, address);
    } finally {
      this.#opening.delete(acceptor.protection);
    }
    this.#acceptors.add(acceptor);
    if (this.#isClosed) {
      await acceptor.stop();
      acceptor.destroy();
      throw new ZmqError("EBADF", "The socket was closed", { address });
    }
    this.#bound.set(acceptor.endpoint, acceptor);
    this.last = acceptor.endpoint;
  }

  /** Connects; see `Socket.connect`. */
  connect(address: string, routingId?: Uint8Array): void {
    const made = (this.#connected.get(address) ?? [])
      .filter(({ isFinished }) => !isFinished);
    if (made.length > 0 && traitsOf(this.#host.type).connectsOnce) return;
    const one = this.#make(address, routingId);
    this.#connections.add(one);
    void one.finish().then(() => this.#connections.delete(one));
    this.#connected.set(address, [...made, one]);
    this.last = address;
  }

  /**
   * Ends what is bound or connected at an address. As with libzmq, either call
   * ends either; each looks first for what it is named after.
   *
   * @returns Resolves once a bound address is free, or a connection is gone.
   * @throws {ZmqError} `ENOENT` if there is nothing, `EINVAL` or
   *   `EPROTONOSUPPORT` if there cannot be.
   */
  end(address: string, call: "unbind" | "disconnect"): Promise<void> {
    const isBound = this.#findBound(address) !== undefined;
    const isConnected = this.#connected.has(address);
    if (isBound && (call === "unbind" || !isConnected)) {
      return this.#unbind(address);
    }
    if (isConnected) return this.#disconnect(address);
    if (schemeOf(address) !== "inproc") {
      const use = call === "unbind" ? "bind" : "connect";
      transportOf(address).check(address, use, this.#host.options);
    }
    throw new ZmqError(
      "ENOENT",
      `Cannot ${call} "${address}": the socket is neither bound nor connected there`,
      { address },
    );
  }

  /**
   * Frees all addresses at once, then lets what was sent leave.
   *
   * @param lingerMs For how long; -1 for ever.
   */
  async close(lingerMs: number): Promise<void> {
    this.#isClosed = true;
    for (const [address, bound] of this.#bound) {
      if (bound === "inproc") this.#inproc.unbind(address, this.#host);
    }
    this.#bound.clear();
    const stops = [...this.#acceptors].map((acceptor) => acceptor.stop());
    const all = [...this.#acceptors, ...this.#connections];
    if (lingerMs === 0) { for (const one of all) one.destroy(); }
    for (const one of this.#acceptors) one.closePipes();
    for (const one of this.#connections) one.closePipe();
    await Promise.all([...stops, finishWithin(all, lingerMs)]);
  }

  #make(address: string, routingId: Uint8Array | undefined): Connected {
    const isInproc = schemeOf(address) === "inproc";
    requireEffect(this.#host.options);
    if (isInproc) {
      return this.#inproc.connect(address, this.#host, routingId);
    }
    const transport = transportOf(address);
    transport.check(address, "connect", this.#host.options);
    transport.permit(address, this.#host.options);
    const host = withOptionsOfNow(this.#host);
    securityOf(host.options); // a missing key is told at once
    return new Dialer(host, transport, address, routingId);
  }

  #unbind(address: string): Promise<void> {
    const bound = this.#findBound(address)!;
    if (bound === "inproc") {
      this.#bound.delete(address);
      this.#inproc.unbind(address, this.#host);
      return Promise.resolve();
    }
    this.#bound.delete(bound.endpoint);
    const stopped = bound.stop();
    const lingerMs = this.#host.options.linger;
    if (lingerMs === 0) bound.destroy();
    else bound.drain();
    void finishWithin([bound], lingerMs)
      .then(() => this.#acceptors.delete(bound));
    return stopped;
  }

  async #disconnect(address: string): Promise<void> {
    const made = this.#connected.get(address)!;
    this.#connected.delete(address);
    this.#host.failures.clear(address);
    await Promise.all(made.map((one) => {
      one.disconnect();
      return one.finish();
    }));
  }

  /** By the real endpoint, or by what `bind` was given; of several, the newest. */
  #findBound(address: string): Acceptor | "inproc" | undefined {
    const bound = this.#bound.get(address);
    if (bound !== undefined || address === "") return bound;
    const same = [...this.#bound.values()].reverse().find((one) =>
      one !== "inproc" && one.given === address
    );
    return same ?? this.#findWildcard(address);
  }

  /** The user may say `tcp://*:5555` for what is bound as `tcp://0.0.0.0:5555`. */
  #findWildcard(address: string): Acceptor | undefined {
    const { host: all, port } = splitTcp(address)?.target ?? {};
    if (all !== "*" || !isPortNumber(port)) return undefined;
    for (const host of ["0.0.0.0", "::"]) {
      const bound = this.#bound.get(formatTcp(host, port));
      if (bound instanceof Acceptor) return bound;
    }
    return undefined;
  }
}

/** Resolves once nothing is left of all of them; after the time to linger they are closed at once. */
async function finishWithin(
  all: readonly (Acceptor | Connected)[],
  lingerMs: number,
): Promise<void> {
  const timer = lingerMs > 0
    ? setTimeout(() => all.forEach((one) => one.destroy()), lingerMs)
    : undefined;
  unref(timer);
  await Promise.all(all.map((one) => one.finish()));
  clearTimeout(timer);
}

/** As in libzmq, options that change later count for later addresses only. */
function withOptionsOfNow(host: SocketCore): SocketCore {
  return { ...host, options: { ...host.options } };
}

/** The same for an address to bind. */
function boundWithOptionsOfNow(core: SocketCore, address: string): SocketCore {
  const maxMessageSize = messageLimitOf(core.options, address);
  return { ...core, options: { ...core.options, maxMessageSize } };
}

function schemeOf(address: string): string {
  const parts = typeof address === "string"
    ? splitEndpoint(address)
    : undefined;
  if (parts === undefined) {
    throw new ZmqError(
      "EINVAL",
      `Malformed address "${address}": expected transport://endpoint`,
      { address: String(address) },
    );
  }
  return parts.transport;
}

function transportOf(address: string): Transport {
  const scheme = schemeOf(address);
  const transport = TRANSPORTS.get(scheme);
  if (transport !== undefined) return transport;
  throw new ZmqError(
    "EPROTONOSUPPORT",
    `Unsupported transport "${scheme}" in "${address}": expected tcp, ipc or inproc`,
    { address },
  );
}
