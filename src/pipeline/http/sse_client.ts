/**
 * Layer: pipeline/http. One client of `/events`: a stream of server-sent events
 * (HTML Living Standard, 9.2). Events that the client has not read wait here, up
 * to a bound; beyond that it misses events, and gets their count. The hub
 * decides which client gets which events.
 *
 * @module
 */
import { timerMs } from "../../async/timers.ts";

/** The options of a stream. */
export interface EventStreamOptions {
  /** The interval of keep-alive comments, in milliseconds. */
  readonly keepAliveMs: number;
  /** Called when the client disconnects or the stream is closed. */
  readonly onClose: () => void;
  /** Called with the number of missed events when the client is notified. */
  readonly onMissed: (count: number) => void;
}

/** How many events may wait for a client. */
const MAX_WAITING = 1000;
/** How many characters of events may wait for a client. */
const MAX_CHARACTERS = 1_000_000;
/** How much is written at once, in characters. */
const CHUNK = 16_384;
/** How long events are collected for one write, in milliseconds. */
const GATHER_MS = 20;
/** How soon a client reconnects after it was disconnected, in milliseconds. */
const RETRY_MS = 2000;

/** A client of `/events`. */
export class SseClient {
  /** The body of the response. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #options: EventStreamOptions;
  readonly #keepAlive: ReturnType<typeof setInterval>;
  readonly #encoder = new TextEncoder();
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #waiting: string[] = [];
  #characters = 0;
  #missed = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
        this.#write(`retry: ${RETRY_MS}\n\n`);
      },
      pull: () => this.#flush(),
      cancel: () => this.#end(),
    }, { highWaterMark: CHUNK, size: (chunk) => chunk.byteLength });
    this.#keepAlive = setInterval(() => {
      if (this.#hasRoom) this.#write(": still here\n\n");
    }, timerMs(options.keepAliveMs));
  }

  /** Sends an event, or counts it as missed. */
  offer(block: string): void {
    if (this.#isClosed) return;
    const isFull = this.#waiting.length >= MAX_WAITING ||
      this.#characters + block.length > MAX_CHARACTERS;
    if (isFull) {
      this.#missed++;
      return;
    }
    this.#reportMissed();
    this.#wait(block);
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  /** Ends the stream; waiting events are dropped. */
  close(): void {
    if (this.#isClosed) return;
    this.#end();
    this.#controller.close();
  }

  get #hasRoom(): boolean {
    return !this.#isClosed && (this.#controller.desiredSize ?? 0) > 0;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0 && this.#hasRoom) {
      let count = 0;
      let length = 0;
      while (count < this.#waiting.length && length < CHUNK) {
        length += this.#waiting[count++]!.length;
      }
      this.#write(this.#waiting.splice(0, count).join(""));
      this.#characters -= length;
      if (this.#waiting.length === 0) this.#reportMissed();
    }
  }

  /** Takes the place of the missed events. */
  #reportMissed(): void {
    if (this.#missed === 0) return;
    this.#wait(missedBlock(this.#missed));
    this.#options.onMissed(this.#missed);
    this.#missed = 0;
  }

  #wait(block: string): void {
    this.#waiting.push(block);
    this.#characters += block.length;
  }

  #write(text: string): void {
    this.#controller.enqueue(this.#encoder.encode(text));
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#keepAlive);
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#options.onClose();
  }
}

/** Notifies a client how many events it missed; `null` if that is unknown. */
export function missedBlock(count: number | null): string {
  return `event: missed\ndata: ${JSON.stringify({ count })}\n\n`;
}
