/**
 * Layer: pipeline/coordinator. Runs tasks of the same key one after the other.
 *
 * @module
 */

/** A queue for each key. */
export class KeyedQueue {
  readonly #last: Map<string, Promise<unknown>> = new Map();

  /** Whether a task of this key has not ended yet. */
  has(key: string): boolean {
    return this.#last.has(key);
  }

  /** Runs a task once all earlier ones of its key have ended, however they did. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    return this.runAll([key], task);
  }

  /** Runs a task once all earlier ones of its keys have ended, however they did. */
  runAll<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    const running = before.length === 0
      ? task()
      : Promise.allSettled(before).then(task);
    for (const key of keys) this.#last.set(key, running);
    const forget = () => {
      for (const key of keys) {
        if (this.#last.get(key) === running) this.#last.delete(key);
      }
    };
    running.then(forget, forget);
    return running;
  }
}
