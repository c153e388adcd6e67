/**
 * Layer: transport. Bytes that are appended one after another, and taken as one
 * array.
 *
 * @module
 */
import { allocate, EMPTY } from "../../bytes.ts";

/** Up to this size, copying byte by byte takes less than a view does. */
const WORTH_A_VIEW = 128;

/** A growing array of bytes. */
export class BytePile {
  /** How many bytes it has. */
  size = 0;
  #bytes: Uint8Array = EMPTY;

  /** Sees to it that so many bytes more fit, and returns the memory: `size` is where they begin. */
  room(size: number): Uint8Array {
    const needed = this.size + size;
    if (needed > this.#bytes.byteLength) {
      const grown = allocate(Math.max(needed, this.size * 2, 64));
      grown.set(this.#bytes.subarray(0, this.size));
      this.#bytes = grown;
    }
    return this.#bytes;
  }

  /** Appends bytes. */
  add(bytes: Uint8Array): void {
    this.room(bytes.byteLength).set(bytes, this.size);
    this.size += bytes.byteLength;
  }

  /** Appends a part of an array; if it is small, without a view of it. */
  addPart(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > WORTH_A_VIEW) return this.add(bytes.subarray(start, end));
    const to = this.room(end - start);
    let at = this.size;
    for (let i = start; i < end; i++) to[at++] = bytes[i]!;
    this.size = at;
  }

  /** Appends one byte. */
  byte(value: number): void {
    this.room(1)[this.size++] = value;
  }

  /** Takes all bytes; nothing changes them afterwards. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.size);
    this.#bytes = EMPTY;
    this.size = 0;
    return taken;
  }
}
