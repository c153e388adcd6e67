/**
 * Layer: async. The next tick of the runtime's event loop: one in which the
 * runtime has polled for I/O and timers.
 *
 * On Node and Bun `setImmediate` waits for exactly that. Deno (2.9) polls for
 * I/O only when it has nothing else to do, or every 61 ticks: with one
 * `setImmediate` after the other, and 1 ms of work in each, a peer waited for
 * 56 ms. So now and then all who wait for a tick wait for 61 of them, in which
 * nothing else is done: that takes 75 µs. A timer, for which Deno has to poll as
 * well, took 2.3 ms.
 *
 * @module
 */
import { withResolvers } from "./promises.ts";

/** On Deno, how many milliseconds may pass until a tick polls for I/O: quiet connections wait for as long as this. */
const POLL_INTERVAL_MS = 6;
/** Within this many ticks Deno polls. */
const TICKS_PER_POLL = 61;

/** Taken now, since a test may replace the global one by a clock that stands still. */
const { setImmediate } = globalThis as unknown as {
  setImmediate(callback: () => void): unknown;
};

let lastPollAt = 0;
/** How many ticks are left of the poll that goes on; 0: none does. */
let ticksLeft = 0;
let waiting: (() => void)[] = [];

/**
 * Calls back in the next tick. A call during a poll waits for that poll to end:
 * its work would be done between the ticks, and make them longer.
 */
export const nextLoopTick: (callback: () => void) => void = "Deno" in globalThis
  ? nextLoopTickOnDeno
  : (callback) => void setImmediate(callback);

function nextLoopTickOnDeno(callback: () => void): void {
  if (ticksLeft > 0) return void waiting.push(callback);
  if (performance.now() - lastPollAt < POLL_INTERVAL_MS) {
    return void setImmediate(callback);
  }
  waiting.push(callback);
  ticksLeft = TICKS_PER_POLL;
  setImmediate(countTick);
}

function countTick(): void {
  if (--ticksLeft > 0) return void setImmediate(countTick);
  lastPollAt = performance.now();
  const callbacks = waiting;
  waiting = [];
  for (const callback of callbacks) callback();
}

/** Calls back once the current callbacks have run; on Deno, maybe without a poll. */
export const afterThisTick: (callback: () => void) => void = (callback) =>
  void globalThis.setImmediate(callback);

/** Resolves in the next tick, after timers and I/O have run. */
export function yieldToEventLoop(): Promise<void> {
  const { promise, resolve } = withResolvers();
  nextLoopTick(resolve);
  return promise;
}
