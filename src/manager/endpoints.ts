/**
 * Layer: manager.
 *
 * Where one socket is bound and connected. An address counts from the moment
 * that it has worked; calls are served one after the other, so that asking
 * twice for the same address, even at the same time, binds once.
 *
 * @module
 */
import { Mutex } from "../async/mutex.ts";
import { SocketBindError, SocketConnectError } from "../errors.ts";
import { resolveHostname } from "../util/mod.ts";
import { parseTcpAddress } from "../util/tcp_address.ts";
import { formatTcp, splitTcp } from "../zmq/endpoint.ts";
import type { Channel } from "./channel.ts";
import { isPermission, socketFailure } from "./failures.ts";

/** The addresses of one socket. */
export class Endpoints {
  readonly #channel: Channel;
  readonly #mutex = new Mutex();
  /** What was asked for, by the endpoint that it led to. */
  readonly #bound: Map<string, string> = new Map();
  readonly #connected: Set<string> = new Set();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Where the socket is bound: the real endpoints of an address, or all. */
  boundAs(address: string | undefined): string[] {
    return [...this.#bound].filter(([endpoint, given]) =>
      address === undefined || address === endpoint || address === given
    ).map(([endpoint]) => endpoint);
  }

  /** What the socket is connected to. */
  get connected(): string[] {
    return [...this.#connected];
  }

  /**
   * Binds.
   *
   * @returns The real endpoint.
   * @throws {SocketBindError}
   */
  bind(address: string): Promise<string> {
    return this.#mutex.run(() => this.#bind(address));
  }

  /** Binds, unless the socket is bound to that address. */
  ensureBound(address: string): Promise<string> {
    return this.#mutex.run(async () =>
      this.boundAs(address)[0] ?? await this.#bind(address)
    );
  }

  /**
   * Connects.
   *
   * @throws {SocketConnectError}
   */
  connect(address: string): Promise<void> {
    return this.#mutex.run(() => this.#connect(address));
  }

  /** Connects, unless the socket is connected to that address. */
  ensureConnected(address: string): Promise<void> {
    return this.#mutex.run(async () => {
      if (!this.#connected.has(address)) await this.#connect(address);
    });
  }

  /** Unbinds an address, as it was given or as it became; or all. */
  unbind(address: string | undefined): Promise<void> {
    const { socket, name } = this.#channel;
    return this.#mutex.run(async () => {
      const known = this.boundAs(address);
      const all = known.length > 0 || address === undefined ? known : [address];
      for (const endpoint of all) {
        try {
          await socket.unbind(endpoint);
        } catch (error) {
          throw socketFailure("Cannot unbind", name, error);
        }
        this.#bound.delete(endpoint);
      }
    });
  }

  /** Ends an address that is connected or bound, or all. */
  async disconnect(address: string | undefined): Promise<void> {
    if (address === undefined) {
      await this.#disconnect(this.connected);
      return await this.unbind(undefined);
    }
    const isBound = !this.#connected.has(address) &&
      this.boundAs(address).length > 0;
    await (isBound ? this.unbind(address) : this.#disconnect([address]));
  }

  #disconnect(addresses: readonly string[]): Promise<void> {
    const { socket, name } = this.#channel;
    return this.#mutex.run(async () => {
      for (const one of addresses) {
        try {
          await socket.disconnect(one);
        } catch (error) {
          throw socketFailure("Cannot disconnect", name, error);
        }
        this.#connected.delete(one);
      }
    });
  }

  async #bind(address: string): Promise<string> {
    const { socket, name: socketName } = this.#channel;
    try {
      await socket.bind(address);
    } catch (cause) {
      throw new SocketBindError(address, {
        socketName,
        cause,
        ...(isPermission(cause) && { code: "PERMISSION_DENIED" }),
      });
    }
    const endpoint = socket.lastEndpoint ?? address;
    this.#bound.set(endpoint, address);
    return endpoint;
  }

  async #connect(address: string): Promise<void> {
    const { socket, name: socketName } = this.#channel;
    try {
      const host = hostToResolve(address);
      if (host !== undefined) await resolveHostname(host);
      // With the name, not what it means now: reconnecting asks again.
      socket.connect(address);
    } catch (cause) {
      throw new SocketConnectError(address, {
        socketName,
        cause,
        ...(isPermission(cause) && { code: "PERMISSION_DENIED" }),
      });
    }
    this.#connected.add(address);
  }
}

/** The host name in an address to connect to; what is malformed is left to the engine. */
function hostToResolve(address: string): string | undefined {
  const { target } = splitTcp(address) ?? {};
  if (target === undefined) return undefined;
  let host: string;
  try {
    host = parseTcpAddress(formatTcp(target.host, target.port)).host;
  } catch {
    return undefined;
  }
  return /[:*]/.test(host) ? undefined : host;
}
