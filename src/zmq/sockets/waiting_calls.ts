/**
 * Layer: sockets. The calls of one socket that send, receive and poll: at once
 * if the pattern allows it, else in FIFO order as soon as it does.
 *
 * @module
 */
import { type WaitOptions, WaitQueue } from "../../async/wait_queue.ts";
import type { Context } from "../engine/context.ts";
import type { ConnectFailures } from "../engine/connect_failures.ts";
import type { FlushScheduler } from "../engine/flush_scheduler.ts";
import { SocketWaitErrors } from "../engine/wait_errors.ts";
import { ZmqError } from "../errors.ts";
import type { Message, MessageLike } from "../message.ts";
import type { OptionValues } from "../options/values.ts";
import { POLLIN, POLLOUT } from "../types.ts";
import { outgoing } from "./outgoing_message.ts";
import type { Pattern } from "./pattern.ts";

const RESOLVED = Promise.resolve();
const SENT = { value: undefined };

/** What the calls need to know of their socket. */
export interface CallScope {
  readonly context: Context;
  readonly options: Readonly<OptionValues>;
  readonly pattern: Pattern;
  /** Why addresses have no connection. */
  readonly failures: ConnectFailures;
  /** Whether the socket is closed. */
  readonly isClosed: boolean;
  /** @throws {ZmqError} `EBADF` if the socket is closed, or being closed. */
  requireOpen(): void;
}

/** Sends, receives and polls for one socket. */
export class WaitingCalls {
  readonly #scope: CallScope;
  readonly #pattern: Pattern;
  readonly #scheduler: FlushScheduler;
  /** Made when the first call waits: all three took a kilobyte of each socket (V8). */
  #receivers: WaitQueue<undefined, Message> | undefined;
  #senders: WaitQueue<Message, void> | undefined;
  #pollers: WaitQueue<number, number> | undefined;

  constructor(scope: CallScope) {
    this.#scope = scope;
    this.#scheduler = scope.context.scheduler;
    this.#pattern = scope.pattern;
  }

  /** Whether a message can be received without waiting. */
  get readable(): boolean {
    return !this.#scope.isClosed && this.#pattern.canReceive;
  }

  /** Whether a message can be sent without waiting. */
  get writable(): boolean {
    return !this.#scope.isClosed && !isWaitedIn(this.#senders) &&
      this.#pattern.canSend;
  }

  /** Sends, or waits until that is possible. */
  send(
    input: MessageLike | readonly MessageLike[],
    options: WaitOptions | undefined,
  ): Promise<void> {
    const scope = this.#scope;
    try {
      scope.requireOpen();
      const message = outgoing(input, scope.context.sendLimit, scope.options);
      if (options?.signal?.aborted) {
        return Promise.reject(options.signal.reason);
      }
      if (!isWaitedIn(this.#senders) && this.#pattern.send(message)) {
        this.#serveAll();
        const scheduler = this.#scheduler;
        return scheduler.shouldYield() ? scheduler.nextTick() : RESOLVED;
      }
      const senders = this.#senders ??= new WaitQueue(
        scope.context.keepAlive,
        new SocketWaitErrors("send", scope),
      );
      return senders.wait(message, scope.options.sendHighWaterMark, {
        timeout: options?.timeout ?? scope.options.sendTimeout,
        signal: options?.signal,
        keepAlive: options?.keepAlive,
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends if that is possible without waiting; returns whether it was. */
  trySend(input: MessageLike | readonly MessageLike[]): boolean {
    const scope = this.#scope;
    scope.requireOpen();
    const message = outgoing(input, scope.context.sendLimit, scope.options);
    if (isWaitedIn(this.#senders) || !this.#pattern.send(message)) return false;
    this.#serveAll();
    return true;
  }

  /** Receives, or waits until that is possible. */
  receive(options: WaitOptions | undefined): Promise<Message> {
    try {
      this.#scope.requireOpen();
      if (options?.signal?.aborted) {
        return Promise.reject(options.signal.reason);
      }
      if (isWaitedIn(this.#receivers)) return this.#wait(options);
      const message = this.#take();
      if (message === undefined) return this.#wait(options);
      return this.#scheduler.shouldYield()
        ? this.#afterTick(message)
        : Promise.resolve(message);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Waits for a message. */
  #wait(options: WaitOptions | undefined): Promise<Message> {
    const { context, options: defaults } = this.#scope;
    const receivers = this.#receivers ??= new WaitQueue(
      context.keepAlive,
      new SocketWaitErrors("receive", this.#scope),
    );
    const message = receivers.wait(
      undefined,
      defaults.receiveHighWaterMark,
      {
        timeout: options?.timeout ?? defaults.receiveTimeout,
        signal: options?.signal,
        keepAlive: options?.keepAlive,
      },
    );
    if (!this.#scheduler.isYielding) return message;
    message.catch(() => {}); // the caller sees the rejection a tick later
    return this.#afterTick(message);
  }

  /** Apart from `receive`, where a closure would take memory with each message. */
  #afterTick(message: Message | Promise<Message>): Promise<Message> {
    return this.#scheduler.nextTick().then(() => message);
  }

  /** Receives if that is possible without waiting. */
  tryReceive(): Message | undefined {
    this.#scope.requireOpen();
    return isWaitedIn(this.#receivers) ? undefined : this.#take();
  }

  /** Waits for events of `POLLIN` and `POLLOUT`; returns those that have occurred, 0 after the timeout. */
  async poll(events: number, options: WaitOptions): Promise<number> {
    this.#scope.requireOpen();
    const ready = this.#readyOf(events);
    if (ready !== 0) return ready;
    const pollers = this.#pollers ??= new WaitQueue(
      this.#scope.context.keepAlive,
      new SocketWaitErrors("poll"),
    );
    try {
      return await pollers.wait(events, 0, { timeout: -1, ...options });
    } catch (error) {
      if ((error as ZmqError).code === "EAGAIN") return 0;
      throw error;
    }
  }

  /** The pattern may have got a message. */
  serveReceivers(): void {
    if (isWaitedIn(this.#receivers)) this.#receivers.serve(this.#receiveOne);
    if (isWaitedIn(this.#pollers)) this.#pollers.serve(this.#pollOne, false);
  }

  /** The pattern may have got room. */
  serveSenders(): void {
    if (isWaitedIn(this.#senders)) this.#senders.serve(this.#sendOne);
    if (isWaitedIn(this.#pollers)) this.#pollers.serve(this.#pollOne, false);
  }

  /** Ends all calls, because the socket is closed. */
  rejectAll(): void {
    this.#receivers?.rejectAll();
    this.#senders?.rejectAll();
    this.#pollers?.rejectAll(new ZmqError("EBADF", "The socket was closed"));
  }

  #take(): Message | undefined {
    const message = this.#pattern.receive();
    if (message !== undefined) this.#serveAll();
    return message;
  }

  /** With REQ and REP, what one call has done makes another possible. */
  #serveAll(): void {
    if (isWaitedIn(this.#receivers)) this.serveReceivers();
    if (isWaitedIn(this.#senders)) this.serveSenders();
    if (isWaitedIn(this.#pollers)) this.#pollers.serve(this.#pollOne, false);
  }

  readonly #receiveOne = (): { value: Message } | undefined => {
    const value = this.#take();
    return value && { value };
  };

  readonly #sendOne = (message: Message): { value: undefined } | undefined => {
    if (!this.#pattern.send(message)) return undefined;
    this.#serveAll();
    return SENT;
  };

  readonly #pollOne = (events: number): { value: number } | undefined => {
    const value = this.#readyOf(events);
    return value === 0 ? undefined : { value };
  };

  #readyOf(events: number): number {
    let ready = 0;
    if ((events & POLLIN) !== 0 && this.readable) ready |= POLLIN;
    if ((events & POLLOUT) !== 0 && this.writable) ready |= POLLOUT;
    return ready;
  }
}

/** Whether calls wait in a queue. */
function isWaitedIn<I, O>(
  queue: WaitQueue<I, O> | undefined,
): queue is WaitQueue<I, O> {
  return queue !== undefined && queue.size > 0;
}
