/**
 * Layer: routing. A pipe joins two parties that exchange messages: a socket
 * and a session, or, with inproc, two sockets. Each holds one end; each end
 * has a bounded queue of messages for its holder. No I/O.
 *
 *     holder A ── write ──▶ [inbox of B] ── read ──▶ holder B
 *              ◀── read ── [inbox of A] ◀── write ──
 *
 * Nobody polls: a holder reads until there is nothing and is then told once
 * when there is something (`pipeReadable`); it writes until the pipe is full
 * and is then told once when there is room (`pipeWritable`).
 *
 * Closing an end drops what waits for its holder, and leaves to the other what
 * was sent before: it reads that to the end. Each holder is told once that its
 * end is over (`pipeClosed`), and before that, if something is left to read,
 * that nothing will be added (`pipeEnding`).
 *
 * @module
 */
import { asFrame, copyOf } from "../bytes.ts";
import { COPY_LIMIT, type Message } from "../message.ts";
import type { PeerIdentity } from "../peer_identity.ts";
import { MessageQueue } from "./message_queue.ts";

/** What the holder of an end is told. */
export interface PipeHolder {
  /** A message can be read, after there was none. */
  pipeReadable(pipe: Pipe): void;
  /** A message can be written, after the pipe was full; or never more, as the other end is closed. */
  pipeWritable(pipe: Pipe): void;
  /** This end is closed, or the other is and all it sent has been read. Told once. */
  pipeClosed(pipe: Pipe): void;
  /** Nothing more comes and goes, but something is left to read. */
  pipeEnding?(pipe: Pipe): void;
  /** The connection behind the pipe was lost; what it was told before must be told again. */
  pipeReset?(pipe: Pipe): void;
  /** The peer's routing id has become known. */
  pipeIdentified?(pipe: Pipe): void;
  /** Whether it is done with a message as soon as it has read it: a session, which encodes it. */
  readonly isEncoder?: boolean;
}

const NOBODY: PipeHolder = {
  pipeReadable() {},
  pipeWritable() {},
  pipeClosed() {},
};

/** One end of a pipe; {@link pipePair} makes both. */
export class Pipe {
  /** Who is told; may change while a connection is replaced. */
  holder: PipeHolder = NOBODY;
  /** The routing id of the peer behind this pipe, once it is known. */
  routingId: Uint8Array | undefined;
  /** Where the peer is, for people. */
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
  /** The marks of this end's holder, if it has any: what it receives, and what it sends. */
  #highWaterMarks: readonly [number, number] | undefined;
  #other!: Pipe;
  #isClosed = false;
  #isClosedTold = false;
  #isReading = false;
  /** The holder has found nothing to read and waits to be told. */
  #isReaderWaiting = true;
  /** The other holder has found this inbox full and waits to be told. */
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

  /** Whether nothing can be written any more, either way: what waits can still be read. */
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

  /** Whether the other holder only encodes what it reads, and neither changes nor keeps it. */
  get isEncoded(): boolean {
    return this.#other.holder.isEncoder === true;
  }

  /** Whether a message can be read. */
  get canRead(): boolean {
    if (this.#inbox.length > 0) return true;
    this.#isReaderWaiting = true;
    return false;
  }

  /** Whether a message can be written; if not, `pipeWritable` will tell. */
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
   * If that holder encodes it at once it is not copied. If it keeps it, or it
   * must wait, small frames are copied: the sender may use its buffer again.
   *
   * @param isOwned Whether the memory of the message is nobody else's: then
   *   nothing is copied.
   * @returns false if the pipe is full or closed; nothing has been kept then.
   */
  write(message: Message, isOwned = false): boolean {
    if (!this.canWrite) return false;
    const other = this.#other;
    const inbox = other.#inbox;
    const isKept = !isOwned && other.holder.isEncoder !== true;
    inbox.push(isKept ? detached(message) : message);
    if (other.#isReaderWaiting) {
      other.#isReaderWaiting = false;
      other.holder.pipeReadable(other);
    }
    if (!isKept && !isOwned && inbox.length > 0 && inbox.last === message) {
      inbox.last = detached(message);
    }
    return true;
  }

  /** Gives the other holder a message that the engine itself makes, however many wait. */
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
      // Whoever reads the last message may still want to know where it came from.
      queueMicrotask(() => this.#tellClosed());
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

  /** Closes this end, but its holder may still read what has come. */
  retire(reason?: Error): void {
    this.#close(reason, true);
  }

  /** Closes this end, because of what the other holder did: what waits for that one is dropped, too. */
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
    // Whoever is in the middle of reading is told when it is done with that.
    if (!other.#isReading) other.#end();
    // Who waits for room need not read to the end to learn that there is none.
    if (this.#isWriterWaiting && !other.#isClosedTold) {
      this.#isWriterWaiting = false;
      other.holder.pipeWritable(other);
    }
  }

  /**
   * Sets how many messages the holder of this end lets wait, to be received and
   * to be sent; 0 for any number. Where both holders have marks, that of a queue
   * is the sum of both.
   */
  setHighWaterMarks(receive: number, send: number): void {
    this.#highWaterMarks = [receive, send];
    this.#adjust();
    this.#other.#adjust();
  }

  #adjust(): void {
    const marks = [this.#highWaterMarks?.[0], this.#other.#highWaterMarks?.[1]]
      .filter((mark) => mark !== undefined);
    if (marks.length === 0) return;
    this.#inbox.highWaterMark = marks.includes(0)
      ? 0
      : marks.reduce((a, b) => a + b);
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

  /** Tells the other holder, if it waits, that there is room again. */
  #wakeWriter(): void {
    if (!this.#isWriterWaiting || !this.#inbox.isBelowLowWaterMark) return;
    this.#isWriterWaiting = false;
    this.#other.holder.pipeWritable(this.#other);
  }

  /** Tells the holder that this end is over, or will be once all is read. */
  #end(): void {
    if (this.#inbox.length === 0) this.#tellClosed();
    else if (!this.#isClosedTold) this.holder.pipeEnding?.(this);
  }

  #tellClosed(): void {
    if (this.#isClosedTold) return;
    this.#isClosedTold = true;
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
