/**
 * Layer: engine. Decides when sessions write and when they read on. A message
 * that is sent alone leaves at once, a burst leaves as one write, and a flood
 * does not starve the application's timers and I/O. So a session writes
 *
 * - in a microtask, the first time in a tick of the event loop,
 * - after that once per tick, after the runtime has polled for I/O,
 * - and whenever enough bytes for a write have been encoded.
 *
 * Arriving data starts a new tick, so the answer to it leaves at once. Nothing
 * is scheduled after a write to learn when its tick ends: that cost one more
 * tick of the event loop, 4 µs (Node 20), for each answer. So the first message
 * of a tick may be counted with the tick before; it still leaves in this tick.
 *
 * A peer that sends more than may be read in one tick waits for the next tick,
 * in a FIFO queue of all such peers. Each gets its share, and together they get
 * a fixed time per tick, however many they are.
 *
 * @module
 */
import { afterThisTick, nextLoopTick } from "../../async/event_loop.ts";
import { withResolvers } from "../../async/promises.ts";

/** A session that writes; queued at most once at a time. */
export interface Flushable {
  flush(): void;
}

/** A session with more to read than one tick allows; queued at most once at a time. */
export interface PausedReader {
  /** Reads on. */
  readOn(): void;
}

/** After this many milliseconds of calls that complete immediately, one of them yields, so that a tight loop starves nothing. */
const MAX_BUSY_MS = 2;
/** The time per tick for all queued readers together; at least one of them reads. */
const READ_BUDGET_MS = 1;
/** Reading the clock takes up to 150 ns, so not every call does it. A power of two. */
const CALLS_PER_CLOCK_READ = 256;

/** Schedules the writes and the postponed reads of one context. */
export class FlushScheduler {
  /** The number of the current tick. */
  tick = 0;
  #isFlushArmed = false;
  #flushes: Flushable[] = [];
  #isReadArmed = false;
  #readers: PausedReader[] = [];
  #calls = 0;
  /** The tick that calls wait for, while one does. */
  #pendingTick: Promise<void> | undefined;
  /** When the event loop is known to have polled for I/O and timers. Arriving data does not prove that: a stream may have buffered it. */
  #lastPollAt = 0;

  /** Starts a new tick: data has arrived. */
  beginTick(): void {
    this.tick++;
  }

  /** Whether calls wait for {@link FlushScheduler.nextTick}; later calls must not complete before them. */
  get isYielding(): boolean {
    return this.#pendingTick !== undefined;
  }

  /**
   * Counts a call that completes immediately.
   *
   * @returns Whether calls have completed immediately for so long that this one
   *   should wait for {@link FlushScheduler.nextTick}, or whether another one
   *   already waits for it.
   */
  shouldYield(): boolean {
    if (this.#pendingTick !== undefined) return true;
    if ((++this.#calls & (CALLS_PER_CLOCK_READ - 1)) !== 0) return false;
    return performance.now() - this.#lastPollAt > MAX_BUSY_MS;
  }

  /** Resolves in the next tick, after timers and I/O have run. */
  nextTick(): Promise<void> {
    if (this.#pendingTick !== undefined) return this.#pendingTick;
    const { promise, resolve } = withResolvers();
    nextLoopTick(() => {
      this.#pendingTick = undefined;
      this.tick++;
      this.#lastPollAt = performance.now();
      resolve();
    });
    return this.#pendingTick = promise;
  }

  /** Calls `flush` in the next tick. */
  flushLater(task: Flushable): void {
    this.#flushes.push(task);
    if (this.#isFlushArmed) return;
    this.#isFlushArmed = true;
    afterThisTick(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    this.#isFlushArmed = false;
    this.tick++;
    const tasks = this.#flushes;
    if (tasks.length === 0) return;
    this.#flushes = [];
    for (const task of tasks) task.flush();
  };

  /** Calls `readOn` in the next tick, or in a later one if others use up its time. */
  readLater(reader: PausedReader): void {
    this.#readers.push(reader);
    if (this.#isReadArmed) return;
    this.#isReadArmed = true;
    nextLoopTick(this.#readAll);
  }

  readonly #readAll = (): void => {
    const readers = this.#readers;
    this.#readers = [];
    this.tick++;
    const start = performance.now();
    let done = 0;
    while (done < readers.length) {
      readers[done++]!.readOn();
      if (performance.now() - start >= READ_BUDGET_MS) break;
    }
    // Those that have waited longest come first.
    if (done < readers.length) {
      this.#readers = [...readers.slice(done), ...this.#readers];
    }
    this.#isReadArmed = this.#readers.length > 0;
    if (this.#isReadArmed) nextLoopTick(this.#readAll);
  };
}
