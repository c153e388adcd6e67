/**
 * Layer: manager.
 *
 * Which name has which socket. A socket that is closed, by whomever, has no
 * name any more.
 *
 * @module
 */
import { Entry } from "./entry.ts";
import { callSafely } from "../async/call_safely.ts";
import type { ZmqSocket } from "./contract.ts";

/** What gets an error must not become one. */
function tell(
  onError: (error: unknown, name: string) => unknown,
  error: unknown,
  name: string,
): void {
  callSafely(() => onError(error, name), () => {});
}

/** Named sockets. */
export class Registry {
  readonly #entries: Map<string, Entry> = new Map();
  readonly #bySocket: WeakMap<ZmqSocket, Entry> = new WeakMap();
  readonly #closing: Map<string, Promise<void>> = new Map();
  readonly #onGone: (entry: Entry) => void;

  /** @param onGone Is told of each entry that goes. */
  constructor(onGone: (entry: Entry) => void) {
    this.#onGone = onGone;
  }

  /** All entries, in the order of their creation. */
  get entries(): Entry[] {
    for (const entry of this.#entries.values()) {
      if (entry.socket.closed) this.#forget(entry);
    }
    return [...this.#entries.values()];
  }

  /** Enters a socket under a name that is free. */
  add(name: string, socket: ZmqSocket): Entry {
    const entry = new Entry(name, socket);
    this.#entries.set(name, entry);
    this.#bySocket.set(socket, entry);
    return entry;
  }

  /** The entry of a name. */
  get(name: string): Entry | undefined {
    const entry = this.#entries.get(name);
    if (!entry?.socket.closed) return entry;
    this.#forget(entry);
    return undefined;
  }

  /** The entry of a socket. */
  of(socket: ZmqSocket): Entry | undefined {
    const entry = this.#bySocket.get(socket);
    return entry && this.get(entry.name) === entry ? entry : undefined;
  }

  /** Frees the name at once, and closes its socket; resolves when that is closed. */
  async close(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry !== undefined) {
      this.#forget(entry);
      this.#track(name, entry.close());
    }
    await this.#closing.get(name);
  }

  /**
   * Closes every socket.
   *
   * @param onError Gets the errors of those that could not be closed.
   */
  async closeAll(
    onError: (error: unknown, name: string) => unknown,
  ): Promise<void> {
    const names = new Set([...this.#entries.keys(), ...this.#closing.keys()]);
    await Promise.all([...names].map(async (name) => {
      try {
        await this.close(name);
      } catch (error) {
        tell(onError, error, name);
      }
    }));
  }

  #forget(entry: Entry): void {
    if (this.#entries.get(entry.name) !== entry) return;
    this.#entries.delete(entry.name);
    this.#onGone(entry);
  }

  /** Whoever closes the same name meanwhile waits for the same end. */
  #track(name: string, closed: Promise<void>): void {
    const earlier = this.#closing.get(name);
    const all = Promise.all([earlier, closed]).then(() => {}).finally(() => {
      if (this.#closing.get(name) === all) this.#closing.delete(name);
    });
    this.#closing.set(name, all);
  }
}
