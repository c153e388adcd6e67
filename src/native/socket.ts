/**
 * Layer: native.
 *
 * A socket of libzmq as the manager wants it: with polls, any number of them,
 * and messages that go at once or not at all. What each socket type may do when
 * is libzmq's business, with one exception: REQ and REP, see
 * {@linkcode NativeSocket.trySendMessage}.
 *
 * @module
 */
import type { PollOptions, ZmqSocket } from "../manager/mod.ts";
import type { KeepAlive } from "../async/keep_alive.ts";
import { WaitQueue } from "../async/wait_queue.ts";
import { SocketWaitErrors } from "../zmq/engine/wait_errors.ts";
import { toMessage } from "../zmq/message.ts";
import {
  type Message,
  type MessageLike,
  POLLIN,
  POLLOUT,
  type SocketType,
  ZmqError,
} from "../zmq/mod.ts";
import { type SocketTraits, traitsOf } from "../zmq/socket_traits.ts";
import { Endpoints } from "./endpoints.ts";
import { socketError } from "./errors.ts";
import { Options } from "./options.ts";
import { Valve } from "./valve.ts";
import type { Watch } from "./watch.ts";
import type { ZeromqSocket } from "./zeromq_api.ts";

/** The longest pause between two looks for room, where zeromq.js cannot wait for it. */
const MAX_PAUSE_MS = 10;

/** The number of this option in libzmq. */
const CONNECT_ROUTING_ID = 61;

/** @internal What a socket is made of. */
export interface NativeParts {
  /** The socket of npm:zeromq; it is not to be used otherwise. */
  readonly socket: ZeromqSocket;
  readonly type: SocketType;
  readonly watch: Watch;
  readonly keepAlive: KeepAlive;
}

/**
 * A socket of libzmq. It has what a SocketManager asks for, and no more; a
 * program that wants libzmq itself uses npm:zeromq.
 */
export abstract class NativeSocket implements ZmqSocket, AsyncDisposable {
  /** The number of the socket type. */
  readonly type: SocketType;
  readonly #socket: ZeromqSocket;
  readonly #options: Options;
  readonly #endpoints: Endpoints;
  readonly #valve: Valve;
  readonly #isReader: boolean;
  readonly #turns: SocketTraits["turns"];
  readonly #pollers: WaitQueue<number, number>;
  /** How many polls wait to receive, and to send. */
  #readers = 0;
  #writers = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = 1;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor({ socket, type, watch, keepAlive }: NativeParts) {
    this.type = type;
    this.#socket = socket;
    this.#options = new Options(socket, type);
    this.#endpoints = new Endpoints(socket);
    const { receives, turns } = traitsOf(type);
    this.#isReader = receives;
    this.#turns = turns;
    this.#valve = new Valve(socket, watch, this.#isReader, () => this.#serve());
    this.#pollers = new WaitQueue(keepAlive, new SocketWaitErrors("poll"));
  }

  /** The Context of npm:zeromq that it belongs to. */
  get context(): object {
    return this.#socket.context;
  }

  /** Whether it is closed, or about to. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** The endpoint that was bound or connected last, with its real port. */
  get lastEndpoint(): string | null {
    return this.#endpoints.last;
  }

  /** Whether a message can be received without waiting. */
  get readable(): boolean {
    return !this.closed && this.#ready(POLLIN) !== 0;
  }

  /** Whether a message can be sent without waiting. */
  get writable(): boolean {
    return !this.closed && this.#ready(POLLOUT) !== 0;
  }

  /**
   * Listens at an address; a host name is resolved.
   *
   * @throws {ZmqError} With libzmq's code; a promise that rejects.
   */
  async bind(address: string): Promise<void> {
    this.#requireOpen();
    await this.#endpoints.bind(address);
    this.#changed();
  }

  /**
   * Listens there no longer.
   *
   * @returns Resolves once the address is free.
   * @throws {ZmqError} `ENOENT` if the socket is not bound there.
   */
  async unbind(address: string): Promise<void> {
    this.#requireOpen();
    const unbound = this.#endpoints.unbind(address);
    this.#changed();
    await unbound;
  }

  /**
   * Connects, and reconnects by itself.
   *
   * @throws {ZmqError} `EINVAL` or `EPROTONOSUPPORT` for a malformed address.
   */
  connect(address: string): void {
    this.#requireOpen();
    this.#endpoints.connect(address);
    this.#changed();
  }

  /**
   * Disconnects.
   *
   * @throws {ZmqError} `ENOENT` if it is not connected there.
   */
  disconnect(address: string): void {
    this.#requireOpen();
    this.#endpoints.disconnect(address);
    this.#changed();
  }

  /**
   * Closes: waiting polls reject with `EBADF`. What was sent still leaves, in
   * the background, for as long as `linger` says.
   *
   * @returns Resolves once its addresses are free. Safe to call again.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes it, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Waits until the socket can receive (1) or send (2), or both (3).
   *
   * @returns Those that are possible now; 0 when the time is over.
   */
  async poll(events: number, options: PollOptions = {}): Promise<number> {
    this.#requireOpen();
    const ready = this.#ready(events);
    const { timeout = -1, signal } = options;
    if (ready !== 0 || timeout === 0) return ready;
    const readers = events & POLLIN ? 1 : 0;
    const writers = events & POLLOUT ? 1 : 0;
    this.#readers += readers;
    this.#writers += writers;
    try {
      const polled = this.#pollers.wait(events, 0, { timeout, signal });
      this.#wait();
      return await polled;
    } catch (error) {
      if ((error as ZmqError | undefined)?.code === "EAGAIN") return 0;
      throw error;
    } finally {
      this.#readers -= readers;
      this.#writers -= writers;
    }
  }

  /**
   * Sets an option by its name, or by its number in libzmq.
   *
   * @throws {ZmqError} `EINVAL` if there is none, the socket type does not have
   *   it, or it cannot hold the value; `ENOTSUP` if only the engine has it.
   */
  setOption(option: string | number, value: unknown): void {
    this.#requireOpen();
    this.#options.set(option, value);
  }

  /**
   * The value of an option; see {@linkcode setOption}.
   *
   * @throws {ZmqError} The same.
   */
  getOption(option: string | number): unknown {
    this.#requireOpen();
    return this.#options.get(option);
  }

  /** @internal Sends if that is possible without waiting. */
  protected trySendMessage(
    input: MessageLike | readonly MessageLike[],
  ): boolean {
    this.#requireOpen();
    const message = toMessage(input);
    if (this.#isTheirTurn()) {
      throw new ZmqError("EFSM", "Cannot send before receiving what came");
    }
    // A REQ that asks anew does not want the answer to what it asked before.
    if (this.#turns === "send first") this.#valve.drop();
    const isSent = this.#valve.send(message);
    this.#pauseMs = 1;
    if (isSent) this.#serve();
    return isSent;
  }

  /** @internal Receives if that is possible without waiting. */
  protected tryReceiveMessage(): Message | undefined {
    this.#requireOpen();
    let message = this.#valve.receive();
    if (message === undefined) return undefined;
    if (this.#options.isOn("conflate")) {
      message = this.#valve.receive() ?? message; // only the newest counts
    }
    this.#serve();
    return message;
  }

  /** @internal Gives a routing id to the peer that is connected next. */
  protected nameNextPeer(routingId: string | Uint8Array): void {
    this.#requireOpen();
    try {
      this.#socket.setStringOption(CONNECT_ROUTING_ID, routingId);
    } catch (error) {
      throw socketError(error);
    }
  }

  /** @internal Subscribes or takes that back, by the number of the option. */
  protected changeTopics(option: number, topics: readonly Uint8Array[]): void {
    this.#requireOpen();
    for (const topic of topics) this.#socket.setStringOption(option, topic);
    this.#changed();
  }

  /**
   * Whether a message was taken out of libzmq that must be received before
   * anything is sent: libzmq believes that this was done.
   */
  #isTheirTurn(): boolean {
    const isStrict = this.#turns === "receive first" ||
      (this.#turns === "send first" && !this.#options.isOn("relaxed"));
    return isStrict && this.#valve.isKeeping;
  }

  #ready(events: number): number {
    const canReceive = (events & POLLIN) !== 0 && this.#isReader &&
      this.#valve.canReceive;
    const canSend = (events & POLLOUT) !== 0 && !this.#isTheirTurn() &&
      this.#valve.canSend;
    return (canReceive ? POLLIN : 0) | (canSend ? POLLOUT : 0);
  }

  /** Tells the polls whose time has come, and waits on for the others. */
  #serve(): void {
    if (this.closed || this.#pollers.size === 0) return;
    this.#pollers.serve((events) => {
      const value = this.#ready(events);
      return value === 0 ? undefined : { value };
    }, false);
    this.#wait();
  }

  #wait(): void {
    if (this.#pollers.size === 0) return;
    if (this.#isReader) {
      if (this.#readers > 0) this.#valve.wait();
      // What a REP may send never depends on others alone.
      if (this.#writers > 0 && this.#turns !== "receive first") {
        this.#lookAgain();
      }
    } else if (this.#writers > 0) this.#valve.wait();
  }

  /** Looks for room, again and again: zeromq.js waits in one direction. */
  #lookAgain(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#pauseMs = Math.min(2 * this.#pauseMs, MAX_PAUSE_MS);
      this.#serve();
    }, this.#pauseMs);
  }

  #changed(): void {
    if (this.closed) return;
    this.#valve.nudge();
    this.#serve();
  }

  async #close(): Promise<void> {
    this.#pollers.rejectAll(new ZmqError("EBADF", "The socket was closed"));
    clearTimeout(this.#timer);
    this.#valve.close();
    await this.#endpoints.close();
  }

  #requireOpen(): void {
    if (this.closed) throw new ZmqError("EBADF", "The socket is closed");
  }
}
