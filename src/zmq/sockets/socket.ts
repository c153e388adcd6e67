/**
 * Layer: sockets. What all socket types share: addresses, options, waiting
 * calls, polling, closing. The pattern decides how messages are routed.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import type { WaitOptions } from "../../async/wait_queue.ts";
import type { Context } from "../engine/context.ts";
import type { SocketEndpoints } from "../engine/endpoints.ts";
import type { Observer } from "../engine/observer.ts";
import type { Message, MessageLike } from "../message.ts";
import { defineSocketProperties } from "../options/properties.ts";
import type {
  CommonOptions,
  OptionValues,
  SocketFacts,
} from "../options/values.ts";
import type { SocketType } from "../types.ts";
import { Configurable, valuesOf } from "./configurable.ts";
import { SocketLifecycle } from "./lifecycle.ts";
import type { Pattern } from "./pattern.ts";
import type { WaitingCalls } from "./waiting_calls.ts";

/** The options that every socket can be created with. */
export interface SocketOptions extends Partial<CommonOptions> {
  /** The context that the socket belongs to. Default: a shared one. */
  context?: Context;
}

/** The options of every socket, as properties. */
export interface Socket extends CommonOptions, SocketFacts {}

/**
 * A ZeroMQ socket; use one of its types.
 *
 * Its options are properties: `socket.linger = 0`. A new value applies to
 * addresses that are bound or connected afterwards.
 */
export abstract class Socket extends Configurable {
  /** The monitor: connections opened and lost, handshakes, errors. */
  readonly events: Observer;

  readonly #life: SocketLifecycle;
  readonly #calls: WaitingCalls;
  #closing: Promise<void> | undefined;

  /** @internal @param createPattern Called once, with the socket's options, which may change later. */
  protected constructor(
    type: SocketType,
    options: SocketOptions,
    createPattern: (options: Readonly<OptionValues>) => Pattern,
  ) {
    super(type, options, createPattern);
    const { context } = this;
    const values = valuesOf(this);
    const pattern = createPattern(values);
    this.#life = new SocketLifecycle({
      type,
      context,
      options: values,
      pattern,
    });
    this.#calls = this.#life.calls;
    this.events = this.#life.events;
    context.add(this);
  }

  /**
   * Whether the socket is closed. If `close` is called while it binds or
   * unbinds, it is closed when that is done.
   */
  get closed(): boolean {
    return this.#life.isClosed;
  }

  /** Whether the socket is bound or connected to anything, or being bound. */
  override get hasEndpoints(): boolean {
    return this.#life.hasEndpoints;
  }

  /** @internal Its addresses. */
  protected override get addresses(): SocketEndpoints {
    return this.#life.endpoints;
  }

  /**
   * Why the last attempt to connect has failed: the newest error among the
   * connected addresses that have no connection now. `undefined` while all have
   * one, and before the first attempt is over. A `send` or `receive` that times
   * out has the same error as its `cause`.
   *
   * @example
   * ```ts
   * import { zmq } from "@agentzero/agentzero";
   *
   * await using request = new zmq.Request({ linger: 0, receiveTimeout: 200 });
   * request.connect("tcp://127.0.0.1:9"); // nothing listens there
   * await request.send("hello");
   * await request.receive().catch((error) => console.log(error.code)); // EAGAIN
   * console.log(request.lastConnectError?.message); // Cannot connect to …
   * ```
   */
  get lastConnectError(): Error | undefined {
    return this.#life.failures.last;
  }

  /** Whether a message can be received without waiting. */
  get readable(): boolean {
    return this.#calls.readable;
  }

  /** Whether a message can be sent without waiting. */
  get writable(): boolean {
    return this.#calls.writable;
  }

  /**
   * Listens at an address, such as `tcp://*:5555`, `tcp://[::1]:*` (any free
   * port), `ipc:///tmp/socket` or `inproc://name`. A socket may have many.
   * `lastEndpoint` then has the actual address.
   *
   * @throws {ZmqError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `ENOTFOUND`,
   *   or `EINVAL` for a malformed address; a promise that rejects.
   */
  bind(address: string): Promise<void> {
    return this.#life.bind(address);
  }

  /**
   * Stops listening at an address, and ends the connections that were accepted
   * there. Messages sent before are still delivered, as after `close`; messages
   * that have arrived can still be received. Over `inproc` existing connections
   * stay open, as in libzmq.
   *
   * @param address The argument of `bind`, or the actual endpoint. A connected
   *   address is disconnected, as in libzmq.
   * @returns Resolves once the address is free again.
   * @throws {ZmqError} `ENOENT` if the socket is not bound there; `EINVAL` or
   *   `EPROTONOSUPPORT` for a malformed address.
   */
  unbind(address: string): Promise<void> {
    return this.#life.unbind(address);
  }

  /**
   * Connects to an address, and reconnects whenever the connection is lost. The
   * peer need not exist yet. Later errors are reported by `events` and
   * `lastConnectError`.
   *
   * @throws {ZmqError} `EINVAL` or `EPROTONOSUPPORT` for a malformed address;
   *   `EACCES` if the runtime's permissions do not allow it.
   */
  connect(address: string): void {
    this.#life.connect(address);
  }

  /**
   * Disconnects from an address. Messages sent before are still delivered,
   * however long that takes; subscriptions and groups do not keep the
   * connection open.
   *
   * @param address The argument of `connect`. A bound address is unbound, as in
   *   libzmq.
   * @returns Resolves once the connection is closed; need not be awaited.
   * @throws {ZmqError} At once: `ENOENT` if the socket is not connected there,
   *   `EINVAL` or `EPROTONOSUPPORT` for a malformed address.
   */
  disconnect(address: string): Promise<void> {
    return this.#life.disconnect(address);
  }

  /**
   * Closes the socket: waiting calls end as after a timeout, its addresses are
   * freed, and messages are still delivered for as long as `linger` says. Calls
   * of `bind` and `unbind` in progress are completed first.
   *
   * @returns Resolves once nothing is left. Safe to call again.
   */
  close(): Promise<void> {
    // The last tick, for the runtime to clean up, does not keep the socket in memory.
    return this.#closing ??= this.#life
      .close(() => this.context.delete(this)).then(yieldToEventLoop);
  }

  /** Closes the socket, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Waits until the socket can receive (`POLLIN`) or send (`POLLOUT`).
   *
   * @param events One of the two, or their sum.
   * @returns Those that are possible now; 0 after a timeout.
   */
  poll(events: number, options: WaitOptions = {}): Promise<number> {
    return this.#calls.poll(events, options);
  }

  /** @internal Sends, or waits until that is possible. */
  protected sendMessage(
    input: MessageLike | readonly MessageLike[],
    options: WaitOptions | undefined,
  ): Promise<void> {
    return this.#calls.send(input, options);
  }

  /** @internal Sends if that is possible without waiting. */
  protected trySendMessage(
    input: MessageLike | readonly MessageLike[],
  ): boolean {
    return this.#calls.trySend(input);
  }

  /** @internal Receives, or waits until that is possible. */
  protected receiveMessage(options?: WaitOptions): Promise<Message> {
    return this.#calls.receive(options);
  }

  /** @internal Receives if that is possible without waiting. */
  protected tryReceiveMessage(): Message | undefined {
    return this.#calls.tryReceive();
  }

  /** @internal Connects to a peer whose routing id is known beforehand. */
  protected connectTo(address: string, routingId: Uint8Array): void {
    this.#life.connect(address, routingId);
  }

  /** @internal Serves waiting calls: the pattern may have got a message, or room. */
  protected wake(): void {
    this.#life.wake();
  }

  /** @internal The pattern that the subclass has created. */
  protected patternOf<P extends Pattern>(
    type: new (...args: never[]) => P,
  ): P {
    const { pattern } = this.#life;
    if (pattern instanceof type) return pattern;
    throw new TypeError(`The pattern of this socket is not a ${type.name}`);
  }

  /** Sets an option; new high-water marks apply at once, also to existing connections. */
  override setOption(option: string | number, value: unknown): void {
    super.setOption(option, value);
    // The base's constructor calls this, too.
    if (#life in this) this.#life.updateHighWaterMarks();
  }
}

defineSocketProperties(Socket.prototype);
