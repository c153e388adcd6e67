/**
 * Layer: routing. A FIFO queue of messages with a high-water mark, in a browser:
 * without runs, which are in a framing that it does not use.
 *
 * @module
 */
import { detached, type Message } from "../message.ts";
import { Ring } from "./ring.ts";

/** With so many bytes, a write is worth it. */
const WORTH_A_WRITE = 65_536;
/**
 * A queue with so many bytes is full as well: a page must not take the memory of
 * 1,000 large messages in each direction. 8 MiB.
 */
const MAX_BYTES = 8 * 1024 * 1024;

/** A queue of messages that knows when it is full. */
export class MessageQueue {
  /** About how many bytes wait. */
  byteLength = 0;
  /** How many messages the queue takes; 0 for no limit. */
  highWaterMark: number;
  /** Whether a new message replaces the one that waits. */
  isConflating = false;
  /** Whether a session reads it. */
  readonly isPacked: boolean;
  readonly #messages: Ring<Message> = new Ring();
  /** How many of the messages, the oldest, do not count any more. */
  #granted = 0;

  /** @param slabs Given where a session reads. */
  constructor(highWaterMark: number, slabs?: unknown) {
    this.highWaterMark = highWaterMark;
    this.isPacked = slabs !== undefined;
  }

  /** How many messages wait. */
  get length(): number {
    return this.#messages.length;
  }

  /** How many messages can be appended. */
  get room(): number {
    if (this.isConflating) return 1;
    if (this.highWaterMark === 0) return Infinity;
    if (this.byteLength >= MAX_BYTES) return 0;
    return this.highWaterMark - this.length + this.#granted;
  }

  /** Whether the high-water mark is reached. */
  get isFull(): boolean {
    return this.room <= 0;
  }

  /** Whether a queue that was full may be written to again, as in libzmq. */
  get isBelowLowWaterMark(): boolean {
    const most = this.highWaterMark;
    if (most === 0) return true;
    return this.length - this.#granted <= (most + 1) / 2 &&
      this.byteLength <= MAX_BYTES / 2;
  }

  /** Whether fewer messages than a number count. */
  isBelow(count: number): boolean {
    return this.length - this.#granted < count;
  }

  /** What waits now does not count any more: its reader will take it with its next write. */
  grant(): void {
    this.#granted = this.length;
  }

  /**
   * Appends a message; the caller has checked `isFull`.
   *
   * @param isOwned Whether nothing else uses the memory of the message.
   * @returns Whether a write may be worth it.
   */
  push(message: Message, isOwned = true): boolean {
    if (this.isConflating) this.clear();
    this.#messages.push(isOwned ? message : detached(message));
    this.byteLength += sizeOf(message);
    return this.isPacked && this.byteLength >= WORTH_A_WRITE;
  }

  /** Takes the oldest message. */
  shift(): Message | undefined {
    const message = this.#messages.shift();
    if (message === undefined) return undefined;
    this.byteLength -= sizeOf(message);
    if (this.#granted > 0) this.#granted--;
    return message;
  }

  /** Is not called. */
  pushRun(): void {}

  /** There is none. */
  shiftRun(): undefined {
    return undefined;
  }

  /** Drops everything. */
  clear(): void {
    this.#messages.clear();
    this.byteLength = this.#granted = 0;
  }
}

/** The bytes of a message; each frame counts a little, even if it is empty. */
function sizeOf(message: Message): number {
  return message.reduce((size, frame) => size + 1 + frame.byteLength, 0);
}
