/**
 * Layer: zmtp. Bytes in, frames out. Synchronous, no I/O. The framing knows the
 * format of headers.
 *
 * `push` takes what the transport read, `next` returns one frame at a time, so
 * the reader can stop in the middle of a chunk when its queue is full. A size
 * is checked when its header is read: a frame that is too large is rejected
 * before a byte of it is stored, and a large frame takes memory only as its
 * bytes arrive, whatever its header says (see `partial_frame.ts`).
 *
 * @module
 */
import { allocate, concat, EMPTY, partOf } from "../bytes.ts";
import { type Framing, FRAMING_2 } from "../framing.ts";
import { PartialFrame } from "./partial_frame.ts";

/** From this size on, a frame that is split over chunks is collected piece by piece. */
const LARGE = 8192;
/**
 * How many bytes a small frame keeps in memory at most. Small frames share a
 * chunk of at most this size, or else copies of parts of it of this size. With
 * 8 KiB, copying took a tenth more of a receiver's time at 1 KiB a message
 * (Node 20, Deno 2.9).
 */
const WINDOW = 16_384;
/** How many times its own size any other frame may keep in memory. */
const MOST_PINNED = 16;

/** Throws if a frame is not allowed. */
export type FrameGate = (size: number, flags: number) => void;

/** Decodes the frames of one connection. */
export class FrameDecoder {
  /** The flags of the frame that `next` returned last. */
  flags = 0;
  /** The format of headers; must be set before the first frame. */
  framing: Framing = FRAMING_2;

  #chunk: Uint8Array = EMPTY;
  #position = 0;
  /** Chunks that arrived before the current one was read to its end; those before `#next` are used up. */
  #following: Uint8Array[] = [];
  #next = 0;
  /** A copy of the part of the chunk that starts at `#windowStart`. */
  #window: Uint8Array | undefined;
  #windowStart = 0;
  #isChunkPinnable = true;
  /** A large frame that has not arrived completely. */
  #partial: PartialFrame | undefined;
  readonly #gate: FrameGate;

  /** @param gate Called with the size and flags of each frame before it is stored. */
  constructor(gate: FrameGate) {
    this.#gate = gate;
  }

  /** Whether a part of a frame has arrived, and nothing else is left to read. */
  get isPartial(): boolean {
    return this.#partial !== undefined ||
      this.#position < this.#chunk.byteLength ||
      this.#following.length > 0;
  }

  /** Takes what the transport read. The chunk must not change afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return;
    const following = this.#following;
    if (following.length > 0 || this.#position < this.#chunk.byteLength) {
      following.push(chunk);
    } else this.#begin(chunk);
  }

  /** The body of the next complete frame, or `undefined` until more bytes arrive. */
  next(): Uint8Array | undefined {
    if (this.#partial !== undefined) return this.#collect(this.#partial);
    const chunk = this.#chunk;
    const start = this.#position;
    const end = chunk.byteLength;
    if (start === end) return this.#advance() ? this.next() : undefined;
    const { framing } = this;
    const body = start + framing.headerSize(chunk, start);
    if (body > end) return this.#join(body - end);
    const size = framing.bodySize(chunk, start);
    const flags = framing.flags(chunk, start);
    this.#gate(size, flags);
    if (body + size > end) {
      if (size < LARGE) return this.#join(body + size - end);
      this.flags = flags;
      this.#position = body;
      return this.#collect(this.#partial = new PartialFrame(size));
    }
    this.flags = flags;
    this.#position = body + size;
    return this.#slice(body, size);
  }

  #begin(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#position = 0;
    this.#window = undefined;
    this.#isChunkPinnable = chunk.buffer.byteLength <= WINDOW;
  }

  /** Continues with the next chunk, if there is one; an idle connection keeps no read buffer in memory. */
  #advance(): boolean {
    if (this.#following.length === 0) {
      this.#chunk = EMPTY;
      this.#position = 0;
      this.#window = undefined;
      return false;
    }
    this.#begin(this.#takeFollowing(Infinity));
    return true;
  }

  /** Takes up to this many bytes of the next chunk; empty if there is none. */
  #takeFollowing(most: number): Uint8Array {
    const following = this.#following;
    const next = following[this.#next];
    if (next === undefined) return EMPTY;
    if (next.byteLength > most) {
      following[this.#next] = next.subarray(most);
      return next.subarray(0, most);
    }
    following[this.#next++] = EMPTY;
    if (this.#next === following.length) {
      this.#following = [];
      this.#next = 0;
    }
    return next;
  }

  /**
   * Joins the parts of a small frame, and nothing else: joining it with the
   * whole next chunk took an eighth of a receiver's time at 1 KiB a message
   * (Node 20).
   */
  #join(missing: number): Uint8Array | undefined {
    const part = this.#takeFollowing(missing);
    if (part.byteLength === 0) return undefined;
    const rest = this.#chunk.subarray(this.#position);
    this.#begin(concat([rest, part]));
    return this.next();
  }

  /** Copies small frames out of large chunks, many at a time. */
  #slice(start: number, size: number): Uint8Array {
    if (this.#isChunkPinnable) return partOf(this.#chunk, start, start + size);
    if (size > WINDOW / 4) {
      const part = partOf(this.#chunk, start, start + size);
      return part.buffer.byteLength > Math.max(WINDOW, MOST_PINNED * size)
        ? concat([part])
        : part;
    }
    let window = this.#window;
    if (
      window === undefined ||
      start + size > this.#windowStart + window.byteLength
    ) {
      const end = Math.min(start + WINDOW, this.#chunk.byteLength);
      window = allocate(end - start);
      window.set(this.#chunk.subarray(start, end));
      this.#window = window;
      this.#windowStart = start;
    }
    const offset = start - this.#windowStart;
    return partOf(window, offset, offset + size);
  }

  /** Gives a large frame what has arrived of it. */
  #collect(partial: PartialFrame): Uint8Array | undefined {
    do {
      const start = this.#position;
      const end = Math.min(this.#chunk.byteLength, start + partial.missing);
      if (start === end) continue;
      this.#position = end;
      const whole = partial.add(this.#chunk.subarray(start, end));
      if (whole !== undefined) {
        this.#partial = undefined;
        return whole;
      }
    } while (this.#advance());
    return undefined;
  }
}
