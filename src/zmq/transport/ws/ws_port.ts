/**
 * Layer: transport. Ports at which WebSockets are accepted. A port belongs to all
 * sockets of this process that are bound to it, each to its own path; the request
 * of a client shows which of them it wants. So the upgrade is made here, and a
 * socket is given the connection afterwards.
 *
 * @module
 */
import { timerMs, unref } from "../../../async/timers.ts";
import { ZmqError } from "../../errors.ts";
import { ConnectionLimits } from "../connection_limits.ts";
import type { Listener, Wire, WireOptions } from "../wire.ts";
import { tlsError } from "./tls.ts";
import type { Subprotocol } from "./subprotocol.ts";
import {
  choose,
  findRoute,
  type Head,
  type Route,
  ServerUpgrade,
} from "./upgrade.ts";
import { WsWire } from "./ws_wire.ts";

/** A path that a socket is bound to; the empty one is for all that have no own. */
export interface BoundPath extends Route {
  readonly path: string;
  onWire(wire: Wire): void;
  onError(error: Error): void;
}

/** The options of a port, in contrast to those of the sockets that use it. */
export type PortOptions = Pick<
  WireOptions,
  | "handshakeInterval"
  | "maxConnectionsPerAddress"
  | "maxHandshakes"
  | "tlsCert"
  | "tlsKey"
>;

/** Of a port whose server does what these would do. */
export const SERVER_OPTIONS: PortOptions = {
  handshakeInterval: 0,
  maxConnectionsPerAddress: 0,
  maxHandshakes: 0,
  tlsCert: null,
  tlsKey: null,
};

/** What has been read of a request by somebody else. */
export interface Request {
  readonly head: Head;
  /** The bytes after it. */
  readonly rest: Uint8Array;
}

/** One port. */
export class WsPort {
  /** Whether it accepts nothing any more, as its last path was removed. */
  isClosed = false;
  readonly #endpoint: string;
  readonly #options: PortOptions;
  readonly #listener: Pick<Listener, "close"> | undefined;
  readonly #paths: Map<string, BoundPath> = new Map();
  readonly #limits: ConnectionLimits;
  /** Those whose upgrade is not done. */
  readonly #upgrading: Set<AbortController> = new Set();

  /**
   * @param endpoint Its address, without a path.
   * @param options Those of the socket that was bound first.
   * @param listener Is closed with the last path; undefined if the port stays.
   */
  constructor(
    endpoint: string,
    options: PortOptions,
    listener?: Pick<Listener, "close">,
  ) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#listener = listener;
    this.#limits = new ConnectionLimits({
      maxConnections: 0,
      maxConnectionsPerAddress: options.maxConnectionsPerAddress,
      maxHandshakes: options.maxHandshakes,
    });
  }

  /**
   * Binds a path.
   *
   * @returns Its listener.
   * @throws {ZmqError} `EADDRINUSE` if another socket has it, `EINVAL` if the
   *   port has another certificate.
   */
  bind(one: BoundPath): Listener {
    const endpoint = this.#endpoint + one.path;
    if (this.#paths.has(one.path)) {
      throw cannotBind("EADDRINUSE", endpoint, "the address is already in use");
    }
    const { tlsCert, tlsKey } = this.#options;
    if (one.options.tlsCert !== tlsCert || one.options.tlsKey !== tlsKey) {
      const reason =
        "the port has another certificate (options tlsCert, tlsKey)";
      throw cannotBind("EINVAL", endpoint, reason);
    }
    this.#paths.set(one.path, one);
    return { endpoint, close: () => this.#unbind(one) };
  }

  /** Whether a socket is bound to a path. */
  has(path: string): boolean {
    return this.#at(path) !== undefined;
  }

  /** Accepts a connection. @param request What has been read of it. */
  accept(inner: Wire, remoteAddress: string, request?: Request): void {
    const refusal = this.#limits.refusal(remoteAddress);
    if (refusal !== undefined) {
      inner.destroy();
      return this.report(refusal);
    }
    const upgrade = new ServerUpgrade((path) => this.#at(path), request);
    const wire = new WsWire(inner, { isServer: true, upgrade, remoteAddress });
    const end = new AbortController();
    const timer = this.#timer(end);
    const settle = () => {
      clearTimeout(timer);
      this.#upgrading.delete(end);
      this.#limits.end(limited);
    };
    const limited = { destroy: (error?: Error) => end.abort(error) };
    this.#upgrading.add(end);
    wire.open(end.signal).then(() => {
      settle();
      this.give(upgrade.route!, wire);
    }, (error: Error) => {
      settle();
      if (!this.isClosed) this.report(this.#named(error), upgrade.route);
    });
    const [oldest, error] = this.#limits.begin(limited, remoteAddress) ?? [];
    oldest?.destroy(error);
  }

  /**
   * What is agreed on with a client whose request somebody else answers.
   *
   * @throws {UpgradeError} It is to be refused; the error is reported as well.
   */
  agree(head: Head): { route: BoundPath; subprotocol: Subprotocol } {
    let route: BoundPath | undefined;
    try {
      route = findRoute(head, (path) => this.#at(path));
      return { route, subprotocol: choose(route, head) };
    } catch (error) {
      this.report(error as Error, route);
      throw error;
    }
  }

  /** Gives a connection to the socket that it is for. */
  give(route: BoundPath, wire: Wire): void {
    // The socket may have left the path meanwhile.
    if (this.#paths.get(route.path) === route) route.onWire(wire);
    else wire.destroy();
  }

  /** Reports an error to the socket that it belongs to, or to the first. */
  report(error: Error, bound?: BoundPath): void {
    const [first] = this.#paths.values();
    (bound ?? first)?.onError(error);
  }

  /** An error of TLS or of the system as one of ours. */
  #named(error: Error): Error {
    return error instanceof ZmqError
      ? error
      : tlsError("accept a peer at", this.#endpoint, error);
  }

  #at(path: string): BoundPath | undefined {
    return this.#paths.get(path) ?? this.#paths.get("");
  }

  #timer(end: AbortController): ReturnType<typeof setTimeout> | undefined {
    const limitMs = this.#options.handshakeInterval;
    if (limitMs <= 0) return undefined;
    const timer = setTimeout(() => {
      const message = `A client has sent no request within ${limitMs} ms`;
      end.abort(new ZmqError("ETIMEDOUT", message));
    }, timerMs(limitMs));
    unref(timer);
    return timer;
  }

  async #unbind(one: BoundPath): Promise<void> {
    this.#paths.delete(one.path);
    if (this.#paths.size > 0 || this.#listener === undefined) return;
    this.isClosed = true;
    for (const end of [...this.#upgrading]) {
      end.abort(new ZmqError("ECONNRESET", "The port was closed"));
    }
    await this.#listener.close();
  }
}

function cannotBind(code: string, address: string, reason: string): ZmqError {
  return new ZmqError(code, `Cannot bind "${address}": ${reason}`, {
    address,
    reason,
  });
}
