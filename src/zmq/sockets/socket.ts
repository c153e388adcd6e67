/**
 * Layer: sockets. What all socket types share: addresses, options, calls that
 * wait, polling, closing. How messages are routed is the pattern's business.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import { type WaitOptions, WaitQueue } from "../../async/wait_queue.ts";
import type { Context } from "../engine/context.ts";
import { ConnectFailures } from "../engine/connect_failures.ts";
import { Endpoints } from "../engine/endpoints.ts";
import { authenticatePeer } from "../engine/authenticator.ts";
import { setMarks, type SocketCore } from "../engine/socket_core.ts";
import { Observer } from "../engine/observer.ts";
import { Pending } from "../engine/pending.ts";
import { SocketWaitErrors } from "../engine/wait_errors.ts";
import { ZmqError } from "../errors.ts";
import type { Message, MessageLike } from "../message.ts";
import { defineSocketProperties } from "../options/properties.ts";
import type {
  CommonOptions,
  OptionValues,
  SocketFacts,
} from "../options/values.ts";
import type { Pipe, PipeHolder } from "../routing/pipe.ts";
import { POLLIN, POLLOUT, type SocketType } from "../types.ts";
import { Configurable, valuesOf } from "./configurable.ts";
import { outgoing } from "./outgoing.ts";
import type { Pattern } from "./pattern.ts";

/** What every socket is created with. */
export interface SocketOptions extends Partial<CommonOptions> {
  /** The context it belongs to. Default: the one that all sockets share. */
  context?: Context;
}

const DONE = Promise.resolve();
const SENT = { value: undefined };

/** The options of every socket, as properties. */
export interface Socket extends CommonOptions, SocketFacts {}

/**
 * A ZeroMQ socket; use one of its types.
 *
 * Its options are properties: `socket.linger = 0`. A new value counts for what
 * is bound and connected afterwards.
 */
export abstract class Socket extends Configurable {
  /** What happens beneath: connections made and lost, handshakes, errors. */
  readonly events: Observer;

  readonly #pattern: Pattern;
  readonly #options: OptionValues;
  readonly #endpoints: Endpoints;
  readonly #failures: ConnectFailures = new ConnectFailures();
  readonly #pipes: Set<Pipe> = new Set();
  readonly #receivers: WaitQueue<undefined, Message>;
  readonly #senders: WaitQueue<Message, void>;
  readonly #pollers: WaitQueue<number, number>;
  #closing: Promise<void> | undefined;
  #isClosed = false;
  /** Calls of `bind` and `unbind` that go on. */
  readonly #changes = new Pending();

  /** @internal */
  protected constructor(
    type: SocketType,
    options: SocketOptions,
    pattern: (options: Readonly<OptionValues>) => Pattern,
  ) {
    super(type, options, pattern);
    this.#options = valuesOf(this);
    const { keepAlive, scheduler, slabs, inproc, zap } = this.context;
    this.events = new Observer(keepAlive);
    const routing = pattern(this.#options);
    this.#pattern = routing;
    const failures = this.#failures;
    const receiving = { turn: () => routing.receiveTurn, failures };
    const sending = { turn: () => routing.sendTurn, failures };
    this.#receivers = new WaitQueue(
      keepAlive,
      new SocketWaitErrors("receive", receiving),
    );
    this.#senders = new WaitQueue(
      keepAlive,
      new SocketWaitErrors("send", sending),
    );
    this.#pollers = new WaitQueue(keepAlive, new SocketWaitErrors("poll"));
    const host: SocketCore = {
      type,
      options: this.#options,
      events: this.events,
      scheduler,
      slabs,
      keepAlive,
      failures: this.#failures,
      authenticate: (credentials, address, signal) =>
        authenticatePeer(host, credentials, address, zap, signal),
      attach: (pipe) => this.#attach(pipe),
      release: (pipe) => this.#release(pipe),
    };
    this.#endpoints = new Endpoints(host, inproc);
    this.context.add(this);
  }

  /**
   * Whether the socket is closed. One that is closed while it binds or unbinds
   * is closed when that is done.
   */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** Whether the socket is bound or connected to anything, or being bound. */
  override get hasEndpoints(): boolean {
    return !this.#changes.isIdle || !this.#endpoints.isEmpty;
  }

  /** @internal Its addresses. */
  protected override get addresses(): Endpoints {
    return this.#endpoints;
  }

  /**
   * Why the last attempt to connect has failed: the newest error among the
   * connected addresses that have no connection now. `undefined` while all have
   * one, and before the first attempt is over. A `send` or `receive` whose time
   * runs out has the same error as its `cause`.
   *
   * @example
   * ```ts
   * import { zmq } from "@agentzero/agentzero";
   *
   * await using request = new zmq.Request({ linger: 0, receiveTimeout: 200 });
   * request.connect("tcp://127.0.0.1:9"); // nobody is there
   * await request.send("hello");
   * await request.receive().catch((error) => console.log(error.code)); // EAGAIN
   * console.log(request.lastConnectError?.message); // Cannot connect to …
   * ```
   */
  get lastConnectError(): Error | undefined {
    return this.#failures.last;
  }

  /** Whether a message can be received without waiting. */
  get readable(): boolean {
    return !this.closed && this.#pattern.canReceive;
  }

  /** Whether a message can be sent without waiting. */
  get writable(): boolean {
    return !this.closed && this.#senders.size === 0 && this.#pattern.canSend;
  }

  /**
   * Listens at an address, such as `tcp://*:5555`, `tcp://[::1]:*` (any free
   * port), `ipc:///tmp/socket` or `inproc://name`. A socket may have many.
   * `lastEndpoint` then has the real one.
   *
   * @throws {ZmqError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `ENOTFOUND`,
   *   or `EINVAL` for a malformed address; a promise that rejects.
   */
  async bind(address: string): Promise<void> {
    this.#requireOpen();
    await this.#changes.run(() => this.#endpoints.bind(address));
  }

  /**
   * Listens there no longer, and ends the connections that were accepted there:
   * what was sent before still leaves, as after `close`; what has come can still
   * be received. Over `inproc` those who are connected stay so, as with libzmq.
   *
   * @param address What was given to `bind`, or the real endpoint. That of a
   *   connection is disconnected from, as with libzmq.
   * @returns Resolves once the address is free again.
   * @throws {ZmqError} `ENOENT` if the socket is not bound there; `EINVAL` or
   *   `EPROTONOSUPPORT` for a malformed address.
   */
  async unbind(address: string): Promise<void> {
    this.#requireOpen();
    await this.#changes.run(() => this.#endpoints.end(address, "unbind"));
  }

  /**
   * Connects to an address, now and again whenever the connection is lost. The
   * peer need not be there yet. What goes wrong later is told by `events` and
   * `lastConnectError`.
   *
   * @throws {ZmqError} `EINVAL` or `EPROTONOSUPPORT` for a malformed address;
   *   `EACCES` if the runtime's permissions do not allow it.
   */
  connect(address: string): void {
    this.#requireOpen();
    this.#endpoints.connect(address);
  }

  /**
   * Disconnects from an address. What was sent before still leaves, however
   * long that takes; subscriptions and groups do not keep the connection.
   *
   * @param address What was given to `connect`. One that is bound is unbound,
   *   as with libzmq.
   * @returns Resolves once the connection is gone; need not be awaited.
   * @throws {ZmqError} At once: `ENOENT` if the socket is not connected there,
   *   `EINVAL` or `EPROTONOSUPPORT` for a malformed address.
   */
  disconnect(address: string): Promise<void> {
    this.#requireOpen();
    return this.#endpoints.end(address, "disconnect");
  }

  /**
   * Closes the socket: calls that wait end as if their time were over, its
   * addresses are freed, and what was sent still leaves for as long as `linger`
   * says. What it binds or unbinds at the moment is finished before.
   *
   * @returns Resolves once nothing is left. Safe to call again.
   */
  close(): Promise<void> {
    // What waits for the runtime to clean up, too, holds no socket meanwhile.
    return this.#closing ??= this.#close().then(yieldToEventLoop);
  }

  /** Closes the socket, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Waits until the socket can receive (`POLLIN`) or send (`POLLOUT`).
   *
   * @param events One of both, or their sum.
   * @returns Those that are possible now; 0 when the time is over.
   */
  async poll(events: number, options: WaitOptions = {}): Promise<number> {
    this.#requireOpen();
    const ready = this.#ready(events);
    if (ready !== 0) return ready;
    try {
      return await this.#pollers.wait(events, 0, { timeout: -1, ...options });
    } catch (error) {
      if ((error as ZmqError).code === "EAGAIN") return 0;
      throw error;
    }
  }

  /** @internal Sends, or waits until that is possible. */
  protected sendMessage(
    input: MessageLike | readonly MessageLike[],
    options: WaitOptions | undefined,
  ): Promise<void> {
    try {
      this.#requireOpen();
      const message = outgoing(input, this.context.sendLimit, this.#options);
      if (options?.signal?.aborted) {
        return Promise.reject(options.signal.reason);
      }
      if (this.#senders.size === 0 && this.#pattern.send(message)) {
        this.#serveOthers();
        const { scheduler } = this.context;
        return scheduler.shouldYield() ? scheduler.nextTick() : DONE;
      }
      return this.#senders.wait(message, this.#options.sendHighWaterMark, {
        ...options,
        timeout: options?.timeout ?? this.#options.sendTimeout,
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** @internal Sends if that is possible without waiting. */
  protected trySendMessage(
    input: MessageLike | readonly MessageLike[],
  ): boolean {
    this.#requireOpen();
    const message = outgoing(input, this.context.sendLimit, this.#options);
    if (this.#senders.size > 0 || !this.#pattern.send(message)) return false;
    this.#serveOthers();
    return true;
  }

  /** @internal Receives, or waits until that is possible. */
  protected receiveMessage(options?: WaitOptions): Promise<Message> {
    try {
      this.#requireOpen();
      if (options?.signal?.aborted) {
        return Promise.reject(options.signal.reason);
      }
      if (this.#receivers.size === 0) {
        const message = this.#take();
        if (message !== undefined) {
          const { scheduler } = this.context;
          return scheduler.shouldYield()
            ? scheduler.nextTick().then(() => message)
            : Promise.resolve(message);
        }
      }
      const { receiveHighWaterMark, receiveTimeout } = this.#options;
      const message = this.#receivers.wait(undefined, receiveHighWaterMark, {
        ...options,
        timeout: options?.timeout ?? receiveTimeout,
      });
      const { scheduler } = this.context;
      if (!scheduler.isYielding) return message;
      message.catch(() => {}); // whoever called hears of it a turn later
      return scheduler.nextTick().then(() => message);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** @internal Receives if that is possible without waiting. */
  protected tryReceiveMessage(): Message | undefined {
    this.#requireOpen();
    return this.#receivers.size > 0 ? undefined : this.#take();
  }

  /** @internal Connects to a peer whose routing id is known beforehand. */
  protected connectTo(address: string, routingId: Uint8Array): void {
    this.#requireOpen();
    this.#endpoints.connect(address, routingId);
  }

  /** @internal The pattern may have got something to give, or room. */
  protected wake(): void {
    this.#serveReceivers();
    this.#serveSenders();
  }

  #take(): Message | undefined {
    const message = this.#pattern.receive();
    if (message !== undefined) this.#serveOthers();
    return message;
  }

  /** With REQ and REP, what one call has done makes another possible. */
  #serveOthers(): void {
    if (this.#receivers.size > 0) this.#serveReceivers();
    if (this.#senders.size > 0) this.#serveSenders();
    if (this.#pollers.size > 0) this.#servePollers();
  }

  readonly #holder: PipeHolder = {
    pipeReadable: (pipe) => {
      this.#pattern.readable(pipe);
      this.#serveReceivers();
    },
    pipeWritable: (pipe) => {
      this.#pattern.writable(pipe);
      this.#serveSenders();
    },
    pipeClosed: (pipe) => this.#release(pipe),
    pipeEnding: (pipe) => this.#pattern.ending(pipe),
    pipeReset: (pipe) => this.#pattern.reset(pipe),
    pipeIdentified: (pipe) => {
      this.#pattern.identified(pipe);
      this.wake();
    },
  };

  /** Sets an option; new high-water marks count at once, for the connections there are as well. */
  override setOption(option: string | number, value: unknown): void {
    super.setOption(option, value);
    // It is called by the base's constructor, too.
    if (#pipes in this) setMarks(this.type, this.#options, this.#pipes);
  }

  #attach(pipe: Pipe): void {
    if (this.closed) return pipe.close();
    pipe.holder = this.#holder;
    this.#pipes.add(pipe);
    setMarks(this.type, this.#options, [pipe]);
    this.#pattern.attach(pipe);
    this.wake();
  }

  #release(pipe: Pipe): void {
    if (!this.#pipes.delete(pipe)) return;
    this.#pattern.detach(pipe);
    pipe.close();
    if (!this.closed) this.wake();
  }

  #serveReceivers(): void {
    if (this.#receivers.size > 0) this.#receivers.serve(this.#receiveOne);
    if (this.#pollers.size > 0) this.#servePollers();
  }

  #serveSenders(): void {
    if (this.#senders.size > 0) this.#senders.serve(this.#sendOne);
    if (this.#pollers.size > 0) this.#servePollers();
  }

  #servePollers(): void {
    this.#pollers.serve(this.#pollOne, false);
  }

  readonly #receiveOne = (): { value: Message } | undefined => {
    const value = this.#take();
    return value && { value };
  };

  readonly #sendOne = (message: Message): { value: undefined } | undefined => {
    if (!this.#pattern.send(message)) return undefined;
    this.#serveOthers();
    return SENT;
  };

  readonly #pollOne = (events: number): { value: number } | undefined => {
    const value = this.#ready(events);
    return value === 0 ? undefined : { value };
  };

  #ready(events: number): number {
    let ready = 0;
    if ((events & POLLIN) !== 0 && this.readable) ready |= POLLIN;
    if ((events & POLLOUT) !== 0 && this.writable) ready |= POLLOUT;
    return ready;
  }

  async #close(): Promise<void> {
    if (!this.#changes.isIdle) await this.#changes.idle();
    this.#isClosed = true;
    for (const calls of [this.#receivers, this.#senders]) calls.rejectAll();
    this.#pollers.rejectAll(new ZmqError("EBADF", "The socket was closed"));
    const { keepAlive } = this.context;
    keepAlive.acquire();
    const closing = this.#endpoints.close(this.#options.linger);
    for (const pipe of [...this.#pipes]) this.#release(pipe);
    await closing;
    this.events.close();
    this.context.delete(this);
    keepAlive.release();
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) {
      throw new ZmqError("EBADF", "The socket is closed");
    }
  }
}

defineSocketProperties(Socket.prototype);
