/**
 * Layer: routing. A first-in first-out queue of messages with a high-water
 * mark. No I/O, no waiting: the pipe around it tells who may go on.
 *
 * @module
 */
import type { Message } from "../message.ts";

const SMALLEST = 16;

/** A ring buffer that grows to what it has to hold. */
export class MessageQueue {
  /** How many messages wait. */
  length = 0;
  #ring: (Message | undefined)[] = [];
  #head = 0;
  /** The most messages the queue takes; 0 for no limit. */
  highWaterMark: number;
  /** Whether a new message takes the place of the one that waits. */
  isConflating = false;

  /** @param highWaterMark In messages; 0 for no limit. */
  constructor(highWaterMark: number) {
    this.highWaterMark = highWaterMark;
  }

  /** Whether the high-water mark is reached. */
  get isFull(): boolean {
    return this.highWaterMark > 0 && this.length >= this.highWaterMark &&
      !this.isConflating;
  }

  /** Whether a queue that was full may be written to again, as in libzmq. */
  get isBelowLowWaterMark(): boolean {
    return this.length <= (this.highWaterMark + 1) / 2 ||
      this.highWaterMark === 0;
  }

  /** Appends a message; the caller has asked `isFull`. */
  push(message: Message): void {
    if (this.isConflating && this.length > 0) {
      this.last = message;
      return;
    }
    if (this.length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.length) & (this.#ring.length - 1)] = message;
    this.length++;
  }

  /** Takes the oldest message. */
  shift(): Message | undefined {
    if (this.length === 0) return undefined;
    const message = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.length--;
    return message;
  }

  /** The message that was appended last. */
  get last(): Message | undefined {
    return this.length === 0 ? undefined : this.#ring[this.#lastIndex];
  }

  /** Replaces the message that was appended last. */
  set last(message: Message) {
    if (this.length > 0) this.#ring[this.#lastIndex] = message;
  }

  /** Drops everything. */
  clear(): void {
    this.#ring = [];
    this.#head = 0;
    this.length = 0;
  }

  get #lastIndex(): number {
    return (this.#head + this.length - 1) & (this.#ring.length - 1);
  }

  #grow(): void {
    const old = this.#ring;
    const ring: (Message | undefined)[] = new Array(
      Math.max(SMALLEST, old.length * 2),
    ).fill(undefined);
    for (let i = 0; i < this.length; i++) {
      ring[i] = old[(this.#head + i) & (old.length - 1)];
    }
    this.#ring = ring;
    this.#head = 0;
  }
}
