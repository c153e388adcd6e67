/**
 * Layer: manager.
 *
 * The part of a SocketManager that binds and connects sockets, and polls them.
 * It sends nothing and receives nothing.
 *
 * @module
 */
import { SocketBindError } from "../errors.ts";
import { getPublicZmqAddress } from "../util/mod.ts";
import { formatTcpAddress, parseTcpAddress } from "../util/tcp_address.ts";
import { transportOf } from "../zmq/endpoint.ts";
import { POLLIN, type SocketType } from "../zmq/mod.ts";
import type {
  MessagesOf,
  OptionsMap,
  SocketMap,
  ZmqSocket,
} from "./contract.ts";
import type { Entry } from "./entry.ts";
import { socketFailure } from "./failures.ts";
import { NamedSockets } from "./named_sockets.ts";
import {
  maskAndOptions,
  type MaskOrOptions,
  requireOptions,
} from "./option_checks.ts";
import type { CreateOptions, SocketManagerOptions } from "./options.ts";
import { Poller } from "./poller.ts";
import { checkMask } from "./socket_types.ts";
import { checkTimeout, Deadline, type WaitOptions } from "../async/deadline.ts";

/** What a SocketManager is secondly: sockets with addresses, which are polled together. */
export abstract class ConnectedSockets<
  S extends SocketMap,
  O extends OptionsMap,
> extends NamedSockets<S, O> {
  readonly #poller = new Poller();
  /** @internal */
  protected readonly pollingTimeoutMs: number;
  /** @internal */
  protected readonly timeoutMs: number;

  /** @internal */
  protected constructor(options: SocketManagerOptions<S, O>) {
    super(options);
    const { pollingTimeout = 10_000, timeout = 10_000 } = options;
    this.pollingTimeoutMs = checkTimeout(pollingTimeout, "pollingTimeout");
    this.timeoutMs = checkTimeout(timeout);
  }

  /**
   * Makes sure that a socket exists and is registered.
   *
   * @param name Its name.
   * @param type Its type.
   * @param pollingMechanism What `engage` polls it for; may be left out, with the options in its place.
   * @param options Only for a socket that is created now; but a schema is set in any case.
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
    const entry = this.find(name, type);
    const schema = given.options?.schema;
    if (entry && schema) entry.schema = schema;
    const socket = entry
      ? entry.socket as S[T] & MessagesOf<M>
      : this.create<T, M>(name, type, given.options);
    this.#poller.register(socket, given.mask);
    return socket;
  }

  /**
   * Registers a socket, so that `engage` polls it. Registering it again adds to
   * what it is polled for. A socket that the manager did not create is fine too.
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
    const found = this.#socket(socket) as K;
    this.#poller.register(found, checkMask(pollingMechanism, found.type));
    return found;
  }

  /**
   * Makes `engage` poll a socket no longer.
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
    this.#poller.unregister(this.#socket(socket));
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
      (entry) => entry.endpoints.bind(address),
    );
  }

  /**
   * Connects a socket and registers it. The peer need not be there yet: the
   * socket connects, and reconnects, by itself.
   *
   * @param name Its name.
   * @param address Such as `tcp://worker.local:6000`; the host name must be known.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both.
   * @returns The socket.
   * @throws {SocketNotFound}
   * @throws {SocketConnectError} For a malformed address or an unknown host; the reason is in `cause`. If the runtime refuses the permission to connect, its code is `PERMISSION_DENIED`.
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
      (entry) => entry.endpoints.connect(address),
    );
  }

  /**
   * Binds a socket to any free port and registers it.
   *
   * @param name Its name.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both; may be left out, with the address in its place.
   * @param localAddress A TCP address without a port; by default all of IPv4.
   * @returns The socket and its real endpoint. That of all interfaces is no
   *   address to connect to: {@linkcode publicAddress} makes one of it.
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
    const socket = await this.#open(name, mask, async (entry) => {
      const address = withAnyPort(local ?? "tcp://0.0.0.0", name);
      endpoint = await entry.endpoints.bind(address);
    });
    return [socket, endpoint];
  }

  /**
   * Gives an address under which others reach a bound socket: its endpoint,
   * with the IP address of this machine in place of a wildcard.
   *
   * Only for a wildcard it must know that address, and on Deno needs
   * `--allow-sys=networkInterfaces` for it.
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
    const { endpoints, channel } = this.entry(name);
    const endpoint = endpoints.boundAs(address).at(-1);
    if (endpoint === undefined) {
      throw socketFailure(
        "Cannot tell an address of",
        channel.name,
        new Error(`it is not bound${address ? ` to "${address}"` : ""}`),
      );
    }
    if (transportOf(endpoint) !== "tcp") return endpoint;
    return await getPublicZmqAddress(endpoint);
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
    await this.entry(name).endpoints.ensureBound(address);
    return socket;
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
    await this.entry(name).endpoints.ensureConnected(address);
    return socket;
  }

  /**
   * Unbinds a socket: connections that were accepted there end, once what was
   * sent has left.
   *
   * @param name Its name.
   * @param address The address, as it was given or as it became; all if left out.
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
    await this.entry(name).endpoints.unbind(address);
  }

  /**
   * Disconnects a socket from an address, or from all; where it is bound, it
   * listens no longer.
   *
   * @param name Its name.
   * @param address The address; all if left out.
   * @returns `true` once the connection is gone, or the address free; `false` if the socket was closed meanwhile.
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
    const { endpoints, socket } = this.entry(name);
    try {
      await endpoints.disconnect(address);
    } catch (error) {
      if (!socket.closed) throw error;
    }
    return !socket.closed;
  }

  /**
   * Waits until at least one registered socket is ready.
   *
   * @param options The timeout, by default the manager's `pollingTimeout`, and a signal.
   * @returns What is ready, with a mask of `zmq.POLLIN` and `zmq.POLLOUT`;
   *   empty when the time is over, or when no registered socket is left.
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
    for (const { socket, channel } of this.entries) {
      // A REP is ready to receive once its last request was answered.
      if ((this.#poller.maskOf(socket) & POLLIN) !== 0) channel.refuse();
    }
    return await this.#poller.engage(
      new Deadline(options, this.pollingTimeoutMs),
    );
  }

  /**
   * Waits until a socket can do something, and tells what.
   *
   * @param name Its name.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both; may be left out, with the options in its place.
   * @param options The timeout, by default the manager's `pollingTimeout`, and a signal.
   * @returns A mask of what is possible; 0 when the time is over.
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
    const { channel, socket: { type } } = this.entry(name);
    const given = maskAndOptions(pollingMechanism, options, type, "ready()");
    requireOptions(given.options, "wait", "ready()");
    const wait = new Deadline(given.options ?? {}, this.pollingTimeoutMs);
    return await channel.poll(given.mask, wait);
  }

  /**
   * Waits until a socket can do something.
   *
   * @param name Its name.
   * @param pollingMechanism `zmq.POLLIN`, `zmq.POLLOUT` or both: one of them is enough. May be left out, with the options in its place.
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
    const { channel, socket } = this.entry(name);
    const what = "waitUntilReady()";
    const given = maskAndOptions(pollingMechanism, options, socket.type, what);
    requireOptions(given.options, "wait", what);
    const wait = new Deadline(given.options ?? {}, this.timeoutMs);
    const ready = await channel.poll(given.mask, wait);
    return ready === 0 ? undefined : socket as S[SocketType];
  }

  /** @internal */
  protected override forget(entry: Entry): void {
    this.#poller.unregister(entry.socket);
  }

  #socket(socket: ZmqSocket | string): ZmqSocket {
    return typeof socket === "string" ? this.entry(socket).socket : socket;
  }

  async #open(
    name: string,
    pollingMechanism: number | undefined,
    action: (entry: Entry) => Promise<unknown>,
  ): Promise<S[SocketType]> {
    const entry = this.entry(name);
    const { socket } = entry;
    const mask = checkMask(pollingMechanism, socket.type);
    await action(entry);
    if (!socket.closed) this.#poller.register(socket, mask);
    return socket as S[SocketType];
  }
}

function withAnyPort(address: string, socketName: string): string {
  try {
    const { host, port = "*" } = parseTcpAddress(address);
    if (port !== "*" && port !== "0") {
      throw new Error("a random port was asked for, and a port given");
    }
    return formatTcpAddress({ host, port: "*" });
  } catch (cause) {
    throw new SocketBindError(address, { socketName, cause });
  }
}
