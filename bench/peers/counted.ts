/**
 * Benchmark peers. Messages that come by an event, counted: a library without
 * promises.
 *
 * @module
 */
import { answer, type Arguments } from "./support.ts";

/** Resolves when messages have come, which `message` counts. */
export class Counted {
  #missing = 0;
  #resolve = () => {};

  /** One message has come. */
  message(): void {
    if (--this.#missing === 0) this.#resolve();
  }

  /** Resolves once so many more have come. */
  next(count: number): Promise<void> {
    this.#missing += count;
    if (this.#missing <= 0) return Promise.resolve();
    return new Promise((resolve) => this.#resolve = resolve);
  }
}

/** Reports how long messages took, after those that came to warm up. */
export async function report(counted: Counted, args: Arguments): Promise<void> {
  const [warm, count] = [args.number("warm"), args.number("count")];
  await counted.next(warm);
  const start = performance.now();
  await counted.next(count - warm);
  answer({ ms: performance.now() - start });
}
