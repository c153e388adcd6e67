/**
 * Layer: async. A call that waits for something, with a timeout and a signal.
 * However it is settled, its timer and its abort callback are gone by then.
 *
 * @module
 */
import { onAbort } from "./abort.ts";
import { timerMs } from "./timers.ts";

/** When a call ends by itself. */
export interface CallLimits<T> {
  /** In milliseconds; negative or infinite for none. */
  readonly timeoutMs?: number | undefined;
  /** Settles the call when its time is over. */
  readonly onTimeout?: ((call: PendingCall<T>) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Settles the call when the signal is aborted. Default: rejects with the signal's reason. */
  readonly onAbort?: ((call: PendingCall<T>) => void) | undefined;
  /** Called once, before the promise is settled. */
  readonly onSettled?: ((call: PendingCall<T>) => void) | undefined;
}

/** A promise with a time limit. Only the first call of `resolve` or `reject` counts. */
export class PendingCall<T = void> {
  /** Settles as the call does. */
  readonly promise: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (reason: unknown) => void;
  readonly #onSettled: CallLimits<T>["onSettled"];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #removeAbort: (() => void) | undefined;
  #isSettled = false;

  /** A signal that is aborted already settles the call at once. */
  constructor(limits: CallLimits<T>) {
    const { timeoutMs = -1, onTimeout, signal } = limits;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#onSettled = limits.onSettled;
    if (signal !== undefined) {
      const abort = () => {
        if (limits.onAbort === undefined) this.reject(signal.reason);
        else limits.onAbort(this);
      };
      if (signal.aborted) {
        abort();
        return;
      }
      this.#removeAbort = onAbort(signal, abort);
    }
    if (timeoutMs < 0 || timeoutMs === Infinity) return;
    this.#timer = setTimeout(() => onTimeout?.(this), timerMs(timeoutMs));
  }

  /** Fulfils the promise. */
  resolve(value: T): void {
    if (this.#settle()) this.#resolve(value);
  }

  /** Rejects the promise. */
  reject(reason: unknown): void {
    if (this.#settle()) this.#reject(reason);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#removeAbort?.();
    this.#onSettled?.(this);
    return true;
  }
}

/**
 * Waits for a time.
 *
 * @returns Resolves when the time is over, or as soon as the signal is aborted.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const end = (call: PendingCall) => call.resolve();
  const timeoutMs = Math.max(0, ms);
  return new PendingCall({ timeoutMs, signal, onTimeout: end, onAbort: end })
    .promise;
}

/** Resolves once the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return sleep(Infinity, signal);
}

/** Settles as a promise does, or rejects as soon as the signal is aborted. */
export function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return promise;
  const call = new PendingCall<T>({ signal });
  promise.then(
    (value) => call.resolve(value),
    (reason) => call.reject(reason),
  );
  return call.promise;
}
