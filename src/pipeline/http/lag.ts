/**
 * Layer: pipeline/http. Measures how late the event loop is: a pipeline whose
 * process is busy with other things gives out jobs late.
 *
 * @module
 */
import { unref } from "../../async/timers.ts";
import { Histogram } from "./histogram.ts";

/** How often it measures, in milliseconds. */
const EVERY_MS = 250;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Measures from when it is made until it is stopped; it keeps no process alive. */
export class LagMeter {
  /** What it has measured, in seconds. */
  readonly histogram: Histogram = new Histogram(BOUNDS);
  #dueAt = performance.now() + EVERY_MS;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.histogram.observe((now - this.#dueAt) / 1000);
      this.#dueAt = now + EVERY_MS;
    }, EVERY_MS);
    unref(this.#timer);
  }

  /** Measures no more. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
