/**
 * Layer: engine. When to write. A message that is sent alone shall leave at
 * once, a burst shall leave as one write, and a flood shall not starve timers
 * and I/O of the application. So a session writes
 *
 * - at the end of the current job (a microtask), the first time in a turn of
 *   the event loop,
 * - then once per turn, after the runtime has looked for I/O,
 * - and whenever enough for a write has come together.
 *
 * Arriving data begins a new turn: an answer to it leaves at once. Nothing is
 * scheduled after a write to learn when its turn ends: that took one more turn
 * of the event loop, 4 µs (Node 20), for each answer. So the first message of
 * a turn may be taken for one more of the turn before; it leaves in this one.
 *
 * And when to read on. A peer that sends more than may be read in a turn waits
 * for the next one, in a queue of all such peers: each has its part, and
 * together they have so many milliseconds of a turn, however many they are.
 *
 * @module
 */
import { nextTurn } from "./event_loop.ts";

/** Who writes; each waits at most once at a time. */
export interface Flushable {
  flush(): void;
}

/** Who has more to read than may be read in one turn; each waits at most once at a time. */
export interface Reader {
  /** Reads on. */
  readOn(): void;
}

/** Lets timers and I/O have their turn. */
export function breath(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}

/** After so many milliseconds of calls that need not wait, one does: a tight loop shall starve nobody. */
const TURN_MS = 2;
/** Those that wait to read on have so many milliseconds of a turn, and one of them its part at least. */
const READ_MS = 1;
/** To look at the clock takes up to 150 ns: not with each call. A power of two. */
const CALLS_PER_LOOK = 256;

/** The turns of one context. */
export class Turns {
  /** Changes with every turn. */
  current = 0;
  #isArmed = false;
  #later: Flushable[] = [];
  #isReadArmed = false;
  #readers: Reader[] = [];
  #calls = 0;
  /** The turn that calls wait for, while one does. */
  #awaited: Promise<void> | undefined;
  /** When the event loop is known to have looked for I/O and timers. Arriving data shows nothing of that: a stream may have had it. */
  #since = 0;

  /** Begins a turn: something has come from outside. */
  begin(): void {
    this.current++;
  }

  /** Whether calls wait for {@link Turns.next}: those that come now must not end before them. */
  get isAwaited(): boolean {
    return this.#awaited !== undefined;
  }

  /**
   * Counts a call that need not wait.
   *
   * @returns Whether calls have gone on for so long that this one should wait
   *   for {@link Turns.next}, or one before it does.
   */
  isOverdue(): boolean {
    if (this.#awaited !== undefined) return true;
    if ((++this.#calls & (CALLS_PER_LOOK - 1)) !== 0) return false;
    return performance.now() - this.#since > TURN_MS;
  }

  /** Lets timers and I/O have their turn. */
  next(): Promise<void> {
    return this.#awaited ??= new Promise((resolve) =>
      nextTurn(() => {
        this.#awaited = undefined;
        this.current++;
        this.#since = performance.now();
        resolve();
      })
    );
  }

  /** Calls `flush` in the next turn. */
  later(task: Flushable): void {
    this.#later.push(task);
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

  /** Calls `readOn` in the next turn, or a later one if others take long. */
  readLater(reader: Reader): void {
    this.#readers.push(reader);
    if (this.#isReadArmed) return;
    this.#isReadArmed = true;
    nextTurn(this.#readOn);
  }

  readonly #readOn = (): void => {
    const readers = this.#readers;
    this.#readers = [];
    this.current++;
    const start = performance.now();
    let done = 0;
    while (done < readers.length) {
      readers[done++]!.readOn();
      if (performance.now() - start >= READ_MS) break;
    }
    // Those that have waited longest come first.
    if (done < readers.length) {
      this.#readers = [...readers.slice(done), ...this.#readers];
    }
    this.#isReadArmed = this.#readers.length > 0;
    if (this.#isReadArmed) nextTurn(this.#readOn);
  };
}
