/**
 * Layer: zmq, bottom. Many who listen to one signal. Node warns of a leak when
 * a signal has more than ten listeners, but a program may well give one signal
 * to a thousand calls: so a signal has one listener, however many wait.
 *
 * @module
 */

/** Those who wait for one signal. */
class Listeners {
  readonly #signal: AbortSignal;
  readonly #calls: Set<{ readonly call: () => void }> = new Set();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(call: () => void): () => void {
    const one = { call };
    if (this.#calls.size === 0) {
      this.#signal.addEventListener("abort", this.#onAbort);
    }
    this.#calls.add(one);
    return () => {
      if (!this.#calls.delete(one) || this.#calls.size > 0) return;
      this.#signal.removeEventListener("abort", this.#onAbort);
    };
  }

  /** Tells all, whatever one of them throws; the runtime reports that, as it does for listeners of its own. */
  readonly #onAbort = (): void => {
    const failures: unknown[] = [];
    for (const { call } of this.#calls) {
      try {
        call();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
}

const all: WeakMap<AbortSignal, Listeners> = new WeakMap();
const nothing = () => {};

/**
 * Calls something when a signal is aborted.
 *
 * @returns Ends that; safe to call again.
 */
export function onAbort(
  signal: AbortSignal | undefined,
  call: () => void,
): () => void {
  if (signal === undefined) return nothing;
  let listeners = all.get(signal);
  if (listeners === undefined) {
    listeners = new Listeners(signal);
    all.set(signal, listeners);
  }
  return listeners.add(call);
}
