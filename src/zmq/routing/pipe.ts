/**
 * Layer: routing. A pipe connects two holders that exchange messages: a socket
 * and a session or, with inproc, two sockets. Each holds one end, and each end
 * has a bounded queue of messages for its holder. No I/O.
 *
 *     holder A ── write ──▶ [inbox of B] ── read ──▶ holder B
 *              ◀── read ── [inbox of A] ◀── write ──
 *
 * Nothing polls: a holder reads until the pipe is empty and is then notified
 * once when a message arrives (`pipeReadable`); it writes until the pipe is
 * full and is then notified once when there is room (`pipeWritable`).
 *
 * Closing an end drops the messages that wait for its holder. The other holder
 * can still read what was sent before. Each holder is notified once that its
 * end is closed (`pipeClosed`) and, if messages are left to read by then, that
 * no more will arrive (`pipeEnding`).
 *
 * @module
 */
import { asFrame, copyOf } from "../bytes.ts";
import { COPY_LIMIT, type Message } from "../message.ts";
import type { PeerIdentity } from "../peer_identity.ts";
import { MessageQueue } from "./message_queue.ts";

/** Notifications for the holder of an end. */
export interface PipeHolder {
  /** A message can be read, after there was none. */
  pipeReadable(pipe: Pipe): void;
  /** A message can be written, after the pipe was full; or never again, as the other end is closed. */
  pipeWritable(pipe: Pipe): void;
  /** This end is closed, or the other end is and everything it sent has been read. Called once. */
  pipeClosed(pipe: Pipe): void;
  /** No more messages can be sent or will arrive, but some are left to read. */
  pipeEnding?(pipe: Pipe): void;
  /** The connection behind the pipe was lost and replaced; the new peer does not know what was sent before. */
  pipeReset?(pipe: Pipe): void;
  /** The peer's routing id has become known. */
  pipeIdentified?(pipe: Pipe): void;
  /** Whether it is done with a message as soon as it has read it, as a session is, which encodes it. */
  readonly isEncoder?: boolean;
}

const NO_HOLDER: PipeHolder = {
  pipeReadable() {},
  pipeWritable() {},
  pipeClosed() {},
};

/** One end of a pipe; {@link pipePair} makes both. */
// Each message reads most of these fields: an object between would cost time.
// deno-lint-ignore sizes/classes
export class Pipe {
  /** Receives the notifications; changes when a connection is replaced. */
  holder: PipeHolder = NO_HOLDER;
  /** The routing id of the peer behind this pipe, once it is known. */
  routingId: Uint8Array | undefined;
  /** The peer's address, for logs. */
  address = "";
  /** The peer behind this pipe, if CURVE has proved who it is; then each message's sender is noted. */
  peerIdentity: PeerIdentity | undefined;
  /** The number of the last message that a fan-out selected this pipe for. */
  lastMessageId = 0;
  /** What the other holder receives last when this end is closed; it owns their memory. */
  disconnectMessages: readonly Message[] = [];

  /** Why this end was closed, if it was for a reason. */
  reason: Error | undefined;

  /** Whether this end was closed by {@link Pipe.cut}. */
  isCut = false;

  readonly #inbox: MessageQueue;
  /** The high-water marks of this end's holder, if it has any: for receiving and for sending. */
  #highWaterMarks: readonly [number, number] | undefined;
  #other!: Pipe;
  #isClosed = false;
  #isClosedNotified = false;
  #isReading = false;
  /** The holder has found nothing to read and waits for a notification. */
  #isReaderWaiting = true;
  /** The other holder has found this inbox full and waits for a notification. */
  #isWriterWaiting = false;

  /** Use {@link pipePair}. */
  constructor(inbox: MessageQueue) {
    this.#inbox = inbox;
  }

  /** The end of the peer. */
  get other(): Pipe {
    return this.#other;
  }

  /** Whether this end has been closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether nothing can be written in either direction any more; what waits can still be read. */
  get isOver(): boolean {
    return this.#isClosed || this.#other.#isClosed;
  }

  /** How many messages wait for the other holder. */
  get unsent(): number {
    return this.#other.#inbox.length;
  }

  /** How many messages wait for this holder. */
  get unread(): number {
    return this.#inbox.length;
  }

  /** Whether the other holder only encodes what it reads, and neither changes nor stores it. */
  get isEncoded(): boolean {
    return this.#other.holder.isEncoder === true;
  }

  /** Whether a message can be read. */
  get canRead(): boolean {
    if (this.#inbox.length > 0) return true;
    this.#isReaderWaiting = true;
    return false;
  }

  /** Whether a message can be written; if not, `pipeWritable` is called later. */
  get canWrite(): boolean {
    const other = this.#other;
    if (other.#isClosed || this.#isClosed) return false;
    if (!other.#inbox.isFull) return true;
    other.#isWriterWaiting = true;
    return false;
  }

  /**
   * Gives a message to the other holder.
   *
   * If that holder encodes it at once, it is not copied. If the holder stores
   * it, or it has to wait, small frames are copied, so that the sender may
   * reuse its buffer.
   *
   * @param isOwned Whether nothing else uses the memory of the message: then
   *   nothing is copied.
   * @returns false if the pipe is full or closed; the message is not stored
   *   then.
   */
  write(message: Message, isOwned = false): boolean {
    if (!this.canWrite) return false;
    const other = this.#other;
    const inbox = other.#inbox;
    const isStored = !isOwned && other.holder.isEncoder !== true;
    inbox.push(isStored ? detached(message) : message);
    if (other.#isReaderWaiting) {
      other.#isReaderWaiting = false;
      other.holder.pipeReadable(other);
    }
    if (!isStored && !isOwned && inbox.length > 0 && inbox.last === message) {
      inbox.last = detached(message);
    }
    return true;
  }

  /** Gives the other holder a message of the engine itself, regardless of the high-water mark. */
  announce(message: Message): void {
    const other = this.#other;
    if (other.#isClosed || this.#isClosed) return;
    other.#inbox.push(message);
    if (!other.#isReaderWaiting) return;
    other.#isReaderWaiting = false;
    other.holder.pipeReadable(other);
  }

  /** Takes the next message; `undefined` if there is none now. */
  read(): Message | undefined {
    const message = this.#inbox.shift();
    if (message === undefined) {
      this.#isReaderWaiting = true;
      return undefined;
    }
    if (this.#isWriterWaiting) {
      this.#isReading = true;
      this.#wakeWriter();
      this.#isReading = false;
      if (this.#inbox.length > 0 && this.isOver) this.#end();
    }
    if (this.#inbox.length === 0 && this.isOver) {
      // The reader of the last message may still ask where it came from.
      queueMicrotask(() => this.#notifyClosed());
    }
    return message;
  }

  /** Drops what waits for this holder, without closing. */
  discardUnread(): void {
    this.#inbox.clear();
    this.#isReaderWaiting = true;
    this.#wakeWriter();
  }

  /** Closes this end, and drops what waits for its holder; safe to call again. */
  close(reason?: Error): void {
    this.#close(reason, false);
  }

  /** Closes this end, but its holder may still read what has arrived. */
  retire(reason?: Error): void {
    this.#close(reason, true);
  }

  /** Closes this end because of what the other holder did, and drops what waits for that holder, too. */
  cut(reason: Error): void {
    this.isCut = true;
    this.#other.discardUnread();
    this.#close(reason, false);
  }

  #close(reason: Error | undefined, isReadOn: boolean): void {
    if (this.#isClosed) return;
    this.reason = reason;
    const { disconnectMessages } = this;
    this.disconnectMessages = [];
    for (const message of disconnectMessages) this.announce(message);
    this.#isClosed = true;
    if (!isReadOn) this.#inbox.clear();
    this.#end();
    const other = this.#other;
    // A holder that is in the middle of reading is notified when it is done.
    if (!other.#isReading) other.#end();
    // A holder that waits for room is notified at once, even if messages are
    // left to read.
    if (this.#isWriterWaiting && !other.#isClosedNotified) {
      this.#isWriterWaiting = false;
      other.holder.pipeWritable(other);
    }
  }

  /**
   * Sets the high-water marks of this end's holder in messages, for receiving
   * and for sending; 0 for no limit. Where both holders have one for a queue,
   * their sum applies.
   */
  setHighWaterMarks(receive: number, send: number): void {
    this.#highWaterMarks = [receive, send];
    this.#adjust();
    this.#other.#adjust();
  }

  #adjust(): void {
    const highWaterMarks = [
      this.#highWaterMarks?.[0],
      this.#other.#highWaterMarks?.[1],
    ].filter((limit) => limit !== undefined);
    if (highWaterMarks.length === 0) return;
    this.#inbox.highWaterMark = highWaterMarks.includes(0)
      ? 0
      : highWaterMarks.reduce((a, b) => a + b);
    this.#wakeWriter();
  }

  /** From now on, only the newest message waits for this holder. */
  conflate(): void {
    this.#inbox.isConflating = true;
  }

  /** Makes two ends of one pipe; called by {@link pipePair} only. */
  join(other: Pipe): void {
    this.#other = other;
  }

  /** Notifies the other holder, if it waits, that there is room again. */
  #wakeWriter(): void {
    if (!this.#isWriterWaiting || !this.#inbox.isBelowLowWaterMark) return;
    this.#isWriterWaiting = false;
    this.#other.holder.pipeWritable(this.#other);
  }

  /** Notifies the holder that this end is closed, or will be once everything is read. */
  #end(): void {
    if (this.#inbox.length === 0) this.#notifyClosed();
    else if (!this.#isClosedNotified) this.holder.pipeEnding?.(this);
  }

  #notifyClosed(): void {
    if (this.#isClosedNotified) return;
    this.#isClosedNotified = true;
    this.holder.pipeClosed(this);
  }
}

/**
 * Makes a pipe.
 *
 * @param marks The high-water marks, in messages, of the queue towards the
 *   first and the second end; 0 for no limit.
 */
export function pipePair(marks: [number, number]): [Pipe, Pipe] {
  const first = new Pipe(new MessageQueue(marks[0]));
  const second = new Pipe(new MessageQueue(marks[1]));
  first.join(second);
  second.join(first);
  return [first, second];
}

/** The same message, of which no small frame shares memory with the sender. */
export function detached(message: Message): Message {
  // `map` for one frame, as most messages have, takes 20 ns of 80 (Node 20).
  if (message.length === 1) return [detachedFrame(message[0]!)];
  return message.map(detachedFrame);
}

function detachedFrame(frame: Uint8Array): Uint8Array {
  return frame.byteLength > COPY_LIMIT ? asFrame(frame) : copyOf(frame);
}
