/**
 * Layer: async. A FIFO queue of waiting calls, each with its timeout and its
 * AbortSignal. A call that gives up, for whatever reason, leaves the queue
 * synchronously: it never takes a message with it.
 *
 * @module
 */
import { onAbort } from "./abort.ts";
import type { KeepAlive } from "./keep_alive.ts";
import { timerMs } from "./timers.ts";

/** How long to wait. */
export interface WaitOptions {
  /** In milliseconds; -1 waits for ever, 0 not at all. Default: the socket's option. */
  timeout?: number | undefined;
  /** Cancels the call, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Whether the process stays alive while the call waits. Default true. */
  keepAlive?: boolean | undefined;
}

/** The errors of calls that wait in vain. */
export interface WaitErrors {
  /** The timeout of a call is over; 0: it was not to wait at all. */
  timedOut(timeoutMs: number): Error;
  /** So many calls wait that no further one may. */
  full(limit: number): Error;
  /** What they wait on was closed. */
  closed(): Error;
}

/** One waiting call, in a linked list: a Set of them took twice as long (Node 20). */
interface Waiter<I, O> {
  previous: Waiter<I, O> | undefined;
  next: Waiter<I, O> | undefined;
  isWaiting: boolean;
  /** Whether the process stays alive for it. */
  readonly keepsAlive: boolean;
  readonly item: I;
  readonly resolve: (value: O) => void;
  readonly reject: (reason: unknown) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Removes the callback from its signal. */
  removeAbort: (() => void) | undefined;
}

/** A queue of waiting calls that hold an item `I` and will get a value `O`. */
export class WaitQueue<I, O> {
  #first: Waiter<I, O> | undefined;
  #last: Waiter<I, O> | undefined;
  #size = 0;
  /** How many of these keep the process alive. */
  #keepingAlive = 0;
  #isServing = false;
  #isAgain = false;
  readonly #keepAlive: KeepAlive;
  readonly #errors: WaitErrors;

  constructor(keepAlive: KeepAlive, errors: WaitErrors) {
    this.#keepAlive = keepAlive;
    this.#errors = errors;
  }

  /** How many calls wait. */
  get size(): number {
    return this.#size;
  }

  /**
   * Waits.
   *
   * @param limit How many calls may wait; 0 for any number.
   * @returns What the call is settled with. Rejects with `timedOut` when its
   *   time is over, with `full` when too many wait, and with the reason of an
   *   aborted signal.
   */
  wait(item: I, limit: number, options: WaitOptions): Promise<O> {
    const { timeout, signal, keepAlive: keepsAlive = true } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (timeout === 0) return Promise.reject(this.#errors.timedOut(0));
    if (limit > 0 && this.#size >= limit) {
      return Promise.reject(this.#errors.full(limit));
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter<I, O> = {
        previous: this.#last,
        next: undefined,
        isWaiting: true,
        keepsAlive,
        item,
        resolve,
        reject,
        timer: undefined,
        removeAbort: undefined,
      };
      if (timeout !== undefined && timeout > 0) {
        waiter.timer = setTimeout(
          () => this.#drop(waiter, this.#errors.timedOut(timeout)),
          timerMs(timeout),
        );
      }
      if (signal !== undefined) {
        const giveUp = () => this.#drop(waiter, signal.reason);
        waiter.removeAbort = onAbort(signal, giveUp);
      }
      this.#size++;
      if (keepsAlive && this.#keepingAlive++ === 0) this.#keepAlive.acquire();
      if (this.#last === undefined) this.#first = waiter;
      else this.#last.next = waiter;
      this.#last = waiter;
    });
  }

  /**
   * Settles calls, the oldest first. An error that `serve` throws rejects the
   * call that it was serving.
   *
   * @param serve Returns the value for a call; `undefined` if it has to go on waiting.
   * @param isOrdered Whether the calls behind one that waits have to wait too.
   */
  serve(
    serve: (item: I) => { readonly value: O } | undefined,
    isOrdered = true,
  ): void {
    // Serving may lead back here, where both peers are in one process. The outer
    // call continues then, so that each waiter gets one value.
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
      // Serving may have called a listener that cancelled this call.
      next = waiter.isWaiting ? waiter.next : this.#first;
      if (result !== undefined) this.#settle(waiter, result.value);
      else if (isOrdered) return;
    }
  }

  /** Rejects every call: with an error, or with `closed`. */
  rejectAll(error?: Error): void {
    while (this.#first !== undefined) {
      error ??= this.#errors.closed();
      this.#drop(this.#first, error);
    }
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
    waiter.removeAbort?.();
    this.#size--;
    if (waiter.keepsAlive && --this.#keepingAlive === 0) {
      this.#keepAlive.release();
    }
  }
}
