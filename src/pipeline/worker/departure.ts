/**
 * Layer: pipeline/worker. Whether and by when a worker leaves. It leaves once;
 * asked again, it may only have less time.
 *
 * @module
 */
import { withResolvers } from "../../async/promises.ts";

/** The departure of one worker. */
export class Departure {
  /** Resolves once it has left. */
  readonly done: Promise<void>;
  readonly #leave: () => Promise<void>;
  readonly #markDone: () => void;
  #leaving: Promise<void> | undefined;
  #deadline = Infinity;

  /** @param leave Leaves by the deadline. */
  constructor(leave: () => Promise<void>) {
    this.#leave = leave;
    ({ promise: this.done, resolve: this.#markDone } = withResolvers());
  }

  /** Whether it has begun. */
  get hasBegun(): boolean {
    return this.#leaving !== undefined;
  }

  /** When the worker must have finished its jobs, in milliseconds since 1970. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Begins, or shortens the deadline. */
  within(ms: number): Promise<void> {
    this.#deadline = Math.min(this.#deadline, Date.now() + ms);
    return this.#leaving ??= Promise.resolve()
      .then(this.#leave)
      .finally(this.#markDone);
  }
}
