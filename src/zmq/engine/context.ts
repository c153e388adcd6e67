/**
 * Layer: engine. A context: sockets that belong together, their inproc names,
 * and what they share. One default context is enough for most programs.
 *
 * @module
 */
import { ArgumentError, ZmqError } from "../errors.ts";
import { ABSENT_CONTEXT_OPTIONS } from "../options/absent.ts";
import {
  CONTEXT_OPTIONS,
  type ContextValues,
  defaultContextOptions,
  readContextOption,
  setContextOption,
} from "../options/context_table.ts";
import { defineOptionProperties } from "../options/properties.ts";
import { refuseUnknownProperties } from "../options/unknown_properties.ts";
import { SlabPool } from "../slab_pool.ts";
import { InprocRegistry } from "./inproc.ts";
import { KeepAlive } from "../../async/keep_alive.ts";
import { FlushScheduler } from "./flush_scheduler.ts";
import type { SocketTransport } from "./socket_transport.ts";
import { RELEASE } from "../release.ts";
import { ZapClient } from "./zap.ts";

/** What a context needs of its sockets. */
interface Closable {
  close(): Promise<void>;
}

/** The options of a new context. */
export interface ContextOptions extends Partial<ContextValues> {}

/** The options of a context, as properties. */
export interface Context extends ContextValues {
  /** The upper bound of `maxSockets`. */
  readonly maxSocketsLimit: number;
}

/**
 * A set of sockets with its own inproc names.
 *
 * Its options are properties: `context.ipv6 = true`. A new value applies to
 * sockets that are created afterwards, that of `maxMessageSize` at once.
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
  /** @internal */
  readonly inproc: InprocRegistry = new InprocRegistry();
  /** @internal The transports that only its sockets share. */
  readonly transports: readonly SocketTransport[] = [this.inproc];
  /** @internal */
  readonly scheduler: FlushScheduler = new FlushScheduler();
  /** @internal */
  readonly slabs: SlabPool = new SlabPool();
  /** @internal */
  readonly keepAlive: KeepAlive = new KeepAlive();
  /** @internal */
  readonly zap: ZapClient = new ZapClient(this);
  readonly #options: ContextValues = defaultContextOptions();
  readonly #sockets: Set<Closable> = new Set();
  #isClosed = false;

  /**
   * Creates a context.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range,
   *   `ENOTSUP` for one that is not supported.
   */
  constructor(options: ContextOptions = {}) {
    if (arguments.length > 1) {
      throw new ArgumentError("A context takes a single argument: its options");
    }
    if (typeof options !== "object" || options === null) {
      throw new ArgumentError("The options of a context must be an object");
    }
    for (const [name, value] of Object.entries(options)) {
      if (value !== undefined) this.setOption(name, value);
    }
  }

  /**
   * Sets an option by its name, or by its number in libzmq.
   *
   * @throws {ZmqError} `EINVAL` for an option that is unknown or out of range,
   *   `ENOTSUP` for one that is not supported.
   */
  setOption(option: string | number, value: unknown): void {
    setContextOption(this.#options, option, value);
  }

  /**
   * The value of an option; see {@link Context.setOption}.
   *
   * @throws {ZmqError} `EINVAL` if it is unknown, `ENOTSUP` if it is not
   *   supported.
   */
  getOption(option: string | number): unknown {
    return readContextOption(this.#options, option);
  }

  /** Whether the context is closed, so that no more sockets can be created in it. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** How many sockets are open. */
  get size(): number {
    return this.#sockets.size;
  }

  /**
   * Closes all its sockets; resolves when nothing is left of them. Messages to
   * an inproc name that was never bound are lost. Safe to call again.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closing = [...this.#sockets].map((socket) => socket.close());
    this.inproc.close();
    await Promise.all(closing);
  }

  /** Closes the context, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal The largest message that may be sent, in bytes; -1 for no limit. */
  get sendLimit(): number {
    return this.#options.maxMessageSize;
  }

  /** @internal Adds a socket. */
  add(socket: Closable): void {
    if (this.#isClosed) {
      throw new ZmqError("ETERM", "The context is closed");
    }
    const { maxSockets } = this.#options;
    if (this.#sockets.size >= maxSockets) {
      throw new ZmqError(
        "EMFILE",
        `The context already has ${maxSockets} open sockets (option maxSockets)`,
      );
    }
    if (this.#sockets.size === 0) this.keepAlive.begin();
    this.#sockets.add(socket);
  }

  /** @internal Removes a socket. */
  delete(socket: Closable): void {
    this.#sockets.delete(socket);
    if (this.#sockets.size === 0) this.keepAlive.end();
  }
}

defineOptionProperties(
  Context.prototype,
  [...Object.keys(CONTEXT_OPTIONS), "maxSocketsLimit"],
  Object.keys(ABSENT_CONTEXT_OPTIONS).filter((name) =>
    !name.startsWith("ZMQ_")
  ),
);

refuseUnknownProperties(
  Context.prototype,
  "a context",
  (constructor) => constructor === Context,
);

/** The key under which the copies of this module find each other. */
const SHARED = Symbol.for(`agentzero.context ${RELEASE}`);

/**
 * The context of sockets that are created without one. All copies of this
 * release in a process share it, such as those for `import` and `require`, so
 * `inproc` works between them.
 */
export const context: Context = shared();

function shared(): Context {
  const copies = globalThis as { [SHARED]?: Context };
  return copies[SHARED] ??= new Context();
}
