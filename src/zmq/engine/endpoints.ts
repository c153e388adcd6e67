/**
 * Layer: engine. The addresses of one socket: what it is bound and connected
 * to, over which transport, and how all of it is closed.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import type { Pipe } from "../routing/pipe.ts";
import { ipc } from "../transport/ipc.ts";
import { tcp } from "../transport/tcp.ts";
import type { Transport } from "../transport/wire.ts";
import { DEALER, PUB, REQ, type SocketType, SUB } from "../types.ts";
import { Acceptor } from "./acceptor.ts";
import { Dialer } from "./dialer.ts";
import { unref } from "./heartbeat.ts";
import type { Host } from "./host.ts";
import { loadSecurity, securityOf } from "./security.ts";
import type { InprocRegistry } from "./inproc.ts";

const TRANSPORTS: ReadonlyMap<string, Transport> = new Map([
  ["tcp", tcp],
  ["ipc", ipc],
]);

/** libzmq: these take a second connect to the same address as done. */
const CONNECT_ONCE: ReadonlySet<SocketType> = new Set([DEALER, SUB, PUB, REQ]);

/** One socket's bindings and connections. */
export class Endpoints {
  /** The endpoint that was bound or connected last. */
  last: string | null = null;
  readonly #host: Host;
  readonly #inproc: InprocRegistry;
  readonly #bound: Map<string, Acceptor | "inproc"> = new Map();
  readonly #connected: Map<string, (Dialer | Pipe)[]> = new Map();
  /** All that may have connections, bound or connected or no longer. */
  readonly #acceptors: Set<Acceptor> = new Set();
  readonly #dialers: Set<Dialer> = new Set();
  #isClosed = false;

  constructor(host: Host, inproc: InprocRegistry) {
    this.#host = host;
    this.#inproc = inproc;
  }

  /** Binds; see `Socket.bind`. */
  async bind(address: string): Promise<void> {
    if (schemeOf(address) === "inproc") {
      this.#inproc.bind(address, this.#host);
      this.#bound.set(address, "inproc");
      this.last = address;
      return;
    }
    const transport = transportOf(address);
    transport.check(address, "bind", this.#host.options);
    const host = withOptionsOfNow(this.#host);
    await loadSecurity(securityOf(host.options));
    const acceptor = new Acceptor(host);
    await acceptor.open(transport, address);
    this.#acceptors.add(acceptor);
    if (this.#isClosed) {
      await acceptor.stop();
      acceptor.destroy();
      throw new ZmqError("EBADF", "The socket was closed", { address });
    }
    this.#bound.set(acceptor.endpoint, acceptor);
    this.last = acceptor.endpoint;
  }

  /** Unbinds; see `Socket.unbind`. */
  unbind(address: string): Promise<void> {
    const bound = this.#bound.get(address) ??
      (address === "" ? undefined : this.#findWildcard(address));
    if (bound === undefined) throw unknown("unbind", address);
    if (bound === "inproc") {
      this.#bound.delete(address);
      this.#inproc.unbind(address, this.#host);
      return Promise.resolve();
    }
    this.#bound.delete(bound.endpoint);
    void bound.finish().then(() => this.#acceptors.delete(bound));
    return bound.stop();
  }

  /** Connects; see `Socket.connect`. */
  connect(address: string, routingId?: Uint8Array): void {
    const made = (this.#connected.get(address) ?? []).filter(isAlive);
    if (made.length > 0 && CONNECT_ONCE.has(this.#host.type)) return;
    if (schemeOf(address) === "inproc") {
      made.push(this.#inproc.connect(address, this.#host, routingId));
    } else {
      const transport = transportOf(address);
      transport.check(address, "connect", this.#host.options);
      const host = withOptionsOfNow(this.#host);
      securityOf(host.options); // a missing key is told at once
      const dialer = new Dialer(host, transport, address, routingId);
      this.#dialers.add(dialer);
      void dialer.finish().then(() => this.#dialers.delete(dialer));
      made.push(dialer);
    }
    this.#connected.set(address, made);
    this.last = address;
  }

  /** Disconnects; see `Socket.disconnect`. */
  async disconnect(address: string): Promise<void> {
    const made = this.#connected.get(address);
    this.#connected.delete(address);
    await Promise.all(made!.map((one) => {
      if (!(one instanceof Dialer)) return this.#host.release(one);
      one.disconnect();
      return one.finish();
    }));
  }

  /** Throws unless the socket is connected to the address. */
  requireConnected(address: string): void {
    if (!this.#connected.has(address)) throw unknown("disconnect", address);
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
    const all = [...this.#acceptors, ...this.#dialers];
    if (lingerMs === 0) { for (const one of all) one.destroy(); }
    for (const one of this.#acceptors) one.closePipes();
    for (const one of this.#dialers) one.closePipe();
    const timer = lingerMs > 0
      ? setTimeout(() => all.forEach((one) => one.destroy()), lingerMs)
      : undefined;
    unref(timer ?? {});
    await Promise.all([...stops, ...all.map((one) => one.finish())]);
    clearTimeout(timer);
  }

  /** The user may say `tcp://*:5555` for what is bound as `tcp://0.0.0.0:5555`. */
  #findWildcard(address: string): Acceptor | undefined {
    const match = /^tcp:\/\/\*:(\d+)$/.exec(address);
    if (match === null) return undefined;
    for (const host of ["0.0.0.0", "[::]"]) {
      const bound = this.#bound.get(`tcp://${host}:${match[1]}`);
      if (bound instanceof Acceptor) return bound;
    }
    return undefined;
  }
}

/** As in libzmq, options that change later count for later addresses only. */
function withOptionsOfNow(host: Host): Host {
  return { ...host, options: { ...host.options } };
}

/** Whether a connection is there, or still being made. */
function isAlive(one: Dialer | Pipe): boolean {
  return one instanceof Dialer ? !one.isFinished : !one.isClosed;
}

function schemeOf(address: string): string {
  const match = typeof address === "string" &&
    /^([a-z0-9+.-]+):\/\//i.exec(address);
  if (!match) {
    throw new ZmqError(
      "EINVAL",
      `Malformed address "${address}": expected transport://endpoint`,
      { address: String(address) },
    );
  }
  return match[1]!;
}

function transportOf(address: string): Transport {
  const scheme = schemeOf(address);
  const transport = TRANSPORTS.get(scheme);
  if (transport !== undefined) return transport;
  throw new ZmqError(
    "EPROTONOSUPPORT",
    `There is no transport "${scheme}" for "${address}": use tcp, ipc or inproc`,
    { address },
  );
}

function unknown(what: string, address: string): ZmqError {
  return new ZmqError(
    "ENOENT",
    `Cannot ${what} "${address}": the socket is not ${
      what === "unbind" ? "bound" : "connected"
    } there`,
    { address },
  );
}
