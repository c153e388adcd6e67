/**
 * Layer: sockets. Work whose amount a peer has chosen, such as removing its
 * subscriptions. It is done in slices that yield to the event loop.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";

/** After this many milliseconds a slice ends. */
const SLICE_MS = 2;
/** Reading the clock takes longer than most steps. */
const STEPS_PER_CLOCK_READ = 64;

/** Does all steps of a piece of work. */
export async function doInSlices(work: Iterator<unknown>): Promise<void> {
  let end = performance.now() + SLICE_MS;
  for (let step = 1; !work.next().done; step++) {
    if (step % STEPS_PER_CLOCK_READ !== 0 || performance.now() < end) continue;
    await yieldToEventLoop();
    end = performance.now() + SLICE_MS;
  }
}
