/**
 * Test support. Where the bytes of an input are put together: one piece of
 * memory, used again for every input, that remembers where parts begin.
 *
 * @module
 */

/** Room for the largest input. */
export const CAPACITY = 1 << 18;

/** Bytes that grow at their end, up to {@link CAPACITY}; what does not fit is left out. */
export class Writer {
  bytes: Uint8Array = new Uint8Array(CAPACITY);
  size = 0;
  /** Where each part begins. */
  readonly parts: number[] = [];

  /** Starts over. */
  clear(): void {
    this.size = 0;
    this.parts.length = 0;
  }

  /** What follows is a part of its own. */
  part(): void {
    this.parts.push(this.size);
  }

  /** Appends a byte. */
  byte(value: number): void {
    if (this.size < CAPACITY) this.bytes[this.size++] = value;
  }

  /** Appends a number of four bytes. */
  u32(value: number): void {
    for (let shift = 24; shift >= 0; shift -= 8) this.byte(value >>> shift);
  }

  /** Appends text of ASCII. */
  text(text: string): void {
    const { bytes, size } = this;
    if (size + text.length > CAPACITY) return;
    for (let i = 0; i < text.length; i++) bytes[size + i] = text.charCodeAt(i);
    this.size = size + text.length;
  }

  /** Appends bytes. */
  append(bytes: Uint8Array): void {
    const length = Math.min(bytes.byteLength, CAPACITY - this.size);
    if (length < 64) {
      for (let i = 0; i < length; i++) this.bytes[this.size + i] = bytes[i]!;
    } else this.bytes.set(bytes.subarray(0, length), this.size);
    this.size += length;
  }

  /** Appends so many equal bytes. */
  repeat(value: number, count: number): void {
    const end = Math.min(this.size + count, CAPACITY);
    this.bytes.fill(value, this.size, end);
    this.size = end;
  }

  /** What was written; it changes when the writer goes on. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.size);
  }
}
