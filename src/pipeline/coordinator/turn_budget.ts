/**
 * Layer: pipeline/coordinator. Divides long work among turns of the event loop.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";

/** How many steps are done in one turn. */
const PER_TURN = 500;

/** Counts steps, and ends the turn after a number of them. */
export class TurnBudget {
  #left = PER_TURN;

  /** Counts steps; gives a promise of the next turn where this one has had enough. */
  spend(steps = 1): Promise<void> | undefined {
    this.#left -= steps;
    if (this.#left > 0) return undefined;
    this.#left = PER_TURN;
    return yieldToEventLoop();
  }

  /** Runs a generator, and gives what it returns. */
  async run<T>(steps: Iterator<unknown, T>): Promise<T> {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      const turn = this.spend();
      if (turn !== undefined) await turn;
    }
  }
}
