/**
 * Layer: zmtp. Frames of the bytes that `../transport/channel/zws_messages.ts`
 * makes of whole messages in a browser: a chunk holds whole frames, but for the
 * body of its last one, which may be the next chunk.
 *
 * @module
 */
import { EMPTY } from "../bytes.ts";
import { type Framing, FRAMING_2 } from "../framing.ts";
import type { FrameGate } from "./frame_decoder.ts";

export type { FrameGate };

/** Decodes the frames of one connection. */
export class FrameDecoder {
  /** The flags of the frame that `next` returned last. */
  flags = 0;
  framing: Framing = FRAMING_2;
  #chunks: Uint8Array[] = [];
  /** The chunk that is read, and where. */
  #next = 0;
  #position = 0;
  readonly #gate: FrameGate;

  /** @param gate Called with the size and flags of each frame. */
  constructor(gate: FrameGate) {
    this.#gate = gate;
  }

  /** Whether anything is left to read. */
  get isPartial(): boolean {
    return this.#chunks.length > 0;
  }

  /** Takes a chunk, which must not change afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.byteLength > 0) this.#chunks.push(chunk);
  }

  /** The body of the next frame, or `undefined` until more bytes arrive. */
  next(): Uint8Array | undefined {
    const chunk = this.#chunks[this.#next];
    if (chunk === undefined) return undefined;
    const start = this.#position;
    const body = start + FRAMING_2.headerSize(chunk, start);
    const size = FRAMING_2.bodySize(chunk, start);
    const isApart = size > 0 && body === chunk.byteLength;
    if (isApart && this.#chunks[this.#next + 1] === undefined) return undefined;
    this.flags = FRAMING_2.flags(chunk, start);
    this.#gate(size, this.flags);
    if (isApart) {
      this.#used();
      return this.#used();
    }
    this.#position = body + size;
    if (this.#position === chunk.byteLength) this.#used();
    return size === 0 ? EMPTY : chunk.subarray(body, body + size);
  }

  /** Goes on to the next chunk; returns the one before. */
  #used(): Uint8Array {
    const chunk = this.#chunks[this.#next]!;
    this.#chunks[this.#next++] = EMPTY;
    this.#position = 0;
    if (this.#next === this.#chunks.length) {
      this.#chunks = [];
      this.#next = 0;
    }
    return chunk;
  }
}
