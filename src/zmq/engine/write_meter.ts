/**
 * Layer: engine. Measures writes, to estimate how long the bytes in the buffers
 * of systems and relays still take on the network.
 *
 * @module
 */

/** A write that takes longer than this many milliseconds is limited by the network. */
const SLOW_WRITE_MS = 2;
/** How many bytes the buffers of systems and relays on the way hold at most. */
const MAX_BUFFERED_BYTES = 32 * 2 ** 20;

/** The progress of one connection's writes since the last estimate. */
export class WriteMeter {
  /** When bytes were last written. */
  #progressAt = 0;
  #writtenBytes = 0;
  /** How many of these were in slow writes, and how long those took. */
  #slowBytes = 0;
  #slowMs = 0;

  /** A write begins. */
  start(): void {
    this.#progressAt = performance.now();
  }

  /** Part of the write has been accepted by the system's buffers. */
  add(sizeBytes: number): void {
    const now = performance.now();
    const tookMs = now - this.#progressAt;
    this.#progressAt = now;
    this.#writtenBytes = Math.min(
      this.#writtenBytes + sizeBytes,
      MAX_BUFFERED_BYTES,
    );
    if (tookMs <= SLOW_WRITE_MS) return;
    this.#slowMs += tookMs;
    this.#slowBytes += sizeBytes;
  }

  /** How many milliseconds the written bytes take on the network; starts over. */
  takeEstimate(): number {
    const estimateMs = this.#slowBytes > 0
      ? this.#writtenBytes * this.#slowMs / this.#slowBytes
      : 0;
    this.#writtenBytes = this.#slowBytes = this.#slowMs = 0;
    return estimateMs;
  }
}
