/**
 * Layer: async. The next tick of the runtime's event loop: one in which the
 * runtime has polled for I/O and timers.
 *
 * On Node and Bun `setImmediate` waits for exactly that. Deno polls for I/O only
 * when it has nothing else to do, or every 61 ticks: with one `setImmediate`
 * after the other, and 1 ms of work in each, a peer waited for 52 ms (Deno 2.9).
 * So now and then this waits for work on another thread instead, which leaves
 * Deno's event loop idle until it is done. A timer has the same effect, but
 * takes 1 ms instead of 0.1 ms.
 *
 * @module
 */
import { withResolvers } from "./promises.ts";

/** On Deno, how many milliseconds may pass until a tick polls for I/O. */
const POLL_INTERVAL_MS = 4;

const NO_BYTES = new Uint8Array(0);

let lastPollAt = 0;
/** The poll that has begun and has not ended. */
let polling: Promise<void> | undefined;

/**
 * Calls back in the next tick. A call during a poll waits for that poll to end: so
 * whoever waits for a tick last, as a closing socket does, leaves no poll running.
 */
export const nextLoopTick: (callback: () => void) => void = "Deno" in globalThis
  ? nextLoopTickOnDeno
  : (callback) => void setImmediate(callback);

function nextLoopTickOnDeno(callback: () => void): void {
  if (polling !== undefined) return void polling.then(callback);
  const now = performance.now();
  if (now - lastPollAt < POLL_INTERVAL_MS) return void setImmediate(callback);
  lastPollAt = now;
  polling = crypto.subtle.digest("SHA-256", NO_BYTES).then(() => {
    polling = undefined;
  });
  void polling.then(callback);
}

/** Resolves in the next tick, after timers and I/O have run. */
export function yieldToEventLoop(): Promise<void> {
  const { promise, resolve } = withResolvers();
  nextLoopTick(resolve);
  return promise;
}
