/**
 * Layer: engine. A context: the sockets that belong together, their inproc
 * names, and what they share. One default context serves most programs.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { SlabPool } from "../zmtp/slab_pool.ts";
import { InprocRegistry } from "./inproc.ts";
import { KeepAlive } from "./keep_alive.ts";
import { Turns } from "./turn.ts";
import { ZapClient } from "./zap.ts";

/** What a context needs to know of its sockets. */
interface Closable {
  close(): Promise<void>;
}

/** Settings of a context. */
export interface ContextOptions {
  /** The most sockets that may be open at a time. Default 65,535. */
  maxSockets?: number;
}

/**
 * A set of sockets with inproc names of their own.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using context = new zmq.Context({ maxSockets: 2 });
 * const pair = new zmq.Pair({ context });
 * await pair.bind("inproc://mine");
 * ```
 */
export class Context {
  /** The most sockets that may be open at a time. */
  readonly maxSockets: number;
  /** @internal */
  readonly inproc: InprocRegistry = new InprocRegistry();
  /** @internal */
  readonly turns: Turns = new Turns();
  /** @internal */
  readonly slabs: SlabPool = new SlabPool();
  /** @internal */
  readonly keepAlive: KeepAlive = new KeepAlive();
  /** @internal */
  readonly zap: ZapClient = new ZapClient(this);
  readonly #sockets: Set<Closable> = new Set();
  #isClosed = false;

  /**
   * Creates a context.
   *
   * @throws {ZmqError} `EINVAL` if `maxSockets` is no whole number above 0.
   */
  constructor({ maxSockets = 65_535 }: ContextOptions = {}) {
    if (!Number.isSafeInteger(maxSockets) || maxSockets < 1) {
      throw new ZmqError("EINVAL", `maxSockets cannot be ${maxSockets}`);
    }
    this.maxSockets = maxSockets;
  }

  /** Whether the context is closed: it takes no more sockets. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** How many sockets are open. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Closes all its sockets; resolves when nothing is left of them. Safe to call again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#sockets].map((socket) => socket.close()));
  }

  /** Closes the context, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Enters a socket. */
  add(socket: Closable): void {
    if (this.#isClosed) {
      throw new ZmqError("ETERM", "The context is closed");
    }
    if (this.#sockets.size >= this.maxSockets) {
      throw new ZmqError(
        "EMFILE",
        `The context has ${this.maxSockets} sockets open, its maximum`,
      );
    }
    this.#sockets.add(socket);
  }

  /** @internal Forgets a socket. */
  delete(socket: Closable): void {
    this.#sockets.delete(socket);
  }
}

/** The context of sockets that are given none. */
export const context: Context = new Context();
