/**
 * Layer: zmtp. Frames in, chunks to write out (RFC 37, "Framing").
 * Synchronous, no I/O.
 *
 * Small frames are copied one after another into slabs, so that a burst leaves
 * in one write; large ones are passed by reference behind their header.
 *
 * @module
 */
import { allocate } from "../bytes.ts";
import { COPY_LIMIT, type Message } from "../message.ts";
import { COMMAND, LONG, MORE } from "./frame_decoder.ts";

const FIRST_SLAB = 512;
const SLAB = 65536;
const MAX_HEADER = 9;
/** Below this many bytes a loop beats `TypedArray.set` (measured on V8 and JSC). */
const LOOP_COPY = 24;

/** Encodes the frames of one connection. */
export class FrameEncoder {
  /** The bytes that wait to be taken. */
  byteLength = 0;

  #slab: Uint8Array | undefined;
  /** Where the bytes that have not been handed out begin, and end, in the slab. */
  #start = 0;
  #end = 0;
  #chunks: Uint8Array[] = [];

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
    let at = this.#end;
    if (size < 256) {
      slab[at++] = flags;
      slab[at++] = size;
    } else {
      slab[at++] = flags | LONG;
      at = writeSize(slab, at, size);
    }
    this.byteLength += at - this.#end + size;
    if (!isCopied) {
      this.#end = at;
      this.#cut();
      this.#chunks.push(body);
      return;
    }
    if (size < LOOP_COPY) {
      for (let i = 0; i < size; i++) slab[at + i] = body[i]!;
    } else slab.set(body, at);
    this.#end = at + size;
  }

  /** Appends bytes as they are, such as a greeting. */
  raw(bytes: Uint8Array): void {
    const slab = this.#room(bytes.byteLength);
    slab.set(bytes, this.#end);
    this.#end += bytes.byteLength;
    this.byteLength += bytes.byteLength;
  }

  /** Hands out what waits, in order; an empty array if nothing does. */
  take(): Uint8Array[] {
    this.#cut();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.byteLength = 0;
    // An idle connection keeps no slab; a busy one goes on in a large one.
    if (this.#slab !== undefined && this.#end > SLAB / 2) {
      this.#slab = undefined;
    }
    return chunks;
  }

  /** Gives back the memory of the slab; nothing that waits is lost. */
  shrink(): void {
    if (this.byteLength === 0) this.#slab = undefined;
  }

  #room(size: number): Uint8Array {
    const slab = this.#slab;
    if (slab !== undefined && slab.byteLength - this.#end >= size) return slab;
    this.#cut();
    // The first slab of a burst is small, so that many quiet connections stay cheap.
    const isBurst = this.byteLength > 0;
    this.#slab = allocate(Math.max(size, isBurst ? SLAB : FIRST_SLAB));
    this.#start = 0;
    this.#end = 0;
    return this.#slab;
  }

  #cut(): void {
    if (this.#slab !== undefined && this.#end > this.#start) {
      this.#chunks.push(this.#slab.subarray(this.#start, this.#end));
      this.#start = this.#end;
    }
  }
}

function writeSize(bytes: Uint8Array, offset: number, size: number): number {
  let high = Math.floor(size / 0x100000000);
  let low = size >>> 0;
  for (let i = 3; i >= 0; i--) {
    bytes[offset + i] = high & 0xff;
    bytes[offset + 4 + i] = low & 0xff;
    high >>>= 8;
    low >>>= 8;
  }
  return offset + 8;
}
