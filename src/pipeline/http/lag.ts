/**
 * Layer: pipeline/http. Measures the lag of the event loop: a pipeline in a busy
 * process dispatches jobs late.
 *
 * @module
 */
import { unref } from "../../async/timers.ts";
import { Histogram } from "./histogram.ts";

/** The interval of measurements, in milliseconds. */
const EVERY_MS = 250;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Measures until it is stopped; it does not keep the process alive. */
export class LagMeter {
  /** The measurements, in seconds. */
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

  /** Stops measuring. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
