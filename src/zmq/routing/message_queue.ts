/**
 * Layer: routing. A FIFO queue of messages with a high-water mark. No I/O, no
 * waiting: the pipe around it notifies its holders.
 *
 * @module
 */
import type { Message } from "../message.ts";
import { Ring } from "./ring.ts";

/** A queue of messages that knows when it is full. */
export class MessageQueue extends Ring<Message> {
  /** How many messages the queue takes; 0 for no limit. */
  highWaterMark: number;
  /** Whether a new message replaces the one that waits. */
  isConflating = false;

  /** @param highWaterMark In messages; 0 for no limit. */
  constructor(highWaterMark: number) {
    super();
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

  /** Appends a message; the caller has checked `isFull`. */
  override push(message: Message): void {
    if (this.isConflating && this.length > 0) this.last = message;
    else super.push(message);
  }
}
