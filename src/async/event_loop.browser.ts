/**
 * Layer: async. The next tick of a browser's event loop: a message to itself,
 * which unlike a timer has no least delay, and is not held back in a page that
 * is not visible.
 *
 * @module
 */
import { withResolvers } from "./promises.ts";

const { port1, port2 } = new MessageChannel();
let waiting: (() => void)[] = [];

port1.onmessage = () => {
  const callbacks = waiting;
  waiting = [];
  for (const callback of callbacks) callback();
};

/** Calls back in the next tick. */
export function nextLoopTick(callback: () => void): void {
  if (waiting.push(callback) === 1) port2.postMessage(null);
}

/** Calls back once the current callbacks have run. */
export const afterThisTick: (callback: () => void) => void = nextLoopTick;

/** Resolves in the next tick, after timers and I/O have run. */
export function yieldToEventLoop(): Promise<void> {
  const { promise, resolve } = withResolvers();
  nextLoopTick(resolve);
  return promise;
}
