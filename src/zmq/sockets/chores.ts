/**
 * Layer: sockets. Work whose amount a peer has chosen, such as forgetting its
 * subscriptions: done in slices, with the event loop's other work between them.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";

/** After so many milliseconds others have their turn. */
const SLICE_MS = 2;
/** To look at the clock takes longer than most steps. */
const STEPS_PER_LOOK = 64;

/** Does all steps of a piece of work. */
export async function doInSlices(work: Iterator<unknown>): Promise<void> {
  let end = performance.now() + SLICE_MS;
  for (let step = 1; !work.next().done; step++) {
    if (step % STEPS_PER_LOOK !== 0 || performance.now() < end) continue;
    await yieldToEventLoop();
    end = performance.now() + SLICE_MS;
  }
}
