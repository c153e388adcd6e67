/**
 * Layer: async. The next tick of the runtime's event loop: one in which the
 * runtime has polled for I/O and timers.
 *
 * On Node and Bun `setImmediate` waits for exactly that. Deno (2.9) polls for
 * I/O only when it has nothing else to do, or every 61 ticks: with one
 * `setImmediate` after the other, and 1 ms of work in each, a peer waited for
 * 56 ms. So now and then all who wait for a tick wait for a timer of 1 ms: Deno
 * has nothing to do until then, and polls. The timer must be a new one: one that
 * is due already fires without a poll. Work for another thread, such as
 * `crypto.subtle`, costs less and is no substitute: if it ends before Deno has
 * run out of work, nothing has been polled.
 *
 * @module
 */
import { withResolvers } from "./promises.ts";

/**
 * On Deno, how many milliseconds may pass until a tick polls for I/O. Each poll
 * may leave the processor idle for 1 ms, and other connections wait for as long as
 * this. With one connection at most there is no other that waits.
 */
const POLL_INTERVAL_MS = 6;
const LONE_POLL_INTERVAL_MS = 40;

/** Taken now, since a test may replace the global ones by a clock that stands still. */
const { setTimeout, setImmediate } = globalThis as unknown as {
  setTimeout(callback: () => void, ms: number): unknown;
  setImmediate(callback: () => void): unknown;
};

let connections = 0;
let lastPollAt = 0;
let isPolling = false;
let waiting: (() => void)[] = [];

/**
 * Counts a connection that others must not starve.
 *
 * @returns Ends it; call it once.
 */
export function countConnection(): () => void {
  connections++;
  return () => void connections--;
}

/**
 * Calls back in the next tick. A call during a poll waits for that poll to end: so
 * the call that waits last, such as that of a closing socket, leaves no poll running.
 */
export const nextLoopTick: (callback: () => void) => void = "Deno" in globalThis
  ? nextLoopTickOnDeno
  : (callback) => void setImmediate(callback);

function nextLoopTickOnDeno(callback: () => void): void {
  // With one `setImmediate` among them, Deno would not run out of work.
  if (isPolling) return void waiting.push(callback);
  const interval = connections > 1 ? POLL_INTERVAL_MS : LONE_POLL_INTERVAL_MS;
  if (performance.now() - lastPollAt < interval) {
    return void setImmediate(callback);
  }
  isPolling = true;
  waiting.push(callback);
  setTimeout(polled, 0);
}

function polled(): void {
  isPolling = false;
  lastPollAt = performance.now();
  const callbacks = waiting;
  waiting = [];
  for (const callback of callbacks) callback();
}

/** Resolves in the next tick, after timers and I/O have run. */
export function yieldToEventLoop(): Promise<void> {
  const { promise, resolve } = withResolvers();
  nextLoopTick(resolve);
  return promise;
}
