/**
 * Layer: manager.
 *
 * One iteration over the events of a socket: what it waits for, and when it
 * ends. The dispatcher of the socket supplies the messages.
 *
 * @module
 */
import { onAbort } from "../async/abort.ts";
import { Deadline } from "../async/deadline.ts";
import { PendingCall } from "../async/pending_call.ts";
import type { Event } from "./event.ts";
import type { Frames } from "./message_io.ts";

/** How `SocketManager.subscribe` iterates. */
export interface SubscribeOptions {
  /** Ends the iteration when it returns `false`; called before each event, and at least every 100 ms. */
  keepPolling?: () => boolean;
  /** Ends the iteration when aborted. */
  signal?: AbortSignal;
  /** Ends the iteration when no event comes for so many milliseconds. Default -1: waits for ever. */
  timeout?: number;
  /** Called with the error of each message that cannot be unpacked; the iteration goes on. Without it, `next()` rejects. */
  onError?: (error: unknown) => void;
  /**
   * Which events are dropped when a loop is more than 1,000 events behind:
   * `true` drops the oldest, `false` the new ones. Default false.
   */
  dropOldest?: boolean;
}

/** The events of a socket. */
export interface EventStream<T = unknown>
  extends AsyncIterableIterator<Event<T>>, AsyncDisposable {
  /** How many events were dropped because the loop was too slow. */
  readonly dropped: number;
  /** The next event. It may be called again after an error. */
  next(): Promise<IteratorResult<Event<T>, undefined>>;
  /** Ends the iteration and its subscription. */
  return(): Promise<IteratorResult<Event<T>, undefined>>;
}

/** What a stream needs of its socket. */
export interface StreamSource {
  /** What the topic of a message has to begin with; `undefined` for all messages. */
  readonly topic: Uint8Array | undefined;
  /** How often `keepPolling` is called, in milliseconds. */
  readonly intervalMs: number;
  /** Makes an event of a message. */
  readonly unpack: (frames: Frames) => Event | Promise<Event>;
  /** Called when the stream begins or stops to wait for a message. */
  readonly onDemand: () => void;
  /** Called when the stream has ended. */
  readonly onEnd: () => void;
}

/** As many as the default high-water mark of ZeroMQ. */
const MAX_WAITING = 1000;

const DONE = { value: undefined, done: true } as const;

/** The implementation of {@linkcode EventStream}. */
export class SocketEventStream implements EventStream {
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
  get isWaiting(): boolean {
    return this.#call !== undefined;
  }

  /** Whether the topic of a message is one of the stream. */
  matches([found]: Frames): boolean {
    const { topic } = this.#source;
    if (topic === undefined) return true;
    if (topic.byteLength > found!.byteLength) return false;
    return topic.every((byte, i) => byte === found![i]);
  }

  /** Passes a message to it. */
  deliver(frames: Frames): void {
    this.#waiting.push(frames);
    if (this.#waiting.length > MAX_WAITING) {
      this.#dropped++;
      if (this.#options.dropOldest === true) this.#waiting.shift();
      else this.#waiting.pop();
    }
    this.#call?.resolve(this.#waiting.shift());
  }

  /** Rejects the call that waits for an event, if there is one. */
  fail(error: unknown): void {
    this.#call?.reject(error);
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    const next = this.#last.then(() => this.#next());
    this.#last = next.catch(() => {}); // the caller of `next` gets it
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

  /** Ends the stream; may be called more than once. */
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
    const deadline = new Deadline({ timeout });
    while (this.#shouldContinue()) {
      const frames = this.#waiting.shift() ?? await this.#arrival(deadline);
      if (frames !== undefined) {
        try {
          return { value: await this.#source.unpack(frames), done: false };
        } catch (error) {
          if (onError === undefined) throw error;
          onError(error);
        }
      } else if (deadline.isOver) break;
    }
    this.end();
    return DONE;
  }

  #shouldContinue(): boolean {
    if (this.#hasEnded) return false;
    try {
      return this.#options.keepPolling?.() ?? true;
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** The next message; `undefined` when it is time to check whether to continue. */
  #arrival(deadline: Deadline): Promise<Frames | undefined> {
    const call = this.#call = new PendingCall<Frames | undefined>({
      timeoutMs: this.#pauseMs(deadline),
      onTimeout: (call) => call.resolve(undefined),
      onSettled: () => {
        this.#call = undefined;
        this.#source.onDemand();
      },
    });
    this.#source.onDemand();
    return call.promise;
  }

  #pauseMs(deadline: Deadline): number {
    const { remainingMs } = deadline;
    if (this.#options.keepPolling === undefined) return remainingMs;
    const { intervalMs } = this.#source;
    return remainingMs < 0 ? intervalMs : Math.min(remainingMs, intervalMs);
  }
}
