/**
 * Layer: zmtp. Frames in, chunks to write out. Synchronous, no I/O. The framing
 * knows the format of headers.
 *
 * Small frames are copied one after another into slabs, so that a burst leaves
 * in one write; large ones are passed by reference after their header.
 *
 * @module
 */
import { allocate, copyInto, EMPTY, partOf } from "../bytes.ts";
import type { Message } from "../message.ts";
import type { MessageRun } from "../message_run.ts";
import {
  COMMAND,
  type Framing,
  FRAMING_2,
  MAX_HEADER,
  MORE,
} from "../framing.ts";
import { SLAB_SIZE, SlabPool, SMALL_SLAB_SIZE } from "../slab_pool.ts";

/**
 * Frames up to this size in bytes are copied, which is cheaper than one more
 * chunk for `writev`. Without the copy a message of 4 KiB took a sender 2.5 µs
 * instead of 2.1 (Node 20), and 3.0 instead of 1.7 where `writev` copies anyway
 * (Bun 1.4); at 16 KiB there was no difference.
 */
const COPY_LIMIT = 8192;
/** Larger frames that are made here get memory of their own. */
const MADE_LIMIT = SLAB_SIZE - MAX_HEADER;

/** Encodes the frames of one connection. */
export class FrameEncoder {
  /** The bytes that wait to be taken. */
  byteLength = 0;
  /** The format of headers; must be set before the first frame. */
  framing: Framing = FRAMING_2;
  /** Where the body belongs of the frame that `begin` began. */
  bodyAt = 0;

  readonly #pool: SlabPool;
  #slab: Uint8Array = EMPTY;
  /** Start and end, in the slab, of the bytes that are not among the chunks yet. */
  #start = 0;
  #end = 0;
  #chunks: Uint8Array[] = [];
  /** The slabs that hold the chunks, and those that are being written. */
  #slabs: Uint8Array[] = [];
  #inFlight: Uint8Array[] = [];
  /** Whether a large slab was needed since the last `take`, and before it. */
  #isBusy = false;
  #wasBusy = false;

  /** @param pool Provides slabs and takes them back. */
  constructor(pool: SlabPool = new SlabPool()) {
    this.#pool = pool;
  }

  /** Appends all frames of a message. */
  message(frames: Message): void {
    const last = frames.length - 1;
    for (let i = 0; i < last; i++) this.frame(frames[i]!, MORE);
    this.frame(frames[last]!, 0);
  }

  /** Appends a command: its name, then its data. */
  command(body: Uint8Array): void {
    this.frame(body, COMMAND);
  }

  /** Appends one frame. */
  frame(body: Uint8Array, flags: number): void {
    const size = body.byteLength;
    const isCopied = size <= COPY_LIMIT;
    const slab = this.#room(isCopied ? size + MAX_HEADER : MAX_HEADER);
    const at = this.framing.write(slab, this.#end, size, flags);
    this.byteLength += at - this.#end + size;
    if (!isCopied) {
      this.#end = at;
      this.#cut();
      this.#chunks.push(body);
      return;
    }
    copyInto(slab, at, body);
    this.#end = at + size;
  }

  /**
   * Begins a frame whose body is made in its place, such as an encrypted one.
   *
   * @returns Where the caller writes it, from `bodyAt` on. `commit` appends
   *   the frame; without it, nothing is.
   */
  begin(size: number, flags: number): Uint8Array {
    const memory = size <= MADE_LIMIT
      ? this.#room(size + MAX_HEADER)
      : allocate(size + MAX_HEADER);
    const start = memory === this.#slab ? this.#end : 0;
    this.bodyAt = this.framing.write(memory, start, size, flags);
    return memory;
  }

  /** Appends the frame that `begin` began, in the memory that it returned. */
  commit(memory: Uint8Array, size: number): void {
    const end = this.bodyAt + size;
    if (memory === this.#slab) {
      this.byteLength += end - this.#end;
      this.#end = end;
      return;
    }
    this.#cut();
    this.#chunks.push(partOf(memory, 0, end));
    this.byteLength += end;
  }

  /**
   * Appends messages that are encoded in this framing already. Their memory
   * belongs to the encoder from now on.
   */
  run(run: MessageRun): void {
    const { memory, byteLength } = run;
    const bytes = partOf(memory, run.start, run.end);
    const isCopied = this.byteLength > 0 && byteLength <= COPY_LIMIT;
    if (isCopied) {
      this.raw(bytes);
      if (!run.isShared) this.#pool.give(memory);
      return;
    }
    this.#cut();
    this.#chunks.push(bytes);
    if (!run.isShared) this.#slabs.push(memory);
    this.byteLength += byteLength;
  }

  /** Appends bytes as they are, such as a greeting. */
  raw(bytes: Uint8Array): void {
    const slab = this.#room(bytes.byteLength);
    slab.set(bytes, this.#end);
    this.#end += bytes.byteLength;
    this.byteLength += bytes.byteLength;
  }

  /**
   * Takes what waits, in order; an empty array if nothing does. The chunks are
   * valid until `written` is called, which must happen before the next `take`.
   */
  take(): Uint8Array[] {
    this.#cut();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#wasBusy = this.#isBusy;
    this.#isBusy = false;
    this.#inFlight = this.#slabs;
    this.#slabs = [];
    this.#slab = EMPTY;
    this.#start = this.#end = 0;
    this.byteLength = 0;
    return chunks;
  }

  /** What was taken has been written, or never will be. */
  written(): void {
    for (const slab of this.#inFlight) this.#pool.give(slab);
    this.#inFlight = [];
  }

  /** Where `size` more bytes fit. */
  #room(size: number): Uint8Array {
    if (this.#slab.byteLength - this.#end >= size) return this.#slab;
    this.#cut();
    this.#start = this.#end = 0;
    // Idle connections must not each use a large slab for a small message.
    const isSmall = !this.#wasBusy && this.byteLength === 0 &&
      size <= SMALL_SLAB_SIZE;
    this.#isBusy ||= !isSmall;
    this.#slab = isSmall ? this.#pool.takeSmall() : this.#pool.take();
    this.#slabs.push(this.#slab);
    return this.#slab;
  }

  #cut(): void {
    if (this.#end > this.#start) {
      this.#chunks.push(partOf(this.#slab, this.#start, this.#end));
      this.#start = this.#end;
    }
  }
}
