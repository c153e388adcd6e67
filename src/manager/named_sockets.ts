/**
 * Layer: manager.
 *
 * The part of a SocketManager that makes sockets, finds them by name, sets
 * their options and closes them. It sends nothing and waits for nothing.
 *
 * @module
 */
import {
  AgentZeroSocketError,
  SocketAlreadyExists,
  SocketNotFound,
  SocketTypeMismatch,
} from "../errors.ts";
import * as engine from "../zmq/mod.ts";
import type { OptionName, OptionValues, SocketType } from "../zmq/mod.ts";
import { writeError } from "../zmq/error_log.ts";
import type { Schema } from "./schema.ts";
import type {
  MessagesOf,
  OptionsMap,
  SocketMap,
  SocketRef,
  ZmqModule,
  ZmqSocket,
} from "./contract.ts";
import type { Entry } from "./entry.ts";
import { socketFailure } from "./failures.ts";
import { requireOptions } from "./option_checks.ts";
import type {
  ContextOf,
  CreateOptions,
  SocketManagerOptions,
} from "./options.ts";
import { Registry } from "./registry.ts";
import { hasOption, traitsOf, typeName } from "./socket_types.ts";
import type { Topic } from "./topics.ts";
import { checkTimeout } from "../async/deadline.ts";

/** The numbers in libzmq of what are options there, and methods in zeromq.js. */
const SUBSCRIBE = 6;
const UNSUBSCRIBE = 7;

/** What a SocketManager is first of all: sockets with names. */
export abstract class NamedSockets<S extends SocketMap, O extends OptionsMap>
  implements AsyncDisposable {
  readonly #zmq: ZmqModule<S, O>;
  readonly #context: ContextOf<O> | undefined;
  readonly #lingerMs: number;
  readonly #onCloseError: (error: unknown, name: string) => unknown;
  readonly #registry = new Registry((entry) => this.forget(entry));

  /** @internal */
  protected constructor(options: SocketManagerOptions<S, O>) {
    requireOptions(options, "manager", "SocketManager");
    // The default of S and O says that it is this module where none is given.
    this.#zmq = options.zmq ?? engine as unknown as ZmqModule<S, O>;
    this.#context = options.context;
    this.#lingerMs = checkTimeout(options.linger ?? 1000, "linger");
    this.#onCloseError = options.onCloseError ?? ((error) => writeError(error));
  }

  /**
   * The names of the sockets, in the order of their creation.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("results", zmq.PULL);
   * console.log(sockets.names, sockets.size); // [ "results" ] 1
   * ```
   */
  get names(): string[] {
    return this.#registry.entries.map(({ name }) => name);
  }

  /** How many sockets there are; see {@linkcode names}. */
  get size(): number {
    return this.#registry.entries.length;
  }

  /**
   * Creates a socket.
   *
   * It gets a random routing id (a uuid), if its type has one, and the manager's
   * linger time; `options` may say otherwise.
   *
   * @param name Its name.
   * @param type Such as `zmq.REQ`.
   * @param options Those of the ZeroMQ module for this type, and `schema`, which its messages are checked with.
   * @returns The socket. With a schema, `recvSafe(socket)` gives data of its type.
   * @throws {SocketAlreadyExists}
   * @throws {AgentZeroSocketError} For an option that is unknown or cannot hold the value.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * const socket = sockets.create("worker", zmq.DEALER, { sendHighWaterMark: 10 });
   * console.log(socket.routingId);
   * ```
   */
  create<T extends SocketType, M = unknown>(
    name: string,
    type: T,
    options: CreateOptions<O[T], M> = {} as CreateOptions<O[T], M>,
  ): S[T] & MessagesOf<M> {
    if (this.has(name)) throw new SocketAlreadyExists(this, name);
    const { schema, ...own } = options;
    const all = {
      ...(this.#context && { context: this.#context }),
      ...(!traitsOf(type).subscribes && { linger: this.#lingerMs }),
      ...(hasOption(type, "routingId") && { routingId: crypto.randomUUID() }),
      ...own,
    };
    let socket: S[T];
    try {
      socket = this.#zmq.createSocket(type, all as unknown as O[T]);
    } catch (error) {
      throw socketFailure("Cannot create", name, error);
    }
    this.#registry.add(name, socket).schema = schema;
    return socket as S[T] & MessagesOf<M>;
  }

  /**
   * Gives a socket.
   *
   * @param name Its name.
   * @param type The type that it must have; any if left out.
   * @returns The socket.
   * @throws {SocketNotFound}
   * @throws {SocketTypeMismatch}
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("results", zmq.PULL);
   * const socket = sockets.getByName("results", zmq.PULL);
   * console.log(socket.receiveHighWaterMark);
   * ```
   */
  getByName<T extends SocketType = SocketType>(name: string, type?: T): S[T] {
    const { socket } = this.entry(name);
    if (type !== undefined) requireType(name, socket, type);
    return socket as S[T];
  }

  /**
   * Tells whether there is a socket of that name.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("results", zmq.PULL);
   * console.log(sockets.has("results"), sockets.has("jobs")); // true false
   * ```
   */
  has(name: string): boolean {
    return this.#registry.get(name) !== undefined;
  }

  /**
   * Iterates over names and sockets, in the order of their creation.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("results", zmq.PULL);
   * for (const [name, socket] of sockets) console.log(name, socket.type);
   * ```
   */
  *[Symbol.iterator](): IterableIterator<[name: string, S[SocketType]]> {
    for (const { name, socket } of this.#registry.entries) {
      yield [name, socket as S[SocketType]];
    }
  }

  /**
   * Sets an option of a socket.
   *
   * @param name The name of the socket.
   * @param option Its name, or its number in libzmq.
   * @param value Its value.
   * @throws {SocketNotFound}
   * @throws {AgentZeroSocketError} If there is no such option, or it cannot hold the value; the reason is in `cause`.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("pipe-in", zmq.PULL);
   * sockets.setSocketOption("pipe-in", "receiveHighWaterMark", 10);
   * ```
   */
  setSocketOption<K extends OptionName>(
    name: string,
    option: K,
    value: OptionValues[K],
  ): void;
  /** The same, by the option's number in libzmq. */
  setSocketOption(name: string, option: number, value: unknown): void;
  setSocketOption(name: string, option: OptionName | number, value: unknown) {
    const { socket, topics } = this.entry(name);
    if (option === SUBSCRIBE) return topics.keep(value as Topic);
    if (option === UNSUBSCRIBE) return topics.drop(value as Topic);
    try {
      socket.setOption(option, value);
    } catch (error) {
      throw socketFailure("Cannot set an option of", name, error);
    }
  }

  /**
   * Tells an option of a socket.
   *
   * @param name The name of the socket.
   * @param option Its name, or its number in libzmq.
   * @returns Its value.
   * @throws {SocketNotFound}
   * @throws {AgentZeroSocketError} If there is no such option; the reason is in `cause`.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("pipe-in", zmq.PULL);
   * console.log(sockets.getSocketOption("pipe-in", "linger")); // 1000
   * ```
   */
  getSocketOption<K extends OptionName>(
    name: string,
    option: K,
  ): OptionValues[K];
  /** The same, by the option's number in libzmq. */
  getSocketOption(name: string, option: number): unknown;
  getSocketOption(name: string, option: OptionName | number): unknown {
    try {
      return this.entry(name).socket.getOption(option);
    } catch (error) {
      if (error instanceof SocketNotFound) throw error;
      throw socketFailure("Cannot tell an option of", name, error);
    }
  }

  /**
   * Subscribes a SUB or XSUB socket to a topic, once.
   *
   * @param name The name of the socket.
   * @param topic What topics begin with; `""` for all.
   * @throws {SocketNotFound}
   * @throws {AgentZeroSocketError} If the socket has no topics.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("events", zmq.SUB);
   * sockets.setTopic("events", "logs");
   * ```
   */
  setTopic(name: string, topic: Topic): void {
    this.entry(name).topics.keep(topic);
  }

  /**
   * Sets the schema that the messages of a socket are checked with.
   *
   * @param name The name of the socket.
   * @param schema A schema of zod, valibot, arktype, or any other with the Standard Schema interface; `undefined` for none.
   * @throws {SocketNotFound}
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   * import * as z from "zod";
   *
   * await using sockets = new SocketManager();
   * sockets.create("jobs", zmq.PULL);
   * sockets.setSchema("jobs", z.object({ id: z.number() }));
   * ```
   */
  setSchema(name: string, schema: Schema | undefined): void {
    this.entry(name).schema = schema;
  }

  /**
   * Closes a socket, if it exists, and forgets its name at once. What waits for
   * it rejects with `SOCKET_CLOSED`; what was sent may still leave, for as long
   * as its linger time.
   *
   * @param name Its name.
   * @returns Resolves when nothing is left of it, and its addresses are free.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("logs", zmq.SUB, "tcp://127.0.0.1:*");
   * await sockets.close("logs");
   * console.log(sockets.has("logs")); // false
   * ```
   */
  async close(name: string): Promise<void> {
    await this.#registry.close(name);
  }

  /**
   * Closes all sockets that the manager created. One that cannot be closed keeps
   * neither the others nor the call: `onCloseError` of the manager gets why.
   *
   * @returns Resolves when nothing is left of them.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * const sockets = new SocketManager();
   * sockets.create("logs", zmq.SUB);
   * await sockets.closeAll();
   * ```
   */
  async closeAll(): Promise<void> {
    await this.#registry.closeAll(this.#onCloseError);
  }

  /**
   * Closes all sockets, for `await using`.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * {
   *   await using sockets = new SocketManager();
   *   sockets.create("logs", zmq.SUB);
   * } // closed
   * ```
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeAll();
  }

  /**
   * What `console.log` shows, too.
   *
   * @returns Such as `SocketManager(sockets=['foo', 'bar'])`.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("foo", zmq.REP);
   * console.log(`${sockets}`); // SocketManager(sockets=['foo'])
   * ```
   */
  toString(): string {
    return `SocketManager(sockets=[${this.names.map(quoted).join(", ")}])`;
  }

  static {
    // What console.log shows on Deno; on Node and Bun.
    for (const name of ["Deno.customInspect", "nodejs.util.inspect.custom"]) {
      Object.defineProperty(this.prototype, Symbol.for(name), {
        value(this: NamedSockets<SocketMap, OptionsMap>): string {
          return this.toString();
        },
      });
    }
  }

  /** @internal The entry of a name, or of a socket. */
  protected entry(socket: SocketRef): Entry {
    if (typeof socket === "object" && socket !== null) {
      return this.#registry.of(socket) ?? this.#throwForeign(socket);
    }
    const entry = this.#registry.get(socket);
    if (entry === undefined) throw new SocketNotFound(this, socket);
    return entry;
  }

  /** @internal All entries. */
  protected get entries(): readonly Entry[] {
    return this.#registry.entries;
  }

  #throwForeign({ type, closed }: ZmqSocket): never {
    const state = closed ? "it is closed" : "it was created elsewhere";
    throw new AgentZeroSocketError(
      `${this} does not have this ${typeName(type)} socket: ${state}`,
      { code: "SOCKET_NOT_FOUND" },
    );
  }

  /** @internal The entry of a name, if there is one and it has that type. */
  protected find(name: string, type: SocketType): Entry | undefined {
    const entry = this.#registry.get(name);
    if (entry !== undefined) requireType(name, entry.socket, type);
    return entry;
  }

  /** @internal Is told of each entry that goes. */
  protected abstract forget(entry: Entry): void;
}

/** A name in quotes, as Python writes it. */
function quoted(name: string): string {
  const quote = name.includes("'") && !name.includes('"') ? '"' : "'";
  const text = name.replaceAll("\\", "\\\\")
    .replace(/[\n\r\t]/g, (it) => JSON.stringify(it).slice(1, -1));
  return quote + text.replaceAll(quote, `\\${quote}`) + quote;
}

function requireType(name: string, socket: ZmqSocket, type: SocketType): void {
  if (socket.type === type) return;
  throw new SocketTypeMismatch(name, {
    expected: typeName(type),
    actual: typeName(socket.type),
  });
}
