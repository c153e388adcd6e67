/**
 * Layer: manager.
 *
 * Where one socket is bound and connected. An address is recorded once binding
 * or connecting has succeeded. Calls run one after the other, so two calls for
 * the same address, even at the same time, bind once.
 *
 * @module
 */
import { Mutex } from "../async/mutex.ts";
import { SocketBindError, SocketConnectError } from "../errors.ts";
import type { ZmqSocket } from "./contract.ts";
import { isPermission, socketFailure } from "./failures.ts";
import { requireHost } from "./tcp_addresses.ts";

/** The addresses of one socket. */
export class SocketAddresses {
  readonly #name: string;
  readonly #socket: ZmqSocket;
  readonly #mutex = new Mutex();
  /** The address that was given, by the endpoint that it became. */
  readonly #bound: Map<string, string> = new Map();
  readonly #connected: Set<string> = new Set();

  constructor(name: string, socket: ZmqSocket) {
    this.#name = name;
    this.#socket = socket;
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

  /** Unbinds an address, as it was given or as its real endpoint; or all. */
  unbind(address: string | undefined): Promise<void> {
    return this.#mutex.run(async () => {
      const known = this.boundAs(address);
      const all = known.length > 0 || address === undefined ? known : [address];
      for (const endpoint of all) {
        try {
          await this.#socket.unbind(endpoint);
        } catch (error) {
          throw socketFailure("Cannot unbind", this.#name, error);
        }
        this.#bound.delete(endpoint);
      }
    });
  }

  /** Disconnects an address, or unbinds it, or all. */
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
    return this.#mutex.run(async () => {
      for (const one of addresses) {
        try {
          await this.#socket.disconnect(one);
        } catch (error) {
          throw socketFailure("Cannot disconnect", this.#name, error);
        }
        this.#connected.delete(one);
      }
    });
  }

  async #bind(address: string): Promise<string> {
    const socketName = this.#name;
    try {
      await this.#socket.bind(address);
    } catch (cause) {
      throw new SocketBindError(address, {
        socketName,
        cause,
        ...(isPermission(cause) && { code: "PERMISSION_DENIED" }),
      });
    }
    const endpoint = this.#socket.lastEndpoint ?? address;
    this.#bound.set(endpoint, address);
    return endpoint;
  }

  async #connect(address: string): Promise<void> {
    const socketName = this.#name;
    try {
      await requireHost(address);
      // With the name, not its IP address: a reconnect resolves it again.
      this.#socket.connect(address);
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
