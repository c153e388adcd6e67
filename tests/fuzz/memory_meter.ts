/**
 * Test support. Counts the memory that the engine asks for: its frames and
 * slabs all come from the functions of `Buffer` that stand here. Deterministic,
 * where the size of the heap is not.
 *
 * @module
 */

interface Allocators {
  allocUnsafe(size: number): Uint8Array;
  allocUnsafeSlow(size: number): Uint8Array;
}

/** What was asked for since the last `clear`, in bytes. */
export class MemoryMeter {
  total = 0;
  largest = 0;

  /** Counts from zero. */
  clear(): void {
    this.total = 0;
    this.largest = 0;
  }

  /** Counts from now on; returns what ends that. */
  start(): () => void {
    const buffer = (globalThis as unknown as { Buffer: Allocators }).Buffer;
    const { allocUnsafe, allocUnsafeSlow } = buffer;
    buffer.allocUnsafe = (size) => {
      this.#count(size);
      return allocUnsafe(size);
    };
    buffer.allocUnsafeSlow = (size) => {
      this.#count(size);
      return allocUnsafeSlow(size);
    };
    return () => {
      Object.assign(buffer, { allocUnsafe, allocUnsafeSlow });
    };
  }

  #count(size: number): void {
    this.total += size;
    if (size > this.largest) this.largest = size;
  }
}
