/**
 * Layer: engine. Calls that wait, in their order, each with its timeout and
 * its AbortSignal. Who is taken out, for whatever reason, is out at once: a
 * waiting call that was given up never takes a message with it.
 *
 * @module
 */
import { onAbort } from "../abort.ts";
import { ZmqError } from "../errors.ts";
import type { KeepAlive } from "./keep_alive.ts";
import { LONGEST_MS } from "./timers.ts";

/** How long to wait. */
export interface WaitOptions {
  /** In milliseconds; -1 for ever, 0 not at all. Default: the socket's option. */
  timeout?: number | undefined;
  /** Gives up when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Whether the process stays alive while the call waits. Default true. */
  keepAlive?: boolean | undefined;
}

/** One call that waits, in a list of all: a Set of them took twice as long (Node 20). */
interface Waiter<I, O> {
  previous: Waiter<I, O> | undefined;
  next: Waiter<I, O> | undefined;
  isWaiting: boolean;
  /** Whether the process stays alive for it. */
  readonly isKept: boolean;
  readonly item: I;
  readonly resolve: (value: O) => void;
  readonly reject: (reason: unknown) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Listens to a signal no longer. */
  unlisten: (() => void) | undefined;
}

/** What may be the reason for waiting in vain. */
export interface WaitReasons {
  /** Why it is not the turn of these calls; `undefined` if it is. */
  readonly turn?: () => string | undefined;
  /** The connection that failed last. */
  readonly failures?: { readonly last: Error | undefined };
}

/** A queue of waiting calls that hold an item `I` and will get a value `O`. */
export class WaitQueue<I, O> {
  #first: Waiter<I, O> | undefined;
  #last: Waiter<I, O> | undefined;
  #size = 0;
  /** How many of these keep the process alive. */
  #kept = 0;
  #isServing = false;
  #isAgain = false;
  readonly #keepAlive: KeepAlive;
  readonly #what: string;
  readonly #reasons: WaitReasons;

  /**
   * @param what What is waited for, for messages.
   * @param reasons What may be the reason for waiting in vain.
   */
  constructor(
    keepAlive: KeepAlive,
    what: string,
    reasons: WaitReasons = {},
  ) {
    this.#keepAlive = keepAlive;
    this.#what = what;
    this.#reasons = reasons;
  }

  /** How many calls wait. */
  get size(): number {
    return this.#size;
  }

  /**
   * Waits.
   *
   * @param limit How many may wait; 0 for any number.
   * @returns What the call is settled with; rejects with `EAGAIN` when its time
   *   is over or too many wait, with `EFSM` when its time is over and it is not
   *   its turn, and with the reason of an aborted signal. If a connection failed
   *   last, its error is the `cause`.
   */
  wait(item: I, limit: number, options: WaitOptions): Promise<O> {
    const { timeout, signal, keepAlive: isKept = true } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (timeout === 0) return Promise.reject(this.#tooLate("now"));
    if (limit > 0 && this.size >= limit) {
      return Promise.reject(
        new ZmqError("EAGAIN", `${limit} calls already wait to ${this.#what}`),
      );
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter<I, O> = {
        previous: this.#last,
        next: undefined,
        isWaiting: true,
        isKept,
        item,
        resolve,
        reject,
        timer: undefined,
        unlisten: undefined,
      };
      if (timeout !== undefined && timeout > 0) {
        waiter.timer = setTimeout(
          () => this.#drop(waiter, this.#tooLate(`within ${timeout} ms`)),
          Math.min(timeout, LONGEST_MS),
        );
      }
      if (signal !== undefined) {
        const giveUp = () => this.#drop(waiter, signal.reason);
        waiter.unlisten = onAbort(signal, giveUp);
      }
      this.#size++;
      if (isKept && this.#kept++ === 0) this.#keepAlive.acquire();
      if (this.#last === undefined) this.#first = waiter;
      else this.#last.next = waiter;
      this.#last = waiter;
    });
  }

  /**
   * Settles calls in their order; an error that `serve` throws goes to the call
   * that it was for. One that gets `undefined` goes on waiting, and so do all
   * behind it, unless they do not depend on each other.
   */
  serve(
    serve: (item: I) => { readonly value: O } | undefined,
    isOrdered = true,
  ): void {
    // What is served may, in the same process, lead back here: the first call
    // goes on then, so that each waiter gets one value.
    this.#isAgain = true;
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#isAgain) {
      this.#isAgain = false;
      this.#serveAll(serve, isOrdered);
    }
    this.#isServing = false;
  }

  #serveAll(
    serve: (item: I) => { readonly value: O } | undefined,
    isOrdered: boolean,
  ): void {
    let next = this.#first;
    while (next !== undefined) {
      const waiter = next;
      let result: { readonly value: O } | undefined;
      try {
        result = serve(waiter.item);
      } catch (error) {
        this.#drop(waiter, error);
        next = this.#first;
        continue;
      }
      // Serving may have led to a listener that gave this call up.
      next = waiter.isWaiting ? waiter.next : this.#first;
      if (result !== undefined) this.#settle(waiter, result.value);
      else if (isOrdered) return;
    }
  }

  /** Settles every call with an error. */
  rejectAll(error: Error): void {
    while (this.#first !== undefined) this.#drop(this.#first, error);
  }

  /** Settles every call as if its time were over, because the socket is closed. */
  giveUpAll(): void {
    if (this.#size > 0) this.rejectAll(this.#inVain("The socket was closed"));
  }

  #settle(waiter: Waiter<I, O>, value: O): void {
    if (!waiter.isWaiting) return;
    this.#remove(waiter);
    waiter.resolve(value);
  }

  #drop(waiter: Waiter<I, O>, reason: unknown): void {
    if (!waiter.isWaiting) return;
    this.#remove(waiter);
    waiter.reject(reason);
  }

  #remove(waiter: Waiter<I, O>): void {
    const { previous, next } = waiter;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    waiter.isWaiting = false;
    if (waiter.timer !== undefined) clearTimeout(waiter.timer);
    waiter.unlisten?.();
    this.#size--;
    if (waiter.isKept && --this.#kept === 0) this.#keepAlive.release();
  }

  #tooLate(when: string): ZmqError {
    return this.#inVain(`Cannot ${this.#what} ${when}`);
  }

  #inVain(text: string): ZmqError {
    const turn = this.#reasons.turn?.();
    if (turn !== undefined) return new ZmqError("EFSM", `${text}: ${turn}`);
    const cause = this.#reasons.failures?.last;
    const reason = cause === undefined ? "" : `; last error: ${cause.message}`;
    return new ZmqError("EAGAIN", `${text}${reason}`, { cause });
  }
}
