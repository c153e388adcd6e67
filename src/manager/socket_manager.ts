/**
 * Layer: manager, top.
 *
 * The SocketManager: a table of named sockets, and the methods that take a
 * name. Each method finds the named socket and delegates to it; there is no
 * protocol here, and no waiting. The methods are in the order of the Python
 * library AgentZero, with those that it does not have beside their kin.
 *
 * @module
 */
import { checkTimeout, Deadline, type WaitOptions } from "../async/deadline.ts";
import { promiseTry } from "../async/promises.ts";
import {
  AgentZeroSocketError,
  SocketAlreadyExists,
  SocketNotFound,
} from "../errors.ts";
import { type BaseSerializer, JSONSerializer } from "../serializers/mod.ts";
import { createSocket, POLLIN } from "../zmq/mod.ts";
import type {
  OptionName,
  OptionsOfType,
  OptionValues,
  SocketOfType,
  SocketType,
} from "../zmq/mod.ts";
import { writeError } from "../zmq/write_error.ts";
import type {
  MessagesOf,
  OptionsMap,
  SocketMap,
  SocketRef,
  ZmqModule,
  ZmqSocket,
} from "./contract.ts";
import type { Event } from "./event.ts";
import type { EventStream } from "./event_stream.ts";
import { socketFailure } from "./failures.ts";
import { LoggerCache } from "./logger_cache.ts";
import type { Logger, LogHandler } from "./logging/mod.ts";
import { ManagedSocket } from "./managed_socket.ts";
import {
  maskAndOptions,
  type MaskOrOptions,
  requireOptions,
} from "./call_options.ts";
import type {
  ContextOf,
  CreateOptions,
  EventOptions,
  GetLoggerOptions,
  GetLogHandlerOptions,
  ReceiveOptions,
  RequestOptions,
  SchemaOption,
  ServeHandler,
  ServeOptions,
  SocketManagerOptions,
} from "./options.ts";
import { Poller } from "./poller.ts";
import { quoted } from "./quoted.ts";
import type { Schema } from "./schema.ts";
import { serve } from "./service.ts";
import { type CloseErrorListener, SocketTable } from "./socket_table.ts";
import {
  canLinger,
  checkMask,
  hasOption,
  requireType,
  typeName,
} from "./socket_types.ts";
import { publicEndpoint, withAnyPort } from "./tcp_addresses.ts";
import type { Topic } from "./topics.ts";

/** Only what is used, so that bundlers can leave out the rest. */
const engine = { createSocket };
/** The numbers in libzmq of what are options there, and methods in zeromq.js. */
const SUBSCRIBE = 6;
const UNSUBSCRIBE = 7;

/**
 * ZeroMQ sockets by name: create, bind, connect and poll them, send and receive
 * through them, by the name that you gave them.
 *
 * Every duration is in milliseconds; -1 waits for ever, 0 not at all. Methods
 * that wait take `{ timeout, signal }`. When the time is over they return
 * `undefined` or `false`; when the signal is aborted they reject with its
 * reason. Neither ever loses a message. There is no busy polling, and a socket
 * need not be registered to be used.
 *
 * A polling mechanism (`zmq.POLLIN`, `zmq.POLLOUT` or both) may always be left
 * out; it is then all that the type of the socket can do.
 *
 * @example
 * ```ts
 * import { SocketManager, zmq } from "@agentzero/agentzero";
 *
 * await using sockets = new SocketManager();
 * const replier = await sockets.ensureAndBind("replier", zmq.REP, "tcp://127.0.0.1:*");
 * await sockets.ensureAndConnect("requester", zmq.REQ, replier.lastEndpoint!);
 *
 * await sockets.sendSafe("requester", { question: "6 * 7" });
 * console.log(await sockets.recvSafe("replier"));
 * await sockets.sendSafe("replier", { answer: 42 });
 * console.log(await sockets.recvSafe("requester"));
 * ```
 */
export class SocketManager<
  S extends SocketMap = SocketOfType,
  O extends OptionsMap = OptionsOfType,
> implements AsyncDisposable {
  readonly #zmq: ZmqModule<S, O>;
  readonly #context: ContextOf<O> | undefined;
  readonly #serializer: BaseSerializer;
  readonly #lingerMs: number;
  readonly #pollingTimeoutMs: number;
  readonly #timeoutMs: number;
  readonly #onCloseError: CloseErrorListener;
  readonly #poller = new Poller();
  readonly #loggers = new LoggerCache();
  readonly #sockets = new SocketTable(({ name, socket }) => {
    this.#poller.unregister(socket);
    this.#loggers.delete(name);
  });

  /**
   * Creates a manager without sockets.
   *
   * @param options All have defaults.
   * @throws {RangeError} For a timeout that is not a number of milliseconds.
   *
   * @example
   * ```ts
   * import { MSGPACK, SocketManager } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager({
   *   serializationBackend: new MSGPACK(),
   *   timeout: 2000,
   * });
   * console.log(`${sockets}`); // SocketManager(sockets=[])
   * ```
   */
  constructor(options: SocketManagerOptions<S, O> = {}) {
    requireOptions(options, "manager", "SocketManager");
    const { linger = 1000, pollingTimeout = 10_000, timeout = 10_000 } =
      options;
    // Without the option, S and O have their defaults: the types of this module.
    this.#zmq = options.zmq ?? engine as unknown as ZmqModule<S, O>;
    this.#context = options.context;
    this.#serializer = options.serializationBackend ?? new JSONSerializer();
    this.#lingerMs = checkTimeout(linger, "linger");
    this.#pollingTimeoutMs = checkTimeout(pollingTimeout, "pollingTimeout");
    this.#timeoutMs = checkTimeout(timeout);
    this.#onCloseError = options.onCloseError ?? ((error) => writeError(error));
  }

  /**
   * Creates a socket.
   *
   * It gets a random routing id (a UUID), if its type has one, and the linger
   * time of the manager; `options` override both.
   *
   * @param name Its name.
   * @param type Such as `zmq.REQ`.
   * @param options The options of the ZeroMQ module for this type, and `schema`, which validates its messages.
   * @returns The socket. With a schema, `recvSafe(socket)` returns data of its type.
   * @throws {SocketAlreadyExists}
   * @throws {AgentZeroSocketError} For an unknown option or an invalid value.
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
      ...(canLinger(type) && { linger: this.#lingerMs }),
      ...(hasOption(type, "routingId") && { routingId: crypto.randomUUID() }),
      ...own,
    };
    let socket: S[T];
    try {
      socket = this.#zmq.createSocket(type, all as unknown as O[T]);
    } catch (error) {
      throw socketFailure("Cannot create", name, error);
    }
    const managed = new ManagedSocket(name, socket, this.#serializer);
    managed.schema = schema;
    this.#sockets.add(managed);
    return socket as S[T] & MessagesOf<M>;
  }

  /**
   * Returns a socket.
   *
   * @param name Its name.
   * @param type The type that it must have; left out, any.
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
    const { socket } = this.#managed(name);
    if (type !== undefined) requireType(name, socket, type);
    return socket as S[T];
  }

  /**
   * Whether there is a socket of that name.
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
    return this.#sockets.get(name) !== undefined;
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
    return this.#sockets.all.map(({ name }) => name);
  }

  /** The number of sockets; see {@linkcode names}. */
  get size(): number {
    return this.#sockets.all.length;
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
    for (const { name, socket } of this.#sockets.all) {
      yield [name, socket as S[SocketType]];
    }
  }

  /**
   * Makes sure that a socket exists and is registered.
   *
   * @param name Its name.
   * @param type Its type.
   * @param pollingMechanism What `engage` polls it for; may be left out, with the options in its place.
   * @param options Used only if the socket is created now; except for `schema`, which is set in any case.
   * @returns The socket.
   * @throws {SocketTypeMismatch} If it exists with another type.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * const one = sockets.getOrCreate("requester", zmq.REQ, zmq.POLLIN | zmq.POLLOUT);
   * const two = sockets.getOrCreate("requester", zmq.REQ);
   * console.log(one === two); // true
   * ```
   */
  getOrCreate<T extends SocketType, M = unknown>(
    name: string,
    type: T,
    pollingMechanism?: MaskOrOptions<O[T], M>,
    options?: CreateOptions<O[T], M>,
  ): S[T] & MessagesOf<M> {
    const given = maskAndOptions<CreateOptions<O[T], M>>(
      pollingMechanism,
      options,
      type,
      `the socket '${name}'`,
    );
    const managed = this.#sockets.get(name);
    if (managed !== undefined) requireType(name, managed.socket, type);
    const schema = given.options?.schema;
    if (managed && schema) managed.schema = schema;
    const socket = managed
      ? managed.socket as S[T] & MessagesOf<M>
      : this.create<T, M>(name, type, given.options);
    this.#poller.register(socket, given.mask);
    return socket;
  }

  /**
   * Registers a socket, so that `engage` polls it. Registering it again adds to
   * the events that it is polled for. The socket may also be one that the
   * manager did not create.
   *
   * @param socket The socket, or its name.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both.
   * @returns The socket.
   * @throws {SocketNotFound}
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await using foreign = new zmq.Pull();
   * sockets.registerSocket(foreign, zmq.POLLIN);
   * console.log(await sockets.engage({ timeout: 0 })); // Map(0) {}
   * ```
   */
  registerSocket<K extends ZmqSocket = S[SocketType]>(
    socket: K | string,
    pollingMechanism?: number,
  ): K {
    const found = this.#zmqSocket(socket) as K;
    this.#poller.register(found, checkMask(pollingMechanism, found.type));
    return found;
  }

  /**
   * Unregisters a socket: `engage` does not poll it any more.
   *
   * @param socket The socket, or its name.
   * @throws {SocketNotFound}
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.getOrCreate("jobs", zmq.PULL);
   * sockets.unregisterSocket("jobs");
   * ```
   */
  unregisterSocket(socket: ZmqSocket | string): void {
    this.#poller.unregister(this.#zmqSocket(socket));
  }

  /**
   * Binds a socket and registers it. A socket may have many addresses.
   *
   * @param name Its name.
   * @param address Such as `tcp://*:6000`, `tcp://localhost:*` for any free port, `ipc:///tmp/x` or `inproc://x`.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both.
   * @returns The socket; its `lastEndpoint` has the real port.
   * @throws {SocketNotFound}
   * @throws {SocketBindError} With the reason in `cause`.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("pipe-in", zmq.PULL);
   * const socket = await sockets.bind("pipe-in", "tcp://127.0.0.1:*", zmq.POLLIN);
   * console.log(socket.lastEndpoint);
   * ```
   */
  async bind(
    name: string,
    address: string,
    pollingMechanism?: number,
  ): Promise<S[SocketType]> {
    return await this.#open(
      name,
      pollingMechanism,
      ({ addresses }) => addresses.bind(address),
    );
  }

  /**
   * Makes sure that a socket exists, is bound to an address, and is registered.
   * Calling it again changes nothing.
   *
   * @param name Its name.
   * @param type Its type.
   * @param address The address, as for {@linkcode bind}.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both; may be left out, with the options in its place.
   * @param options As for {@linkcode getOrCreate}.
   * @returns The socket; its `lastEndpoint` has the real port.
   * @throws {SocketTypeMismatch} If it exists with another type.
   * @throws {SocketBindError} With the reason in `cause`.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("pipe-in", zmq.PULL, "tcp://127.0.0.1:*", zmq.POLLIN);
   * await sockets.ensureAndBind("pipe-in", zmq.PULL, "tcp://127.0.0.1:*", zmq.POLLIN);
   * ```
   */
  async ensureAndBind<T extends SocketType, M = unknown>(
    name: string,
    type: T,
    address: string,
    pollingMechanism?: MaskOrOptions<O[T], M>,
    options?: CreateOptions<O[T], M>,
  ): Promise<S[T] & MessagesOf<M>> {
    const socket = this.getOrCreate(name, type, pollingMechanism, options);
    await this.#managed(name).addresses.ensureBound(address);
    return socket;
  }

  /**
   * Binds a socket to any free port and registers it.
   *
   * @param name Its name.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both; may be left out, with the address in its place.
   * @param localAddress A TCP address without a port; by default all of IPv4.
   * @returns The socket and its real endpoint. Peers cannot connect to the
   *   wildcard address 0.0.0.0: {@linkcode publicAddress} returns one for them.
   * @throws {SocketNotFound}
   * @throws {SocketBindError} With the reason in `cause`.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("api-server", zmq.REP);
   * const [, address] = await sockets.bindToRandomPort("api-server");
   * console.log(address, await sockets.publicAddress("api-server"));
   * // tcp://0.0.0.0:61432 tcp://192.168.10.24:61432
   * ```
   */
  async bindToRandomPort(
    name: string,
    pollingMechanism?: number | string,
    localAddress?: string,
  ): Promise<[socket: S[SocketType], address: string]> {
    const isAddress = typeof pollingMechanism === "string";
    const mask = isAddress ? undefined : pollingMechanism;
    const local = isAddress ? pollingMechanism : localAddress;
    let endpoint = "";
    const socket = await this.#open(name, mask, async ({ addresses }) => {
      const address = withAnyPort(local ?? "tcp://0.0.0.0", name);
      endpoint = await addresses.bind(address);
    });
    return [socket, endpoint];
  }

  /**
   * Returns an address at which peers can reach a bound socket: its endpoint,
   * with the IP address of this machine in place of a wildcard.
   *
   * For a wildcard, Deno needs `--allow-sys=networkInterfaces`.
   *
   * @param name Its name.
   * @param address One of its endpoints; by default the one that was bound last.
   * @returns An address to connect to.
   * @throws {SocketNotFound}
   * @throws {AgentZeroSocketError} If the socket is not bound there.
   * @throws {AddressError} `PERMISSION_DENIED`.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("jobs", zmq.PUSH, "tcp://*:*");
   * console.log(await sockets.publicAddress("jobs")); // tcp://192.168.10.24:61432
   * ```
   */
  async publicAddress(name: string, address?: string): Promise<string> {
    const endpoint = this.#managed(name).addresses.boundAs(address).at(-1);
    if (endpoint === undefined) {
      throw socketFailure(
        "Cannot determine the public address of",
        name,
        new Error(`it is not bound${address ? ` to "${address}"` : ""}`),
      );
    }
    return await publicEndpoint(endpoint);
  }

  /**
   * Connects a socket and registers it. The peer need not be running yet: the
   * socket connects, and reconnects, by itself.
   *
   * @param name Its name.
   * @param address Such as `tcp://worker.local:6000`; the host name must resolve.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both.
   * @returns The socket.
   * @throws {SocketNotFound}
   * @throws {SocketConnectError} For a malformed address or an unknown host; the reason is in `cause`. If the runtime denies the permission to connect, its code is `PERMISSION_DENIED`.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager({ linger: 0 });
   * sockets.create("logs", zmq.PUB);
   * await sockets.connect("logs", "tcp://localhost:6000", zmq.POLLOUT);
   * ```
   */
  async connect(
    name: string,
    address: string,
    pollingMechanism?: number,
  ): Promise<S[SocketType]> {
    return await this.#open(
      name,
      pollingMechanism,
      ({ addresses }) => addresses.connect(address),
    );
  }

  /**
   * Makes sure that a socket exists, is connected to an address, and is
   * registered. Calling it again changes nothing.
   *
   * @param name Its name.
   * @param type Its type.
   * @param address The address, as for {@linkcode connect}.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both; may be left out, with the options in its place.
   * @param options As for {@linkcode getOrCreate}.
   * @returns The socket.
   * @throws {SocketTypeMismatch} If it exists with another type.
   * @throws {SocketConnectError} With the reason in `cause`.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager({ linger: 0 });
   * await sockets.ensureAndConnect("logs", zmq.PUB, "tcp://localhost:7000", {
   *   sendHighWaterMark: 100,
   * });
   * ```
   */
  async ensureAndConnect<T extends SocketType, M = unknown>(
    name: string,
    type: T,
    address: string,
    pollingMechanism?: MaskOrOptions<O[T], M>,
    options?: CreateOptions<O[T], M>,
  ): Promise<S[T] & MessagesOf<M>> {
    const socket = this.getOrCreate(name, type, pollingMechanism, options);
    await this.#managed(name).addresses.ensureConnected(address);
    return socket;
  }

  /**
   * Unbinds a socket. Connections that were accepted there are closed once the
   * messages that were sent have left.
   *
   * @param name Its name.
   * @param address The address, as it was given or as its real endpoint; left out, all.
   * @returns Resolves once the address is free again.
   * @throws {SocketNotFound}
   * @throws {AgentZeroSocketError} If the socket is not bound there.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("jobs", zmq.PUSH, "tcp://127.0.0.1:*");
   * await sockets.unbind("jobs");
   * ```
   */
  async unbind(name: string, address?: string): Promise<void> {
    await this.#managed(name).addresses.unbind(address);
  }

  /**
   * Disconnects a socket from an address, or from all; an address that it is
   * bound to is unbound.
   *
   * @param name Its name.
   * @param address The address; left out, all.
   * @returns `true` once it is disconnected; `false` if the socket was closed meanwhile.
   * @throws {SocketNotFound}
   * @throws {AgentZeroSocketError} If the socket is neither connected nor bound there.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndConnect("jobs", zmq.PULL, "tcp://localhost:7000");
   * await sockets.disconnect("jobs", "tcp://localhost:7000");
   * ```
   */
  async disconnect(name: string, address?: string): Promise<boolean> {
    const { addresses, socket } = this.#managed(name);
    try {
      await addresses.disconnect(address);
    } catch (error) {
      if (!socket.closed) throw error;
    }
    return !socket.closed;
  }

  /**
   * Waits until at least one registered socket is ready.
   *
   * @param options The timeout, by default the manager's `pollingTimeout`, and a signal.
   * @returns The sockets that are ready, each with a mask of `zmq.POLLIN` and
   *   `zmq.POLLOUT`; empty when the time is over, or when no registered socket
   *   is left.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * const pull = await sockets.ensureAndBind("in", zmq.PULL, "inproc://x", zmq.POLLIN);
   * await using push = new zmq.Push();
   * push.connect("inproc://x");
   *
   * await push.send("hello");
   * const ready = await sockets.engage({ timeout: 1000 });
   * console.log(ready.get(pull) === zmq.POLLIN); // true
   * ```
   */
  async engage(options: WaitOptions = {}): Promise<Map<ZmqSocket, number>> {
    requireOptions(options, "wait", "engage()");
    for (const { socket, messages } of this.#sockets.all) {
      // A REP can receive once it has replied to its last request.
      if ((this.#poller.maskOf(socket) & POLLIN) !== 0) {
        messages.sendErrorReply();
      }
    }
    const deadline = new Deadline(options, this.#pollingTimeoutMs);
    return await this.#poller.engage(deadline);
  }

  /**
   * Sends data as one frame, as soon as the socket can. Calls queue (FIFO).
   *
   * A ROUTER and a STREAM need the routing id of the receiver: use
   * {@linkcode publishSafe}. If a socket has no connection, the property
   * `lastConnectError` of the socket that {@linkcode getByName} returns has the
   * reason.
   *
   * @param name The name of the socket.
   * @param data What the serialization backend can pack.
   * @param options The timeout, by default the manager's, and a signal.
   * @returns Whether it was sent; `false` when the time is over.
   * @throws {SocketNotFound}
   * @throws {SerializationError} If the data cannot be packed; nothing is sent.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("jobs", zmq.PUSH);
   * console.log(await sockets.sendSafe("jobs", { id: 1 }, { timeout: 10 })); // false: no peer
   * ```
   */
  sendSafe(
    name: SocketRef,
    data: unknown,
    options?: WaitOptions,
  ): Promise<boolean> {
    // Not promiseTry, here and in recvSafe: with closures a message took a tenth
    // more processor time (inproc, all runtimes).
    try {
      const managed = this.#managed(name);
      requireOptions(options, "wait", "sendSafe()");
      return Promise.resolve(managed.send(data, this.#deadline(options)));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Receives data: a message of one frame. A DEALER may receive an empty frame
   * before it, from a REP. Calls queue (FIFO).
   *
   * A message that cannot be unpacked makes the call reject, with the bytes in
   * `raw`; the next call gets the next message. For a ROUTER, and for published
   * events, use {@linkcode recvEventSafe}.
   *
   * A REP has to reply to each request before it receives the next one; until
   * then a call waits, up to its timeout. A request that cannot be unpacked may
   * be replied to with `sendSafe`; otherwise the next call that receives replies
   * with an error, as {@linkcode serve} does.
   *
   * @param name The name of the socket, or the socket itself: with a schema, the data then has its type.
   * @param options The timeout, by default the manager's, a signal, and a schema instead of that of the socket.
   * @returns The data, which may be `null`; `undefined` when the time is over.
   * @throws {SocketNotFound}
   * @throws {SerializationError} For a message that cannot be unpacked.
   * @throws {SchemaValidationError} For data that does not match the schema.
   * @throws {RequestRefusedError} For an error reply to a REQ or DEALER.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("pipe-in", zmq.PULL, "inproc://pipe");
   * await sockets.ensureAndConnect("pipe-out", zmq.PUSH, "inproc://pipe");
   * await sockets.sendSafe("pipe-out", { pipeline: "video-download" });
   * console.log(await sockets.recvSafe("pipe-in"));
   * ```
   */
  recvSafe<T>(
    name: SocketRef,
    options: ReceiveOptions<T> & Required<SchemaOption<T>>,
  ): Promise<T | undefined>;
  /** The same, with the schema of the socket, if it has one. */
  recvSafe<T = unknown>(
    name: SocketRef<T>,
    options?: ReceiveOptions<T>,
  ): Promise<T | undefined>;
  recvSafe<T>(
    name: SocketRef<T>,
    options?: ReceiveOptions<T>,
  ): Promise<T | undefined> {
    try {
      const managed = this.#managed(name);
      requireOptions(options, "receive", "recvSafe()");
      const deadline = this.#deadline(options);
      const data = managed.receive(deadline, options?.schema);
      return Promise.resolve(data as T | undefined);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Receives an event: a message of two frames, topic and data. For a ROUTER the
   * topic is the routing id of the peer, and notifications of its option
   * `routerNotify` are events whose data is `undefined`.
   *
   * A message that cannot be unpacked makes the call reject; the error has the
   * bytes in `raw`, and all frames in `frames`. The next call gets the next
   * message.
   *
   * @param name The name of the socket.
   * @param topic Subscribes to it, once, and stays subscribed. Left out, the
   *   subscriptions do not change. The event may be of any of them.
   * @param options The timeout, by default the manager's, a signal, and a schema instead of that of the socket.
   * @returns The event; `undefined` when the time is over.
   * @throws {SocketNotFound}
   * @throws {SerializationError} For a message that cannot be unpacked.
   * @throws {SchemaValidationError} For data that does not match the schema.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("pub", zmq.PUB, "inproc://events");
   * await sockets.ensureAndConnect("sub", zmq.SUB, "inproc://events");
   * sockets.setTopic("sub", "logs");
   *
   * await sockets.publishSafe("pub", "logs:2016-06-20", { stdout: "hello world" });
   * const event = await sockets.recvEventSafe("sub", "logs");
   * console.log(event?.topic, event?.data);
   * ```
   */
  recvEventSafe<T>(
    name: SocketRef,
    topic: Topic | undefined,
    options: ReceiveOptions<T> & Required<SchemaOption<T>>,
  ): Promise<Event<T> | undefined>;
  /** The same, with the schema of the socket, if it has one. */
  recvEventSafe<T = unknown>(
    name: SocketRef<T>,
    topic?: Topic,
    options?: ReceiveOptions<T>,
  ): Promise<Event<T> | undefined>;
  recvEventSafe<T>(
    name: SocketRef<T>,
    topic?: Topic,
    options?: ReceiveOptions<T>,
  ): Promise<Event<T> | undefined> {
    return promiseTry(() => {
      const managed = this.#managed(name);
      requireOptions(options, "receive", "recvEventSafe()");
      const deadline = this.#deadline(options);
      return managed.receiveEvent(topic, deadline, options?.schema) as
        | Event<T>
        | undefined;
    });
  }

  /**
   * Subscribes at once, and returns a stream of the events that arrive.
   *
   * The iteration ends when the loop is left, when the signal is aborted, when
   * `keepPolling` returns `false`, when no event comes for `timeout`
   * milliseconds, or when the socket is closed. Its subscription ends with it.
   * Several iterations over one socket each get all events of their topics, and
   * those of other topics that the socket is subscribed to. One that is more
   * than 1,000 events behind drops new ones, or with `dropOldest` the oldest,
   * and counts them in `dropped`.
   *
   * A message that cannot be unpacked makes `next()` reject; the next `next()`
   * continues, and so does a new loop over the same stream. With `onError` the
   * loop continues by itself.
   *
   * @param name The name of the socket.
   * @param topic The prefix of the topics; `""` for all. Left out: what the
   *   socket is subscribed to already, or everything if that is nothing.
   * @param options When to end, a schema instead of that of the socket, and a listener for errors.
   * @returns The events.
   * @throws {SocketNotFound}
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("pub", zmq.PUB, "inproc://events");
   * await sockets.ensureAndConnect("sub", zmq.SUB, "inproc://events");
   *
   * const events = sockets.subscribe("sub", "output");
   * await sockets.publishSafe("pub", "output:0", "some data");
   * for await (const [topic, data] of events) {
   *   console.log(topic, "==>", data);
   *   break;
   * }
   * ```
   */
  subscribe<T>(
    name: SocketRef,
    topic: Topic | undefined,
    options: EventOptions<T> & Required<SchemaOption<T>>,
  ): EventStream<T>;
  /** The same, with the schema of the socket, if it has one. */
  subscribe<T = unknown>(
    name: SocketRef<T>,
    topic?: Topic,
    options?: EventOptions<T>,
  ): EventStream<T>;
  subscribe<T>(
    name: SocketRef<T>,
    topic?: Topic,
    options: EventOptions<T> = {},
  ): EventStream<T> {
    requireOptions(options, "events", "subscribe()");
    checkTimeout(options.timeout ?? -1);
    return this.#managed(name)
      .subscribe(topic, options, this.#pollingTimeoutMs) as EventStream<T>;
  }

  /**
   * Sets an option of a socket.
   *
   * @param name The name of the socket.
   * @param option Its name, or its number in libzmq.
   * @param value Its value.
   * @throws {SocketNotFound}
   * @throws {AgentZeroSocketError} For an unknown option or an invalid value; the reason is in `cause`.
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
    const { socket, topics } = this.#managed(name);
    if (option === SUBSCRIBE) return topics.add(value as Topic);
    if (option === UNSUBSCRIBE) return topics.delete(value as Topic);
    try {
      socket.setOption(option, value);
    } catch (error) {
      throw socketFailure("Cannot set an option of", name, error);
    }
  }

  /**
   * Returns the value of an option of a socket.
   *
   * @param name The name of the socket.
   * @param option Its name, or its number in libzmq.
   * @returns Its value.
   * @throws {SocketNotFound}
   * @throws {AgentZeroSocketError} For an unknown option; the reason is in `cause`.
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
    const { socket } = this.#managed(name);
    try {
      return socket.getOption(option);
    } catch (error) {
      throw socketFailure("Cannot get an option of", name, error);
    }
  }

  /**
   * Subscribes a SUB or XSUB socket to a topic, once.
   *
   * @param name The name of the socket.
   * @param topic The prefix of the topics; `""` for all.
   * @throws {SocketNotFound}
   * @throws {AgentZeroSocketError} If the type of the socket has no topics.
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
    this.#managed(name).topics.add(topic);
  }

  /**
   * Sets the schema that validates the messages of a socket.
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
    this.#managed(name).schema = schema;
  }

  /**
   * Publishes an event: a frame with the topic, one with the data. A PUB socket
   * drops it for peers that are not subscribed. A ROUTER sends it to the peer
   * whose routing id is the topic.
   *
   * @param name The name of the socket.
   * @param topic The topic, as text or bytes.
   * @param data What the serialization backend can pack.
   * @param options The timeout, by default the manager's, and a signal.
   * @returns Whether it was sent; `false` when the time is over.
   * @throws {SocketNotFound}
   * @throws {SerializationError} If the data cannot be packed; nothing is sent.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("logs", zmq.PUB, "tcp://127.0.0.1:*");
   * console.log(await sockets.publishSafe("logs", "output", "some data")); // true
   * ```
   */
  publishSafe(
    name: SocketRef,
    topic: Topic,
    data: unknown,
    options?: WaitOptions,
  ): Promise<boolean> {
    return promiseTry(() => {
      const managed = this.#managed(name);
      requireOptions(options, "wait", "publishSafe()");
      return managed.publish(topic, data, this.#deadline(options));
    });
  }

  /**
   * Waits until a socket is ready, and returns for what.
   *
   * @param name Its name.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both; may be left out, with the options in its place.
   * @param options The timeout, by default the manager's `pollingTimeout`, and a signal.
   * @returns A mask of what it is ready for; 0 when the time is over.
   * @throws {SocketNotFound}
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("events", zmq.PUB);
   * console.log(await sockets.ready("events", zmq.POLLOUT, { timeout: 0 })); // 2
   * ```
   */
  async ready(
    name: string,
    pollingMechanism?: number | WaitOptions,
    options?: WaitOptions,
  ): Promise<number> {
    const { messages, socket: { type } } = this.#managed(name);
    const given = maskAndOptions(pollingMechanism, options, type, "ready()");
    requireOptions(given.options, "wait", "ready()");
    const deadline = new Deadline(given.options, this.#pollingTimeoutMs);
    return await messages.poll(given.mask, deadline);
  }

  /**
   * Waits until a socket is ready.
   *
   * @param name Its name.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both: either is enough. May be left out, with the options in its place.
   * @param options The timeout, by default the manager's, and a signal.
   * @returns The socket; `undefined` when the time is over.
   * @throws {SocketNotFound}
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("jobs", zmq.PULL);
   * console.log(await sockets.waitUntilReady("jobs", zmq.POLLIN, { timeout: 10 })); // undefined
   * ```
   */
  async waitUntilReady(
    name: string,
    pollingMechanism?: number | WaitOptions,
    options?: WaitOptions,
  ): Promise<S[SocketType] | undefined> {
    const { messages, socket } = this.#managed(name);
    const what = "waitUntilReady()";
    const given = maskAndOptions(pollingMechanism, options, socket.type, what);
    requireOptions(given.options, "wait", what);
    const deadline = new Deadline(given.options, this.#timeoutMs);
    const ready = await messages.poll(given.mask, deadline);
    return ready === 0 ? undefined : socket as S[SocketType];
  }

  /**
   * Sends a request over a REQ socket and waits for the reply. If there is none in
   * time, the request is sent again, and only the reply to the last attempt
   * counts. Requests on one socket queue (FIFO). Afterwards the socket is as
   * usable as before, whatever the outcome.
   *
   * The server may receive a request more than once, so it must be idempotent.
   * The first call sets the options `relaxed` and `correlate` of the socket.
   *
   * @param name The name of the socket.
   * @param data The request.
   * @param options The timeout of one attempt, the number of retries, a signal, and a schema for the reply.
   * @returns The reply.
   * @throws {RequestTimeoutError} `REQUEST_TIMEOUT`, after the last attempt.
   * @throws {RequestRefusedError} `REQUEST_REFUSED`, for an error reply.
   * @throws {SocketTypeMismatch} If it is not a REQ.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("server", zmq.REP, "inproc://sums");
   * await sockets.ensureAndConnect("client", zmq.REQ, "inproc://sums");
   *
   * const answer = sockets.request("client", [20, 22], { timeout: 500, retries: 3 });
   * const [a, b] = (await sockets.recvSafe<number[]>("server"))!;
   * await sockets.sendSafe("server", a! + b!);
   * console.log(await answer); // 42
   * ```
   */
  request<T>(
    name: SocketRef,
    data: unknown,
    options: RequestOptions<T> & Required<SchemaOption<T>>,
  ): Promise<T>;
  /** The same, with the schema of the socket, if it has one. */
  request<T = unknown>(
    name: SocketRef<T>,
    data: unknown,
    options?: RequestOptions<T>,
  ): Promise<T>;
  async request<T>(
    name: SocketRef<T>,
    data: unknown,
    options: RequestOptions<T> = {},
  ): Promise<T> {
    const managed = this.#managed(name);
    requireOptions(options, "request", "request()");
    const { timeout = this.#timeoutMs, retries = 2, signal, schema } = options;
    const limits = { timeout, retries, signal };
    return await managed.request(data, limits, schema) as T;
  }

  /**
   * Replies to the requests of a REP or ROUTER with what a function returns,
   * until the signal is aborted or the socket is closed. A request that fails
   * does not end the service.
   *
   * If a request cannot be unpacked or does not match the schema, or if the
   * handler throws, the client gets an error reply: `request` and `recvSafe`
   * reject there with {@linkcode RequestRefusedError}. From a `zmq.ReplyError`
   * the client gets code and message; from any other error of the handler
   * `EINTERNAL` and a general message, so that no internals leak.
   *
   * @param name The name of the socket, or the socket itself.
   * @param handler Replies to a request; its result is packed, `undefined` as `null`.
   * @param options A schema instead of that of the socket, a signal, the concurrency, and a listener for errors.
   * @returns Resolves when the service has ended, and the handlers that were running with it.
   * @throws {SocketNotFound}
   * @throws {SocketTypeMismatch} If it is neither a REP nor a ROUTER.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   * import * as z from "zod";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("sums", zmq.REP, "inproc://sums");
   * await sockets.ensureAndConnect("client", zmq.REQ, "inproc://sums");
   *
   * const schema = z.object({ a: z.number(), b: z.number() });
   * void sockets.serve("sums", ({ a, b }) => a + b, { schema });
   * console.log(await sockets.request("client", { a: 20, b: 22 })); // 42
   * ```
   */
  serve<T>(
    name: SocketRef,
    handler: ServeHandler<T>,
    options: ServeOptions<T> & Required<SchemaOption<T>>,
  ): Promise<void>;
  /** The same, with the schema of the socket, if it has one. */
  serve<T = unknown>(
    name: SocketRef<T>,
    handler: ServeHandler<T>,
    options?: ServeOptions<T>,
  ): Promise<void>;
  async serve<T>(
    name: SocketRef<T>,
    handler: ServeHandler<T>,
    options: ServeOptions<T> = {},
  ): Promise<void> {
    const managed = this.#managed(name);
    requireOptions(options, "serve", "serve()");
    await serve(managed, handler as ServeHandler, options);
  }

  /**
   * Returns a handler that publishes log records through a socket, for the
   * adapters to LogTape, pino, winston and consola; the same object for the same
   * arguments. It never waits and never throws. Records that cannot be
   * published, also those that are logged before the socket exists, are counted
   * in `dropped`.
   *
   * @param name The name of the socket, which may be created later.
   * @param options The topic.
   * @returns The handler.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("logs", zmq.PUB, "tcp://127.0.0.1:*");
   * const handler = sockets.getLogHandler("logs", { topicName: "app_logs" });
   * handler.handle({ level: "info", msg: "Server is up!" });
   * console.log(handler.published, handler.dropped); // 1 0
   * ```
   */
  getLogHandler(name: string, options: GetLogHandlerOptions = {}): LogHandler {
    requireOptions(options, "logHandler", "getLogHandler()");
    return this.#logHandler(name, options);
  }

  /**
   * Returns a logger that publishes its records through a socket; the same
   * object for the same arguments.
   *
   * @param name The name of the socket, which may be created later.
   * @param options The topic, and the name of the logger in its records.
   * @returns The logger.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("logs", zmq.PUB, "tcp://127.0.0.1:*");
   * const logger = sockets.getLogger("logs", { loggerName: "web" });
   * logger.info("Server is up on port %d", 5000);
   * ```
   */
  getLogger(name: string, options: GetLoggerOptions = {}): Logger {
    requireOptions(options, "logger", "getLogger()");
    const handler = this.#logHandler(name, options);
    return this.#loggers.logger(handler, options.loggerName ?? name);
  }

  /**
   * Closes a socket, if it exists; its name is free at once. Calls that wait for
   * it reject with `SOCKET_CLOSED`. Messages that were sent may still leave,
   * within its linger time.
   *
   * @param name Its name.
   * @returns Resolves when the socket is closed and its addresses are free.
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
    await this.#sockets.close(name);
  }

  /**
   * Closes all sockets that the manager created. If one of them cannot be
   * closed, `onCloseError` of the manager gets the error, and the others are
   * closed all the same.
   *
   * @returns Resolves when all sockets are closed.
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
    await this.#sockets.closeAll(this.#onCloseError);
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
   * A text with the names of the sockets; `console.log` prints it, too.
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
    // What console.log prints on Deno; on Node and Bun.
    for (const name of ["Deno.customInspect", "nodejs.util.inspect.custom"]) {
      Object.defineProperty(this.prototype, Symbol.for(name), {
        value(this: SocketManager<SocketMap, OptionsMap>): string {
          return this.toString();
        },
      });
    }
  }

  /** The named socket of a name, or of a ZeroMQ socket. */
  #managed(ref: SocketRef): ManagedSocket {
    if (typeof ref !== "object" || ref === null) {
      const managed = this.#sockets.get(ref);
      if (managed === undefined) throw new SocketNotFound(this, ref);
      return managed;
    }
    const managed = this.#sockets.of(ref);
    if (managed !== undefined) return managed;
    const reason = ref.closed ? "it is closed" : "it was created elsewhere";
    throw new AgentZeroSocketError(
      `${this} does not have this ${typeName(ref.type)} socket: ${reason}`,
      { code: "SOCKET_NOT_FOUND" },
    );
  }

  #zmqSocket(socket: ZmqSocket | string): ZmqSocket {
    return typeof socket === "string" ? this.#managed(socket).socket : socket;
  }

  /** Binds or connects a socket, then registers it. */
  async #open(
    name: string,
    pollingMechanism: number | undefined,
    action: (managed: ManagedSocket) => Promise<unknown>,
  ): Promise<S[SocketType]> {
    const managed = this.#managed(name);
    const { socket } = managed;
    const mask = checkMask(pollingMechanism, socket.type);
    await action(managed);
    if (!socket.closed) this.#poller.register(socket, mask);
    return socket as S[SocketType];
  }

  #logHandler(
    name: string,
    { topicName = "logs" }: GetLogHandlerOptions,
  ): LogHandler {
    return this.#loggers.handler(
      name,
      topicName,
      (topic, record) => this.#managed(name).tryPublish(topic, record),
    );
  }

  #deadline(options: WaitOptions | undefined): Deadline {
    return new Deadline(options, this.#timeoutMs);
  }
}
