/**
 * Layer: native.
 *
 * A socket of libzmq that fulfils the contract of the manager: any number of
 * polls, and calls that send and receive without waiting. What each socket type
 * may do when is left to libzmq, except for REQ and REP: see
 * {@linkcode NativeSocket.trySendMessage}.
 *
 * @module
 */
import type { PollOptions, ZmqSocket } from "../manager/mod.ts";
import type { KeepAlive } from "../async/keep_alive.ts";
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
import { NativeEndpoints } from "./native_endpoints.ts";
import { socketError } from "./libzmq_errors.ts";
import { NativeOptions } from "./options.ts";
import { Polls } from "./polls.ts";
import { NonBlockingSocket } from "./non_blocking_socket.ts";
import type { PromiseState } from "./promise_state.ts";
import type { ZeromqSocket } from "./zeromq_api.ts";

/** The longest pause between two checks for room, where zeromq.js cannot wait for it. */
const MAX_PAUSE_MS = 10;

/** The number of this option in libzmq. */
const CONNECT_ROUTING_ID = 61;

/** @internal The parts of a socket. */
export interface NativeParts {
  /** The socket of npm:zeromq; nothing else may use it. */
  readonly socket: ZeromqSocket;
  readonly type: SocketType;
  readonly promiseState: PromiseState;
  readonly keepAlive: KeepAlive;
}

/**
 * A socket of libzmq. It has what a SocketManager needs, and no more; to use
 * libzmq directly, use npm:zeromq.
 */
export abstract class NativeSocket implements ZmqSocket, AsyncDisposable {
  /** The number of the socket type. */
  readonly type: SocketType;
  readonly #socket: ZeromqSocket;
  readonly #options: NativeOptions;
  readonly #endpoints: NativeEndpoints;
  readonly #nonBlocking: NonBlockingSocket;
  readonly #isReader: boolean;
  readonly #turns: SocketTraits["turns"];
  readonly #polls: Polls;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = 1;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor({ socket, type, promiseState, keepAlive }: NativeParts) {
    this.type = type;
    this.#socket = socket;
    this.#options = new NativeOptions(socket, type);
    this.#endpoints = new NativeEndpoints(socket);
    const { receives, turns } = traitsOf(type);
    this.#isReader = receives;
    this.#turns = turns;
    this.#nonBlocking = new NonBlockingSocket(
      socket,
      promiseState,
      this.#isReader,
      () => this.#serve(),
    );
    this.#polls = new Polls(keepAlive);
  }

  /** The Context of npm:zeromq that it belongs to. */
  get context(): object {
    return this.#socket.context;
  }

  /** Whether it is closed or closing. */
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
   * Stops listening at an address.
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
   * Closes the socket; waiting polls reject with `EBADF`. Messages that were
   * sent still leave in the background, within `linger`.
   *
   * @returns Resolves once its addresses are free. Safe to call again.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes the socket, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Waits until the socket can receive (1) or send (2), or both (3).
   *
   * @returns A mask of what it is ready for; 0 when the time is over.
   */
  async poll(events: number, options: PollOptions = {}): Promise<number> {
    this.#requireOpen();
    const ready = this.#ready(events);
    const { timeout = -1, signal } = options;
    if (ready !== 0 || timeout === 0) return ready;
    return await this.#polls.wait(
      events,
      { timeout, signal },
      () => this.#wait(),
    );
  }

  /**
   * Sets an option by its name, or by its number in libzmq.
   *
   * @throws {ZmqError} `EINVAL` if the option is unknown, the socket type does
   *   not have it, or the value is invalid; `ENOTSUP` if only the engine has it.
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
      throw new ZmqError(
        "EFSM",
        "Cannot send before the received message is read",
      );
    }
    // A REQ that sends a new request drops the reply to the previous one.
    if (this.#turns === "send first") this.#nonBlocking.drop();
    const isSent = this.#nonBlocking.send(message);
    this.#pauseMs = 1;
    if (isSent) this.#serve();
    return isSent;
  }

  /** @internal Receives if that is possible without waiting. */
  protected tryReceiveMessage(): Message | undefined {
    this.#requireOpen();
    let message = this.#nonBlocking.receive();
    if (message === undefined) return undefined;
    if (this.#options.isOn("conflate")) {
      message = this.#nonBlocking.receive() ?? message; // only the last one counts
    }
    this.#serve();
    return message;
  }

  /** @internal Sets the routing id of the next peer to connect. */
  protected nameNextPeer(routingId: string | Uint8Array): void {
    this.#requireOpen();
    try {
      this.#socket.setStringOption(CONNECT_ROUTING_ID, routingId);
    } catch (error) {
      throw socketError(error);
    }
  }

  /** @internal Subscribes or unsubscribes, by the number of the option. */
  protected changeTopics(option: number, topics: readonly Uint8Array[]): void {
    this.#requireOpen();
    for (const topic of topics) this.#socket.setStringOption(option, topic);
    this.#changed();
  }

  /**
   * Whether a message was taken out of libzmq that the application must receive
   * before it sends: for libzmq, it has received it already.
   */
  #isTheirTurn(): boolean {
    const isStrict = this.#turns === "receive first" ||
      (this.#turns === "send first" && !this.#options.isOn("relaxed"));
    return isStrict && this.#nonBlocking.hasBuffered;
  }

  #ready(events: number): number {
    const canReceive = (events & POLLIN) !== 0 && this.#isReader &&
      this.#nonBlocking.canReceive;
    const canSend = (events & POLLOUT) !== 0 && !this.#isTheirTurn() &&
      this.#nonBlocking.canSend;
    return (canReceive ? POLLIN : 0) | (canSend ? POLLOUT : 0);
  }

  /** Ends the polls whose events are ready, and waits for the others. */
  #serve(): void {
    if (this.closed || this.#polls.size === 0) return;
    this.#polls.serve((events) => this.#ready(events));
    this.#wait();
  }

  #wait(): void {
    if (this.#polls.size === 0) return;
    if (this.#isReader) {
      if (this.#polls.isReceiving) this.#nonBlocking.wait();
      // Whether a REP may send does not depend on its peers alone.
      if (this.#polls.isSending && this.#turns !== "receive first") {
        this.#checkLater();
      }
    } else if (this.#polls.isSending) this.#nonBlocking.wait();
  }

  /** Polls for room: zeromq.js can wait in one direction only. */
  #checkLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#pauseMs = Math.min(2 * this.#pauseMs, MAX_PAUSE_MS);
      this.#serve();
    }, this.#pauseMs);
  }

  #changed(): void {
    if (this.closed) return;
    this.#nonBlocking.nudge();
    this.#serve();
  }

  async #close(): Promise<void> {
    this.#polls.close();
    clearTimeout(this.#timer);
    this.#nonBlocking.close();
    await this.#endpoints.close();
  }

  #requireOpen(): void {
    if (this.closed) throw new ZmqError("EBADF", "The socket is closed");
  }
}
