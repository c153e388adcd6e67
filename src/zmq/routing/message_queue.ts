/**
 * Layer: routing. A FIFO queue of messages with a high-water mark. No I/O, no
 * waiting: the pipe around it notifies its holders.
 *
 * Where the reader encodes what it reads, as a session does, small messages wait
 * in runs: as bytes that are ready to be written.
 *
 * @module
 */
import { detached, type Message } from "../message.ts";
import { MessageRun, packedSize } from "../message_run.ts";
import { SLAB_SIZE, type SlabPool, SMALL_SLAB_SIZE } from "../slab_pool.ts";
import { Ring } from "./ring.ts";

/** A queue of messages that knows when it is full. */
export class MessageQueue {
  /** How many messages wait. */
  length = 0;
  /** About how many bytes wait; counted only where messages wait in runs. */
  byteLength = 0;
  /** How many messages the queue takes; 0 for no limit. */
  highWaterMark: number;
  /** Whether a new message replaces the one that waits. */
  isConflating = false;
  readonly #items: Ring<Message | MessageRun> = new Ring();
  readonly #slabs: SlabPool | undefined;
  /** The last item, if messages can be appended to it. */
  #open: MessageRun | undefined;
  /** The run whose last message was taken, which its reader may still encode. */
  #spent: MessageRun | undefined;
  /** How many of the messages, the oldest, do not count any more. */
  #granted = 0;
  /** Whether the last run that was taken needed a large slab. */
  #isBusy = false;

  /**
   * @param highWaterMark In messages; 0 for no limit.
   * @param slabs The memory for runs; without it there are none.
   */
  constructor(highWaterMark: number, slabs?: SlabPool) {
    this.highWaterMark = highWaterMark;
    this.#slabs = slabs;
  }

  /** Whether small messages wait as bytes. */
  get isPacked(): boolean {
    return this.#slabs !== undefined;
  }

  /** How many messages can be appended. */
  get room(): number {
    if (this.isConflating) return 1;
    if (this.highWaterMark === 0) return Infinity;
    return this.highWaterMark - this.length + this.#granted;
  }

  /** Whether the high-water mark is reached. */
  get isFull(): boolean {
    return this.highWaterMark > 0 &&
      this.length - this.#granted >= this.highWaterMark && !this.isConflating;
  }

  /** Whether a queue that was full may be written to again, as in libzmq. */
  get isBelowLowWaterMark(): boolean {
    return this.length - this.#granted <= (this.highWaterMark + 1) / 2 ||
      this.highWaterMark === 0;
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
   * @param isOwned Whether nothing else uses the memory of the message: then
   *   nothing need be copied.
   * @returns Whether more waits than the messages of one run, so that a write
   *   may be worth it.
   */
  push(message: Message, isOwned = true): boolean {
    if (this.isConflating) this.clear();
    this.length++;
    const slabs = this.#slabs;
    if (slabs === undefined) {
      this.#items.push(isOwned ? message : detached(message));
      return false;
    }
    const size = packedSize(message);
    const run = this.#open;
    if (run !== undefined) {
      const before = run.end;
      if (run.append(message, size)) {
        this.byteLength += run.end - before;
        return false;
      }
      this.#open = undefined;
    }
    if (size <= SLAB_SIZE) this.#begin(slabs, message, size);
    else {
      this.byteLength += sizeOf(message);
      this.#items.push(isOwned ? message : detached(message));
    }
    return true;
  }

  /** Appends messages that others get as well; the caller has checked `room`. */
  pushRun(run: MessageRun): void {
    if (this.isConflating) this.clear();
    this.length += run.count;
    this.byteLength += run.byteLength;
    const { last } = this.#items;
    const isJoined = last instanceof MessageRun && last.join(run);
    if (!isJoined) this.#items.push(run);
    this.#open = undefined;
  }

  /** Takes the oldest message. One out of a run is valid until the next call. */
  shift(): Message | undefined {
    if (this.#slabs !== undefined) return this.#shiftPacked();
    const item = this.#items.shift() as Message | undefined;
    if (item !== undefined) this.#taken(1);
    return item;
  }

  /** Takes the oldest messages, if they wait as a run. It belongs to the caller. */
  shiftRun(): MessageRun | undefined {
    const item = this.#items.first;
    if (!(item instanceof MessageRun)) return undefined;
    this.#items.shift();
    if (this.#open === item) this.#open = undefined;
    this.byteLength -= item.byteLength;
    this.#isBusy = item.byteLength > SMALL_SLAB_SIZE;
    this.#taken(item.count);
    return item;
  }

  /** Drops everything. */
  clear(): void {
    this.#items.clear();
    this.#open = undefined;
    this.length = this.byteLength = this.#granted = 0;
  }

  #begin(slabs: SlabPool, message: Message, size: number): void {
    // Idle connections must not each use a large slab for a small message.
    const isSmall = !this.#isBusy && this.#items.length === 0 &&
      size <= SMALL_SLAB_SIZE;
    const run = new MessageRun(isSmall ? slabs.takeSmall() : slabs.take());
    run.append(message, size);
    this.byteLength += run.end;
    this.#items.push(run);
    this.#open = run;
  }

  #shiftPacked(): Message | undefined {
    if (this.#spent !== undefined) this.#giveSpent();
    const item = this.#items.first;
    if (item === undefined) return undefined;
    this.#taken(1);
    if (item instanceof MessageRun) return this.#shiftOf(item);
    this.#items.shift();
    this.byteLength -= sizeOf(item);
    return item;
  }

  #shiftOf(run: MessageRun): Message {
    const before = run.start;
    const message = run.shift();
    this.byteLength -= run.start - before;
    if (run.count === 0) {
      this.#items.shift();
      if (this.#open === run) this.#open = undefined;
      this.#isBusy = run.end > SMALL_SLAB_SIZE;
      this.#spent = run;
    }
    return message;
  }

  #giveSpent(): void {
    if (!this.#spent!.isShared) this.#slabs!.give(this.#spent!.memory);
    this.#spent = undefined;
  }

  #taken(count: number): void {
    this.length -= count;
    if (this.#granted > 0) this.#granted = Math.max(0, this.#granted - count);
  }
}

/** The bytes of a message; each frame counts a little, even if it is empty. */
function sizeOf(message: Message): number {
  let size = message.length;
  for (const frame of message) size += frame.byteLength;
  return size;
}
