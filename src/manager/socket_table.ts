/**
 * Layer: manager.
 *
 * The named sockets of a manager. A socket that is closed, by whatever call,
 * leaves the table, and its name is free again.
 *
 * @module
 */
import { callSafely } from "../async/call_safely.ts";
import type { ZmqSocket } from "./contract.ts";
import type { ManagedSocket } from "./managed_socket.ts";

/** Called with the error of a socket that could not be closed, and its name. */
export type CloseErrorListener = (error: unknown, name: string) => unknown;

/** Sockets by name. */
export class SocketTable {
  readonly #byName: Map<string, ManagedSocket> = new Map();
  readonly #bySocket: WeakMap<ZmqSocket, ManagedSocket> = new WeakMap();
  readonly #closing: Map<string, Promise<void>> = new Map();
  readonly #onRemoved: (socket: ManagedSocket) => void;

  /** @param onRemoved Called with each socket that leaves the table. */
  constructor(onRemoved: (socket: ManagedSocket) => void) {
    this.#onRemoved = onRemoved;
  }

  /** All sockets, in the order of their creation. */
  get all(): ManagedSocket[] {
    for (const managed of this.#byName.values()) {
      if (managed.socket.closed) this.#remove(managed);
    }
    return [...this.#byName.values()];
  }

  /** Adds a socket whose name is free. */
  add(managed: ManagedSocket): void {
    this.#byName.set(managed.name, managed);
    this.#bySocket.set(managed.socket, managed);
  }

  /** The socket of a name. */
  get(name: string): ManagedSocket | undefined {
    const managed = this.#byName.get(name);
    if (!managed?.socket.closed) return managed;
    this.#remove(managed);
    return undefined;
  }

  /** The named socket that a ZeroMQ socket belongs to. */
  of(socket: ZmqSocket): ManagedSocket | undefined {
    const managed = this.#bySocket.get(socket);
    return managed && this.get(managed.name) === managed ? managed : undefined;
  }

  /** Frees a name at once and closes its socket; resolves when that is closed. */
  async close(name: string): Promise<void> {
    const managed = this.#byName.get(name);
    if (managed !== undefined) {
      this.#remove(managed);
      this.#track(name, managed.close());
    }
    await this.#closing.get(name);
  }

  /**
   * Closes every socket.
   *
   * @param onError Called with the errors of those that could not be closed; what it throws is ignored.
   */
  async closeAll(onError: CloseErrorListener): Promise<void> {
    const names = new Set([...this.#byName.keys(), ...this.#closing.keys()]);
    await Promise.all([...names].map(async (name) => {
      try {
        await this.close(name);
      } catch (error) {
        callSafely(() => onError(error, name), () => {});
      }
    }));
  }

  #remove(managed: ManagedSocket): void {
    if (this.#byName.get(managed.name) !== managed) return;
    this.#byName.delete(managed.name);
    this.#onRemoved(managed);
  }

  /** Calls that close the same name meanwhile wait for the same end. */
  #track(name: string, closed: Promise<void>): void {
    const earlier = this.#closing.get(name);
    const all = Promise.all([earlier, closed]).then(() => {}).finally(() => {
      if (this.#closing.get(name) === all) this.#closing.delete(name);
    });
    this.#closing.set(name, all);
  }
}
