/**
 * Layer: sockets. Work whose amount a peer has chosen, such as removing its
 * subscriptions. It is done in slices that yield to the event loop.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import { Pending } from "../engine/pending.ts";

/** After this many milliseconds a slice ends. */
const SLICE_MS = 2;
/** Reading the clock takes longer than most steps. */
const STEPS_PER_CLOCK_READ = 64;

/** The work in slices of one socket. */
export class SlicedWork {
  readonly #running = new Pending();
  #isStopped = false;

  /** Does the first slice of a piece of work at once, and the others in later ticks. */
  start(work: Iterator<unknown>): void {
    if (!this.#isStopped) void this.#running.run(() => this.#doInSlices(work));
  }

  /**
   * Abandons all work, for a socket that closes: nothing needs its results.
   *
   * @returns Resolves once nothing runs or waits for a tick.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (!this.#running.isIdle) await this.#running.idle();
  }

  async #doInSlices(work: Iterator<unknown>): Promise<void> {
    let end = performance.now() + SLICE_MS;
    for (let step = 1; !this.#isStopped && !work.next().done; step++) {
      if (step % STEPS_PER_CLOCK_READ !== 0 || performance.now() < end) {
        continue;
      }
      await yieldToEventLoop();
      end = performance.now() + SLICE_MS;
    }
  }
}
