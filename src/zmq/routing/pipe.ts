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
import type { Message } from "../message.ts";
import type { MessageRun } from "../message_run.ts";
import type { PeerIdentity } from "../peer_identity.ts";
import type { SlabPool } from "../slab_pool.ts";
import { MessageQueue } from "./message_queue.ts";

/** Notifications for the holder of an end. */
export interface PipeHolder {
  /** A message can be read, after there was none; or a whole run of them, to a holder that encodes them. */
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
  /** The queue for this holder is full; it may say that what waits no longer counts ({@link Pipe.grant}). */
  pipeFull?(pipe: Pipe): void;
  /** Whether it sends messages as datagrams: to all groups, as peers cannot join any, and of a limited size. */
  readonly sendsDatagrams?: boolean;
}

const NO_MESSAGES: readonly Message[] = [];

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
  disconnectMessages: readonly Message[] = NO_MESSAGES;

  /** Writes what is held back for this pipe; called before it is read by a session, and before it is closed. */
  writeHeld: (() => void) | undefined;

  /** Why this end was closed, if it was for a reason. */
  reason: Error | undefined;

  /** Whether this end was closed by {@link Pipe.cut}. */
  isCut = false;

  readonly #inbox: MessageQueue;
  /** The high-water marks of this end's holder, if it has any. */
  #receiveMark: number | undefined = undefined;
  #sendMark: number | undefined = undefined;
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

  /** How many bytes wait for this holder, if it encodes what it reads. */
  get unreadBytes(): number {
    return this.#inbox.byteLength;
  }

  /** Whether the other holder is a session, which encodes what it reads. */
  get isEncoded(): boolean {
    return this.#other.#inbox.isPacked;
  }

  /** Whether the other holder sends messages as datagrams. */
  get isDatagrams(): boolean {
    return this.#other.holder.sendsDatagrams === true;
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
    if (!other.#inbox.isFull || other.#makesRoom) return true;
    other.#isWriterWaiting = true;
    return false;
  }

  /** How many messages can be written now; 0 also if none can ever be. */
  get room(): number {
    return this.canWrite ? this.#other.#inbox.room : 0;
  }

  /** Whether fewer than a number of messages wait for the other holder. */
  hasFewerThan(limit: number): boolean {
    const other = this.#other;
    if (other.#inbox.isBelow(limit)) return true;
    other.holder.pipeFull?.(other);
    return other.#inbox.isBelow(limit);
  }

  /**
   * Gives a message to the other holder.
   *
   * Small frames are copied, so that the sender may reuse its buffer.
   *
   * @param isOwned Whether nothing else uses the memory of the message: then
   *   nothing is copied.
   * @returns false if the pipe is full or closed; the message is not stored
   *   then.
   */
  write(message: Message, isOwned = false): boolean {
    if (!this.canWrite) return false;
    const other = this.#other;
    const isMore = other.#inbox.push(message, isOwned);
    if (isMore || other.#isReaderWaiting) other.#notifyReader();
    return true;
  }

  /** Gives a session several messages at once; the caller has checked `room`. */
  writeRun(run: MessageRun): void {
    if (this.isOver) return;
    const other = this.#other;
    other.#inbox.pushRun(run);
    other.#notifyReader();
  }

  /** Gives the other holder a message of the engine itself, regardless of the high-water mark. */
  announce(message: Message): void {
    const other = this.#other;
    if (other.#isClosed || this.#isClosed) return;
    const isMore = other.#inbox.push(message);
    if (isMore || other.#isReaderWaiting) other.#notifyReader();
  }

  /** Takes the next message; `undefined` if there is none now. */
  read(): Message | undefined {
    const message = this.#inbox.shift();
    if (message === undefined) {
      this.#isReaderWaiting = true;
      return undefined;
    }
    this.#haveRead();
    return message;
  }

  /** Makes the other holder write what it holds back for this one. */
  pull(): void {
    this.#other.writeHeld?.();
  }

  /** Takes the next messages, if they wait as a run; for a session. */
  readRun(): MessageRun | undefined {
    const run = this.#inbox.shiftRun();
    if (run !== undefined) this.#haveRead();
    return run;
  }

  /** What waits for this holder, which is sure to read it soon, no longer counts against the high-water mark. */
  grant(): void {
    this.#inbox.grant();
  }

  #haveRead(): void {
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
    this.writeHeld?.();
    this.#other.discardUnread();
    this.#close(reason, false);
  }

  /** Whether the inbox, which is full, is not any more because its holder has granted it. */
  get #makesRoom(): boolean {
    const { holder } = this;
    if (holder.pipeFull === undefined) return false;
    holder.pipeFull(this);
    return !this.#inbox.isFull;
  }

  #notifyReader(): void {
    this.#isReaderWaiting = false;
    this.holder.pipeReadable(this);
  }

  #close(reason: Error | undefined, isReadOn: boolean): void {
    if (this.#isClosed) return;
    this.writeHeld?.();
    this.reason = reason;
    const { disconnectMessages } = this;
    this.disconnectMessages = NO_MESSAGES;
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
    this.#receiveMark = receive;
    this.#sendMark = send;
    this.#adjust();
    this.#other.#adjust();
  }

  #adjust(): void {
    const receive = this.#receiveMark;
    const send = this.#other.#sendMark;
    if (receive === undefined && send === undefined) return;
    const isUnlimited = receive === 0 || send === 0;
    this.#inbox.highWaterMark = isUnlimited ? 0 : (receive ?? 0) + (send ?? 0);
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
 * @param slabs If the second end is a session's: the memory in which small
 *   messages wait for it.
 */
export function pipePair(
  marks: [number, number],
  slabs?: SlabPool,
): [Pipe, Pipe] {
  const first = new Pipe(new MessageQueue(marks[0]));
  const second = new Pipe(new MessageQueue(marks[1], slabs));
  first.join(second);
  second.join(first);
  return [first, second];
}
