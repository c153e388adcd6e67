/**
 * Layer: engine. The next turn of the runtime's event loop, in which it has
 * looked for I/O and timers.
 *
 * On Node and Bun that is what `setImmediate` waits for. Deno looks for I/O only
 * when it has nothing else to do, or every 61 turns: with one `setImmediate`
 * after the other, and 1 ms of work in each, a peer waited for 52 ms (Deno 2.9).
 * So now and then a turn there waits for something that another thread does:
 * until that is done, there is nothing to do here. A timer would do as well, but
 * takes 1 ms and not 0.1.
 *
 * @module
 */

/** On Deno, turns go on for so many milliseconds before one of them looks for I/O. */
const LOOK_MS = 4;

const NOTHING = new Uint8Array(0);

let lookedAt = 0;

/** Calls back in the next turn. */
export const nextTurn: (callback: () => void) => void = "Deno" in globalThis
  ? nextTurnOfDeno
  : (callback) => void setImmediate(callback);

function nextTurnOfDeno(callback: () => void): void {
  const now = performance.now();
  if (now - lookedAt < LOOK_MS) return void setImmediate(callback);
  lookedAt = now;
  void crypto.subtle.digest("SHA-256", NOTHING).then(callback);
}
