/**
 * Layer: async. Callbacks of an `AbortSignal`. Node warns of a leak when a
 * signal has more than ten listeners, but a program may well pass one signal to
 * a thousand calls. So each signal has one listener, which calls all callbacks.
 *
 * @module
 */

/** The callbacks of one signal. */
class AbortCallbacks {
  readonly #signal: AbortSignal;
  readonly #callbacks: Set<{ readonly call: () => void }> = new Set();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(call: () => void): () => void {
    const callback = { call };
    if (this.#callbacks.size === 0) {
      this.#signal.addEventListener("abort", this.#onAbort);
    }
    this.#callbacks.add(callback);
    return () => {
      if (!this.#callbacks.delete(callback) || this.#callbacks.size > 0) return;
      this.#signal.removeEventListener("abort", this.#onAbort);
    };
  }

  /** Calls every callback, even if one throws; the first error goes to the runtime, as from any listener. */
  readonly #onAbort = (): void => {
    const errors: unknown[] = [];
    for (const { call } of this.#callbacks) {
      try {
        call();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  };
}

const callbacksBySignal: WeakMap<AbortSignal, AbortCallbacks> = new WeakMap();
const nothing = () => {};

/**
 * Registers a callback for when a signal is aborted. It is not called if the
 * signal is aborted already.
 *
 * @returns Removes the callback; may be called more than once.
 */
export function onAbort(
  signal: AbortSignal | undefined,
  call: () => void,
): () => void {
  if (signal === undefined) return nothing;
  let callbacks = callbacksBySignal.get(signal);
  if (callbacks === undefined) {
    callbacks = new AbortCallbacks(signal);
    callbacksBySignal.set(signal, callbacks);
  }
  return callbacks.add(call);
}
