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
 * may leave the processor idle for 1 ms, and quiet connections wait for as long as
 * this. Where there is none, as all are busy, polls are rarer: with a poll every
 * 6 ms, 10-byte messages within a process over TCP took 1.5 times as long, and a
 * round trip 1.3 times (Deno 2.9).
 */
const POLL_INTERVAL_MS = 6;
const BUSY_POLL_INTERVAL_MS = 40;

/**
 * So much traffic since the last poll makes a connection busy: a read or a write
 * counts 1, and 1 more for each 2^n bytes. A peer that only gets its turn when
 * Deno polls stays far below.
 */
const BUSY_TRAFFIC = 16;
const TRAFFIC_SHIFT = 12;

/** Taken now, since a test may replace the global ones by a clock that stands still. */
const { setTimeout, setImmediate } = globalThis as unknown as {
  setTimeout(callback: () => void, ms: number): unknown;
  setImmediate(callback: () => void): unknown;
};

let connections = 0;
/** How many of these have been busy since the last poll. */
let busyConnections = 0;
/** The number of the last poll. */
let polls = 0;
let lastPollAt = 0;
let isPolling = false;
let waiting: (() => void)[] = [];

/** The traffic of one connection, which others must not starve. */
export class Traffic {
  #amount = 0;
  /** The poll since which it has been counted. */
  #since = -1;

  constructor() {
    connections++;
  }

  /** Bytes were read or written. */
  add(sizeBytes: number): void {
    if (this.#since !== polls) {
      this.#since = polls;
      this.#amount = 0;
    }
    const wasBusy = this.#isBusy;
    this.#amount += 1 + (sizeBytes >> TRAFFIC_SHIFT);
    if (!wasBusy && this.#isBusy) busyConnections++;
  }

  /** The connection is closed; call it once. */
  end(): void {
    connections--;
    if (this.#since === polls && this.#isBusy) busyConnections--;
  }

  get #isBusy(): boolean {
    return this.#amount >= BUSY_TRAFFIC;
  }
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
  const hasQuiet = connections > 1 && busyConnections < connections;
  const interval = hasQuiet ? POLL_INTERVAL_MS : BUSY_POLL_INTERVAL_MS;
  if (performance.now() - lastPollAt < interval) {
    return void setImmediate(callback);
  }
  isPolling = true;
  waiting.push(callback);
  setTimeout(polled, 0);
}

function polled(): void {
  isPolling = false;
  polls++;
  busyConnections = 0;
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
