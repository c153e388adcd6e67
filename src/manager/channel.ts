/**
 * Layer: manager.
 *
 * A named socket through which whole messages go, each call waiting until the
 * socket is ready. A message is taken in the same step in which it is handed
 * on: whoever gives up, or is too late, takes none with it.
 *
 * It knows frames, but neither topics nor data formats.
 *
 * @module
 */
import type { Deadline } from "../async/deadline.ts";
import { yieldToEventLoop } from "../async/event_loop.ts";
import { Mutex } from "../async/mutex.ts";
import { sleep } from "../async/pending_call.ts";
import { AgentZeroSocketError } from "../errors.ts";
import { POLLIN, POLLOUT, type ReplyError } from "../zmq/mod.ts";
import type { ZmqSocket } from "./contract.ts";
import { socketClosed, socketFailure } from "./failures.ts";
import { OwedAnswer } from "./owed_answer.ts";
import { canReceive, canSend, traitsOf, typeName } from "./socket_types.ts";

/** The frames of a message. */
export type Frames = Uint8Array[];

/** The longest pause before a socket that said it was ready is tried again. */
const MAX_PAUSE_MS = 50;

/** After so many calls that need not wait, one yields to the event loop: a tight loop shall starve nobody. */
const CALLS_PER_BREATH = 1024;

/** One named socket. */
export class Channel {
  /** The name of the socket. */
  readonly name: string;
  readonly socket: ZmqSocket;
  readonly #sending = new Mutex();
  readonly #receiving = new Mutex();
  readonly #owed: OwedAnswer | undefined;
  /** Whether the socket throws if it is not its turn to send, or to receive. */
  readonly #hasTurns: boolean;
  /** How many calls wait until the socket can receive. */
  #listeners = 0;
  #calls = 0;
  #isBreathDue = false;

  constructor(name: string, socket: ZmqSocket) {
    this.name = name;
    this.socket = socket;
    const { turns = null } = traitsOf(socket.type);
    this.#hasTurns = turns !== null;
    if (turns === "receive first") this.#owed = new OwedAnswer(socket);
  }

  /**
   * Sends a message as soon as the socket takes it: now, if nobody is before
   * it. Without that short cut, here and in `receive`, small messages took 1.3
   * times as long on Node 20, and 1.9 times on Bun 1.4.
   *
   * @returns Whether it did, in time.
   */
  send(frames: Frames, wait: Deadline): boolean | Promise<boolean> {
    if (this.#isFree(this.#sending, wait) && this.trySend(frames)) return true;
    return this.#sendInLine(frames, wait);
  }

  async #sendInLine(frames: Frames, wait: Deadline): Promise<boolean> {
    const send = () => this.trySend(frames) || undefined;
    return await this.#inLine(this.#sending, POLLOUT, send, wait) ?? false;
  }

  /**
   * Sends a message if the socket takes it now.
   *
   * @throws {AgentZeroSocketError} If it never can.
   */
  trySend(frames: Frames): boolean {
    this.#require("send");
    try {
      const isSent = this.socket.trySend!(frames);
      if (isSent) this.#owed?.sent();
      return isSent;
    } catch (error) {
      throw this.#explain("Cannot send through", error);
    }
  }

  /**
   * Receives a message: now, if one is there and nobody is before.
   *
   * @param take Gets the message in the very moment it leaves the socket.
   * @returns The message, or `undefined` when the time is over.
   */
  receive(
    wait: Deadline,
    take?: (frames: Frames) => void,
  ): Frames | Promise<Frames | undefined> {
    if (this.#isFree(this.#receiving, wait)) {
      const frames = this.#tryReceive();
      if (frames !== undefined) {
        take?.(frames);
        return frames;
      }
    }
    const receive = () => {
      const frames = this.#tryReceive();
      if (frames !== undefined) take?.(frames);
      return frames;
    };
    return this.#inLine(this.#receiving, POLLIN, receive, wait);
  }

  /**
   * Receives a message if one is there and nobody waits for it.
   *
   * @param take Gets the message.
   */
  receiveNow(take: (frames: Frames) => void): void {
    if (this.socket.closed || !this.#isFree(this.#receiving)) return;
    const frames = this.#tryReceive();
    if (frames !== undefined) take(frames);
  }

  /**
   * A request of a REP cannot be read, or its answer cannot be written. The
   * program may still send an answer; the next call that waits for a request
   * otherwise sends an error reply, for the next request to come.
   *
   * @param refusal The error reply.
   * @param request The request; left out, the one that was received last.
   */
  giveUp(refusal: ReplyError, request?: Frames): void {
    this.#owed?.giveUp(refusal, request);
    if (this.#listeners > 0) this.refuse();
  }

  /** Sends the error reply that is due for a request that was given up, if there is one. */
  refuse(): void {
    this.#owed?.refuse();
  }

  /**
   * Waits until the socket is ready.
   *
   * @returns What it is ready for; 0 when the time is over.
   */
  async poll(mask: number, wait: Deadline): Promise<number> {
    wait.signal?.throwIfAborted();
    if ((mask & POLLIN) === 0) return await this.#poll(mask, wait);
    this.refuse();
    this.#listeners++;
    try {
      return await this.#poll(mask, wait);
    } finally {
      this.#listeners--;
    }
  }

  async #poll(mask: number, wait: Deadline): Promise<number> {
    const { signal } = wait;
    for (;;) {
      let ready: number;
      try {
        ready = await this.socket.poll(mask, {
          timeout: wait.remainingMs,
          signal,
        });
      } catch (error) {
        signal?.throwIfAborted();
        throw this.#explain("Cannot wait for", error);
      }
      if (ready !== 0 || wait.isOver) return ready;
    }
  }

  /** Throws unless the socket can receive messages that are frames and nothing else. */
  requireReceiving(): void {
    this.#require("receive");
  }

  /** Whether a call may try at once, without standing in line. */
  #isFree(mutex: Mutex, wait?: Deadline): boolean {
    if (this.#hasTurns || mutex.isLocked || wait?.signal?.aborted) return false;
    this.#count();
    return !this.#isBreathDue;
  }

  #require(what: "send" | "receive"): void {
    const { socket } = this;
    const isSending = what === "send";
    const isAble = isSending ? canSend(socket.type) : canReceive(socket.type);
    if (!isAble) throw this.unable(what);
    if ((isSending ? socket.trySend : socket.tryReceive) !== undefined) return;
    throw this.unable(
      what,
      ` by its name, as its messages are more than frames; use its own method ${what}()`,
    );
  }

  /** The error of a socket that cannot do something by its type. */
  unable(what: string, hint = ""): AgentZeroSocketError {
    const { name, socket } = this;
    return new AgentZeroSocketError(
      `The socket '${name}' is of type ${
        typeName(socket.type)
      }: it cannot ${what}${hint}.`,
      { socketName: name },
    );
  }

  async #inLine<R>(
    mutex: Mutex,
    event: number,
    action: () => R | undefined,
    wait: Deadline,
  ): Promise<R | undefined> {
    this.#require(event === POLLIN ? "receive" : "send");
    if (!await mutex.lock(wait)) return undefined;
    try {
      this.#count();
      if (this.#isBreathDue) await this.#breathe();
      return await this.#attempt(event, action, wait);
    } finally {
      mutex.unlock();
    }
  }

  async #attempt<R>(
    event: number,
    action: () => R | undefined,
    wait: Deadline,
  ): Promise<R | undefined> {
    for (let pauseMs = 1;; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      if (await this.poll(event, wait) === 0) return undefined;
      wait.signal?.throwIfAborted();
      const result = action();
      if (result !== undefined) return result;
      // Somebody else was quicker; or it is a ROUTER, which is always ready,
      // whatever the one peer that it should send to is.
      if (wait.isOver) return undefined;
      await sleep(pauseMs);
    }
  }

  #count(): void {
    if (++this.#calls % CALLS_PER_BREATH === 0) this.#isBreathDue = true;
  }

  #breathe(): Promise<void> {
    this.#isBreathDue = false;
    return yieldToEventLoop();
  }

  #tryReceive(): Frames | undefined {
    try {
      const frames = this.socket.tryReceive?.();
      if (frames !== undefined) this.#owed?.received(frames);
      return frames;
    } catch (error) {
      throw this.#explain("Cannot receive from", error);
    }
  }

  #explain(what: string, error: unknown): AgentZeroSocketError {
    return this.socket.closed
      ? socketClosed(this.name, error)
      : socketFailure(what, this.name, error);
  }
}
