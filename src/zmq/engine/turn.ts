/**
 * Layer: engine. When to write. A message that is sent alone shall leave at
 * once, a burst shall leave as one write, and a flood shall not starve timers
 * and I/O of the application. So a session writes
 *
 * - at the end of the current job (a microtask), the first time in a turn of
 *   the event loop,
 * - and then once per turn, after the runtime has looked for I/O.
 *
 * Arriving data begins a new turn: an answer to it leaves at once.
 *
 * @module
 */

/** Who writes; each waits at most once at a time. */
export interface Flushable {
  flush(): void;
}

/** Lets timers and I/O have their turn. */
export function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The turns of one context. */
export class Turns {
  /** Changes with every turn. */
  current = 0;
  #isArmed = false;
  #later: Flushable[] = [];

  /** Begins a turn: something has come from outside. */
  begin(): void {
    this.current++;
  }

  /** Calls `flush` in the next turn. */
  later(task: Flushable): void {
    this.#later.push(task);
    this.mark();
  }

  /** Notes that something was written in this turn, so that it gets an end. */
  mark(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isArmed = false;
    this.current++;
    const tasks = this.#later;
    if (tasks.length === 0) return;
    this.#later = [];
    for (const task of tasks) task.flush();
  };
}
