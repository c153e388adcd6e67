/**
 * Layer: async. Long work in steps of a millisecond or less. Done in turns, all
 * such work has some milliseconds of each tick of the event loop, so that timers
 * and I/O are served in between.
 *
 * @module
 */
import { yieldToEventLoop } from "./event_loop.ts";

/** Work that may be interrupted wherever it yields, and its result. */
export type Steps<T> = Generator<void, T>;

/** How many characters or bytes one step looks at: at 3 to 10 ns each. */
export const STEP_LENGTH = 131_072;

/** Does all of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** For how long steps are done in one turn, in milliseconds. */
const TURN_MS = 2;

/** The turn of the call that came last. */
let lastTurn: Promise<void> = Promise.resolve();

/**
 * Does it in turns with all other work that is done so.
 *
 * @returns Rejects with what a step throws.
 */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    lastTurn = lastTurn.then(yieldToEventLoop);
    await lastTurn;
    const endsAt = performance.now() + TURN_MS;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < endsAt);
  }
}
