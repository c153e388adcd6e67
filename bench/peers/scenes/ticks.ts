/**
 * Benchmark peers. How late the timers of a process fire.
 *
 * @module
 */
import { percentiles } from "../support.ts";

/** How often the timer that stands for the application should fire, in milliseconds. */
const TICK_MS = 2;

/** A timer that fires again and again, and how late. */
export class Ticks {
  readonly #lateMs: number[] = [];
  #due = performance.now() + TICK_MS;
  #timer = setTimeout(() => this.#tick(), TICK_MS);

  /** Ends it; returns how late it was, in milliseconds. */
  stop(): { p50: number; p99: number; longest: number } {
    clearTimeout(this.#timer);
    this.#lateMs.push(Math.max(0, performance.now() - this.#due));
    const longest = this.#lateMs.reduce((a, b) => Math.max(a, b));
    return { ...percentiles(this.#lateMs), longest };
  }

  #tick(): void {
    const now = performance.now();
    this.#lateMs.push(now - this.#due);
    this.#due = now + TICK_MS;
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }
}
