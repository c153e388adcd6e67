/**
 * Layer: async. Calls that wait for one event.
 *
 * @module
 */
import { type Resolvers, withResolvers } from "./promises.ts";

/** Calls that wait for something that happens at one time for all of them. */
export class Latch {
  #next: Resolvers<void> | undefined;

  /** Resolves at the next `release`. */
  wait(): Promise<void> {
    return (this.#next ??= withResolvers()).promise;
  }

  /** Resolves what waits now; calls that come later wait for the next time. */
  release(): void {
    this.#next?.resolve();
    this.#next = undefined;
  }
}
