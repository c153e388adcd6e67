/**
 * Layer: pipeline/http. A Prometheus histogram of durations, which also remembers
 * the most recent ones, for typical values.
 *
 * @module
 */

/** The upper bounds of the buckets, in seconds; an unbounded one is added. */
export const DURATION_BOUNDS: readonly number[] = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  30,
  60,
  300,
  1800,
];

/** How many durations it remembers. */
const REMEMBERED = 256;

/** A histogram. */
export class Histogram {
  /** The upper bounds of the buckets, in seconds. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  readonly #last: number[] = [];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[] = DURATION_BOUNDS) {
    this.bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  /** How many durations were observed. */
  get count(): number {
    return this.#count;
  }

  /** Their sum, in seconds. */
  get sum(): number {
    return this.#sum;
  }

  /** Adds a duration, in seconds; a negative one, after the clock was set back, counts as 0. */
  observe(seconds: number): void {
    const value = Math.max(0, seconds);
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) this.#counts[bucket]! += 1;
    this.#last[this.#count % REMEMBERED] = value;
    this.#count += 1;
    this.#sum += value;
  }

  /** How many durations are at most as long as each bound. */
  cumulative(): number[] {
    let sum = 0;
    return this.#counts.map((count) => sum += count);
  }

  /**
   * A quantile of the most recent durations.
   *
   * @param part From 0 to 1: 0.5 for the median.
   * @returns In seconds; `undefined` without durations.
   */
  recent(part: number): number | undefined {
    const sorted = [...this.#last].sort((a, b) => a - b);
    return sorted[
      Math.min(sorted.length - 1, Math.floor(part * sorted.length))
    ];
  }
}
