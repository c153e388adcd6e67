/**
 * Layer: zmtp. Bytes in, frames out (RFC 37, "Framing"). Synchronous, no I/O.
 *
 * `push` takes what the transport read, `next` gives one frame at a time, so
 * the reader can stop in the middle of a chunk when its queue is full. A size
 * is judged when its header is read: a frame that is too large is refused
 * before a byte of it is kept, and a large frame takes memory only as its
 * bytes arrive, whatever its header promises.
 *
 * @module
 */
import { allocate, concat } from "../bytes.ts";
import { ProtocolError } from "../errors.ts";

/** Another frame of the same message follows. */
export const MORE = 1;
/** The size takes eight bytes. */
export const LONG = 2;
/** The frame is a command. */
export const COMMAND = 4;

/** From this size on, a frame that is split over chunks is collected in a list. */
const LARGE = 8192;
/** The piece of a chunk that small frames share; a kept frame pins no more than this. */
const WINDOW = 8192;
/** A chunk with more memory than this behind it is not shared with small frames. */
const PINNABLE = 2 * WINDOW;

const NOTHING = new Uint8Array(0);

/** Decides whether a frame may come: throws where it may not. */
export type FrameGate = (size: number, flags: number) => void;

/** Decodes the frames of one connection. */
export class FrameDecoder {
  /** The flags of the frame that `next` returned last. */
  flags = 0;

  #chunk: Uint8Array = NOTHING;
  #position = 0;
  /** A copy of a part of the chunk, at `#windowStart` of it. */
  #window: Uint8Array | undefined;
  #windowStart = 0;
  #isChunkPinnable = true;
  /** The pieces of a large frame that has not arrived whole. */
  #pieces: Uint8Array[] = [];
  #missing = 0;
  readonly #gate: FrameGate;

  /** @param gate Called with the size and flags of each frame before it is kept. */
  constructor(gate: FrameGate) {
    this.#gate = gate;
  }

  /** Takes what the transport read. The chunk must not change afterwards. */
  push(chunk: Uint8Array): void {
    const rest = this.#chunk.byteLength - this.#position;
    this.#chunk = rest === 0
      ? chunk
      : concat([this.#chunk.subarray(this.#position), chunk]);
    this.#position = 0;
    this.#window = undefined;
    this.#isChunkPinnable = this.#chunk.buffer.byteLength <= PINNABLE;
  }

  /** The body of the next whole frame, or `undefined` until more bytes come. */
  next(): Uint8Array | undefined {
    if (this.#missing > 0) return this.#collect();
    const chunk = this.#chunk;
    const start = this.#position;
    const available = chunk.byteLength - start;
    if (available < 2) {
      if (available === 0) this.#release();
      return undefined;
    }
    const flags = chunk[start]!;
    let size = chunk[start + 1]!;
    let header = 2;
    if ((flags & LONG) !== 0) {
      if (available < 9) return undefined;
      size = readSize(chunk, start + 1);
      header = 9;
    }
    this.#gate(size, flags);
    if (available < header + size) {
      // Small remains wait in the chunk and are joined with the next one.
      if (size < LARGE) return undefined;
      this.flags = flags;
      this.#position = chunk.byteLength;
      this.#pieces = [chunk.subarray(start + header)];
      this.#missing = size - (available - header);
      return undefined;
    }
    this.flags = flags;
    this.#position = start + header + size;
    return this.#slice(start + header, size);
  }

  /** An idle connection keeps no read buffer alive. */
  #release(): void {
    this.#chunk = NOTHING;
    this.#position = 0;
    this.#window = undefined;
  }

  /** Copies small frames out of large chunks, many at a time. */
  #slice(start: number, size: number): Uint8Array {
    if (this.#isChunkPinnable || size > WINDOW / 2) {
      const part = this.#chunk.subarray(start, start + size);
      // A frame that is kept pins at most four times its own size.
      return part.buffer.byteLength > Math.max(PINNABLE, 4 * size)
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
    return window.subarray(offset, offset + size);
  }

  #collect(): Uint8Array | undefined {
    const available = this.#chunk.byteLength - this.#position;
    if (available === 0) return undefined;
    const taken = Math.min(available, this.#missing);
    this.#keep(this.#chunk.subarray(this.#position, this.#position + taken));
    this.#position += taken;
    this.#missing -= taken;
    if (this.#missing > 0) return undefined;
    const whole = concat(this.#pieces);
    this.#pieces = [];
    return whole;
  }

  /** Small pieces are joined: each of its own would take many times its size. */
  #keep(piece: Uint8Array): void {
    const pieces = this.#pieces;
    const last = pieces.length - 1;
    const isJoined = pieces[last]!.byteLength + piece.byteLength <= LARGE;
    if (isJoined) pieces[last] = concat([pieces[last]!, piece]);
    else pieces.push(piece);
  }
}

/** Reads a 64-bit size; one that no JavaScript number holds exactly is refused. */
function readSize(bytes: Uint8Array, offset: number): number {
  const high = word(bytes, offset);
  if (high >= 0x200000) {
    throw new ProtocolError(
      "ERR_ZMTP_MESSAGE_TOO_LARGE",
      "A frame declares a size above 2^53 bytes",
    );
  }
  return high * 0x100000000 + word(bytes, offset + 4);
}

function word(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! * 0x1000000 +
    ((bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) |
      bytes[offset + 3]!);
}
