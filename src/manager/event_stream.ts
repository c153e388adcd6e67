/**
 * Layer: manager.
 *
 * One iteration over the events of a socket: what it waits for, when it ends,
 * and that it ends once. Where messages come from is the business of the hub.
 *
 * @module
 */
import { onAbort } from "../async/abort.ts";
import { Deadline } from "../async/deadline.ts";
import { PendingCall } from "../async/pending_call.ts";
import type { Frames } from "./channel.ts";
import type { Event } from "./event.ts";

/** How `SocketManager.subscribe` iterates. */
export interface SubscribeOptions {
  /** Ends the iteration when it gives `false`; asked before each event, and at least every 100 ms. */
  keepPolling?: () => boolean;
  /** Ends the iteration when aborted. */
  signal?: AbortSignal;
  /** Ends the iteration when no event came for so many milliseconds. Default -1: it waits for ever. */
  timeout?: number;
  /** Gets the errors of messages that cannot be read; the iteration goes on. Without it, `next()` rejects. */
  onError?: (error: unknown) => void;
  /**
   * Whether a loop that is more than 1,000 events behind loses the oldest of
   * them: it then goes on with the newest ones. Default false: it loses those
   * that come.
   */
  dropOldest?: boolean;
}

/** The events of a socket. */
export interface EventStream<T = unknown>
  extends AsyncIterableIterator<Event<T>>, AsyncDisposable {
  /** How many events were dropped because they were not taken out in time. */
  readonly dropped: number;
  /** The next event. After an error it may be called again. */
  next(): Promise<IteratorResult<Event<T>, undefined>>;
  /** Ends the iteration and takes the subscription back. */
  return(): Promise<IteratorResult<Event<T>, undefined>>;
}

/** What a stream needs of those around it. */
export interface StreamSource {
  /** Begins where the topic of a message has to; `undefined` for all messages. */
  readonly topic: Uint8Array | undefined;
  /** How often `keepPolling` is asked, in milliseconds. */
  readonly intervalMs: number;
  /** Makes an event of a message. */
  readonly read: (frames: Frames) => Event | Promise<Event>;
  /** Whether the stream waits for messages has changed. */
  readonly onHunger: () => void;
  /** The stream has ended. */
  readonly onEnd: () => void;
}

/** As many events as ZeroMQ keeps for a slow reader. */
const MAX_WAITING = 1000;

const DONE = { value: undefined, done: true } as const;

/** The one implementation of {@linkcode EventStream}. */
export class Stream implements EventStream {
  readonly #source: StreamSource;
  readonly #options: SubscribeOptions;
  readonly #waiting: Frames[] = [];
  readonly #unlisten: () => void;
  #dropped = 0;
  #hasEnded = false;
  #last: Promise<unknown> = Promise.resolve();
  #call: PendingCall<Frames | undefined> | undefined;

  constructor(source: StreamSource, options: SubscribeOptions) {
    this.#source = source;
    this.#options = options;
    this.#unlisten = onAbort(options.signal, this.end);
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Whether it waits for a message. */
  get isHungry(): boolean {
    return this.#call !== undefined;
  }

  /** Whether a message is of its topic. */
  matches([found]: Frames): boolean {
    const { topic } = this.#source;
    if (topic === undefined) return true;
    if (topic.byteLength > found!.byteLength) return false;
    return topic.every((byte, i) => byte === found![i]);
  }

  /** Gives it a message. */
  deliver(frames: Frames): void {
    this.#waiting.push(frames);
    if (this.#waiting.length > MAX_WAITING) {
      this.#dropped++;
      if (this.#options.dropOldest === true) this.#waiting.shift();
      else this.#waiting.pop();
    }
    this.#call?.resolve(this.#waiting.shift());
  }

  /** Gives an error to whoever waits. */
  fail(error: unknown): void {
    this.#call?.reject(error);
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    const next = this.#last.then(() => this.#next());
    this.#last = next.catch(() => {}); // whoever called `next` sees it
    return next;
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    this.end();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  /** Ends it, if it has not ended. */
  readonly end = (): void => {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#waiting.length = 0;
    this.#unlisten();
    this.#call?.resolve(undefined);
    this.#source.onEnd();
  };

  async #next(): Promise<IteratorResult<Event, undefined>> {
    const { onError, timeout } = this.#options;
    const wait = new Deadline({ timeout });
    while (this.#shallGoOn()) {
      const frames = this.#waiting.shift() ?? await this.#arrival(wait);
      if (frames !== undefined) {
        try {
          return { value: await this.#source.read(frames), done: false };
        } catch (error) {
          if (onError === undefined) throw error;
          onError(error);
        }
      } else if (wait.isOver) break;
    }
    this.end();
    return DONE;
  }

  #shallGoOn(): boolean {
    if (this.#hasEnded) return false;
    try {
      return this.#options.keepPolling?.() ?? true;
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** The next message; `undefined` when it is time to look whether to go on. */
  #arrival(wait: Deadline): Promise<Frames | undefined> {
    const call = this.#call = new PendingCall<Frames | undefined>({
      timeoutMs: this.#pauseMs(wait),
      onTimeout: (call) => call.resolve(undefined),
      onSettled: () => {
        this.#call = undefined;
        this.#source.onHunger();
      },
    });
    this.#source.onHunger();
    return call.promise;
  }

  #pauseMs(wait: Deadline): number {
    const { remainingMs } = wait;
    if (this.#options.keepPolling === undefined) return remainingMs;
    const { intervalMs } = this.#source;
    return remainingMs < 0 ? intervalMs : Math.min(remainingMs, intervalMs);
  }
}
