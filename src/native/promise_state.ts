/**
 * Layer: native.
 *
 * The state of a promise, without waiting. npm:zeromq does synchronously what
 * needs no waiting, but reports the result only by a promise; the contract of
 * the manager needs it synchronously.
 *
 * A callback created in a `node:vm` context with `microtaskMode:
 * "afterEvaluate"` goes to the microtask queue of that context, which the next
 * script there runs. By then the callback of a settled promise has been called.
 *
 * @module
 */
import { createContext, runInContext, Script } from "node:vm";

/** How a promise was settled. */
export type Settled<T> =
  | { readonly isFulfilled: true; readonly value: T }
  | { readonly isFulfilled: false; readonly error: unknown };

/** Returns how a promise was settled; `undefined` while it is pending. */
export type ReadState<T> = () => Settled<T> | undefined;

/** Observes a promise. A rejection then counts as handled. */
export type PromiseState = <T>(promise: Promise<T>) => ReadState<T>;

/**
 * Creates the function that observes promises.
 *
 * @throws {Error} If the runtime cannot do it.
 */
export function makePromiseState(): PromiseState {
  const context = createContext({}, { microtaskMode: "afterEvaluate" });
  const follow: <T>(
    promise: Promise<T>,
    onValue: (value: T) => void,
    onError: (error: unknown) => void,
  ) => void = runInContext(
    `(promise, onValue, onError) => {
      promise.then((value) => onValue(value), (error) => onError(error));
    }`,
    context,
  );
  const drain = new Script("0");
  const promiseState = <T>(promise: Promise<T>): ReadState<T> => {
    let settled: Settled<T> | undefined;
    follow(
      promise,
      (value) => settled = { isFulfilled: true, value },
      (error) => settled = { isFulfilled: false, error },
    );
    return () => {
      if (settled === undefined) drain.runInContext(context);
      return settled;
    };
  };
  if (promiseState(Promise.resolve())()?.isFulfilled !== true) {
    throw new Error("node:vm does not run the microtasks of a context");
  }
  return promiseState;
}
