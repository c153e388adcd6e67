/**
 * Layer: v5. The addresses that a socket is bound and connected to. The engine
 * listens asynchronously, while v5 has synchronous calls. So `bindSync` checks
 * at once whether the address is available, and then listens.
 *
 * @module
 */
import { transportOf } from "../endpoint.ts";
import { bindable, claim } from "./claims.ts";
import { asSocketError, throwLater } from "./socket_error.ts";
import type { Inner } from "./inner.ts";
import type { Life } from "./life.ts";

/** Called when the call has completed, or with its error. */
export type Callback = (error?: Error) => void;

/** What a socket reports about its addresses. */
export interface BindingListener {
  /** An event of v5. */
  event(name: "bind" | "unbind", address: string): void;
  /** An error for which there is no callback. */
  error(error: Error): void;
}

/** The addresses of one socket. */
export class Bindings {
  /** The endpoint that was bound or connected last. */
  last = "";
  readonly #inner: Inner;
  readonly #life: Life;
  readonly #listener: BindingListener;
  /** The actual endpoint, by the requested address. */
  readonly #bound: Map<string, string> = new Map();
  readonly #connected: Set<string> = new Set();
  #steps = 0;
  #lastStep: Promise<unknown> = Promise.resolve();

  constructor(inner: Inner, life: Life, listener: BindingListener) {
    this.#inner = inner;
    this.#life = life;
    this.#listener = listener;
  }

  /** Binds, then emits its event and calls back. */
  bind(address: string, callback: Callback | undefined): void {
    const { done } = claim(address);
    const bound = this.#inOrder(async () => {
      await this.#inner.bind(address);
      this.#enter(address, this.#inner.lastEndpoint ?? address);
    }).finally(done);
    this.#report("bind", address, callback, bound);
  }

  /**
   * Checks that the address can be bound, and begins to listen. If that fails
   * later nevertheless, it is an error event.
   *
   * @throws {SocketError} The address cannot be bound.
   */
  bindSync(address: string): void {
    const inner = this.#inner;
    const { endpoint, done } = bindable(address, inner);
    const listen = () => inner.bind(endpoint);
    // An inproc name is bound when the call returns.
    const bound = transportOf(endpoint) === "inproc"
      ? listen()
      : this.#inOrder(listen);
    this.#enter(address, endpoint);
    bound.finally(done).catch((error: unknown) => {
      this.#bound.delete(address);
      if (!this.#life.isClosed) this.#fail(asSocketError(error, address));
    });
  }

  /** Unbinds, then emits its event and calls back. */
  unbind(address: string, callback: Callback | undefined): void {
    const unbound = this.#inOrder(async () => {
      const endpoint = this.#leave(address);
      if (endpoint !== undefined) await this.#inner.unbind(endpoint);
      else await this.#hangUp(address);
    });
    this.#report("unbind", address, callback, unbound);
  }

  /** @throws {SocketError} `ENOENT`: the socket is not bound there. */
  unbindSync(address: string): void {
    const endpoint = this.#leave(address);
    if (endpoint === undefined) {
      this.#hangUp(address).catch(() => {});
      return;
    }
    const unbound = this.#inOrder(() => this.#inner.unbind(endpoint));
    this.#report("unbind", address, undefined, unbound);
  }

  /** @throws {SocketError} `EINVAL`, `EPROTONOSUPPORT`. */
  connect(address: string): void {
    try {
      this.#inner.connect(address);
    } catch (error) {
      throw asSocketError(error, address);
    }
    this.#connected.add(address);
    this.last = address;
  }

  /** @throws {SocketError} `ENOENT`: the socket is not connected there. */
  disconnect(address: string): void {
    if (!this.#connected.has(address) && this.#find(address) !== undefined) {
      return this.unbindSync(address);
    }
    this.#hangUp(address).catch(() => {});
  }

  /** @throws {SocketError} `ENOENT`. @returns Resolves once the connection is gone. */
  #hangUp(address: string): Promise<void> {
    this.#connected.delete(address);
    try {
      return this.#inner.disconnect(address);
    } catch (error) {
      throw asSocketError(error, address);
    }
  }

  #enter(address: string, endpoint: string): void {
    this.#bound.set(address, endpoint);
    this.last = endpoint;
  }

  #leave(address: string): string | undefined {
    const asked = this.#find(address);
    if (asked === undefined) return undefined;
    const endpoint = this.#bound.get(asked);
    this.#bound.delete(asked);
    return endpoint;
  }

  /** The requested address, by itself or by its actual endpoint. */
  #find(address: string): string | undefined {
    if (this.#bound.has(address)) return address;
    for (const [asked, endpoint] of this.#bound) {
      if (endpoint === address) return asked;
    }
    return undefined;
  }

  /** One after the other, so that the engine's last endpoint belongs to the call that has just completed. */
  #inOrder(step: () => Promise<void>): Promise<void> {
    const result = this.#steps === 0 ? step() : this.#lastStep.then(step);
    this.#steps++;
    const done = result.finally(() => this.#steps--);
    this.#lastStep = done.catch(() => {});
    return done;
  }

  #report(
    name: "bind" | "unbind",
    address: string,
    callback: Callback | undefined,
    outcome: Promise<void>,
  ): void {
    outcome.then(() => {
      safely(() => this.#listener.event(name, address));
      if (callback !== undefined) safely(callback);
    }, (cause: unknown) => {
      const error = asSocketError(cause, address);
      if (callback !== undefined) safely(() => callback(error));
      else if (!this.#life.isClosed) this.#fail(error);
    });
  }

  #fail(error: Error): void {
    safely(() => this.#listener.error(error));
  }
}

function safely(call: () => void): void {
  try {
    call();
  } catch (error) {
    throwLater(error);
  }
}
