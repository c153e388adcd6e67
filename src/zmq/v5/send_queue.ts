/**
 * Layer: v5. Sends in order. What cannot be sent at once waits in an unbounded
 * queue, as in v5.
 *
 * @module
 */
import type { Message } from "../message.ts";
import { Ring } from "../routing/ring.ts";
import { asSocketError, socketError, throwLater } from "./socket_error.ts";
import type { Inner } from "./inner.ts";
import type { Life } from "./life.ts";

/** Called once a message has been queued for a peer, or with the error. */
export type SendCallback = (error?: Error) => void;

interface Item {
  readonly message: Message;
  readonly callbacks: readonly SendCallback[];
}

/** Options to wait for room without keeping the process alive. */
const PATIENT = { timeout: -1, keepAlive: false } as const;

/** Sends the messages of one socket. */
export class SendQueue {
  readonly #inner: Inner;
  readonly #life: Life;
  readonly #report: (error: Error) => void;
  readonly #waiting = new Ring<Item>();
  #isBusy = false;
  /** The message that more frames will be added to. */
  #begun: { message: Message; callbacks: SendCallback[] } = {
    message: [],
    callbacks: [],
  };

  /** @param report Called with errors for which there is no callback; it may throw them. */
  constructor(inner: Inner, life: Life, report: (error: Error) => void) {
    this.#inner = inner;
    this.#life = life;
    this.#report = report;
  }

  /**
   * Sends frames, or queues them.
   *
   * @param isMore Whether the next call has more frames of the same message.
   * @throws What `report` throws, if the message cannot be sent at all.
   */
  add(
    frames: Message,
    callbacks: readonly SendCallback[],
    isMore: boolean,
  ): void {
    for (const frame of frames) this.#begun.message.push(frame);
    for (const callback of callbacks) this.#begun.callbacks.push(callback);
    if (isMore) return;
    const item = this.#begun;
    this.#begun = { message: [], callbacks: [] };
    if (item.message.length > 0) this.#send(item);
    else this.#settle(item.callbacks);
  }

  #send(item: Item): void {
    if (this.#isBusy) {
      this.#waiting.push(item);
      return;
    }
    this.#isBusy = true;
    try {
      if (!this.#sendNow(item)) {
        void this.#sendLater(item);
        return;
      }
    } catch (error) {
      this.#isBusy = false;
      throw error;
    }
    // A callback may have sent more.
    if (this.#waiting.length === 0) this.#isBusy = false;
    else void this.#sendLater();
  }

  /** @returns Whether the item has been handled. @throws What `report` throws. */
  #sendNow({ message, callbacks }: Item): boolean {
    let failure: Error | undefined;
    try {
      if (this.#inner.trySend === undefined) throw socketError("ENOTSUP");
      if (!this.#inner.trySend(message)) return false;
    } catch (error) {
      failure = asSocketError(error);
    }
    this.#settle(callbacks, failure);
    return true;
  }

  /** Sends the item and then everything that waits. */
  async #sendLater(first?: Item): Promise<void> {
    let item = first ?? this.#waiting.shift();
    for (; item !== undefined; item = this.#waiting.shift()) {
      let failure: Error | undefined;
      try {
        await this.#inner.send!(item.message, PATIENT);
      } catch (error) {
        failure = asSocketError(error);
      }
      try {
        this.#settle(item.callbacks, failure);
      } catch (error) {
        throwLater(error);
      }
    }
    this.#isBusy = false;
  }

  #settle(callbacks: readonly SendCallback[], failure?: Error): void {
    for (const callback of callbacks) {
      try {
        if (failure === undefined) callback();
        else callback(failure);
      } catch (error) {
        throwLater(error);
      }
    }
    // Messages that were not sent when the socket was closed are not an error.
    if (failure === undefined || callbacks.length > 0 || this.#life.isClosed) {
      return;
    }
    this.#report(failure);
  }
}
