/**
 * Layer: native.
 *
 * Looks into promises without waiting. npm:zeromq does what it can do at once
 * at once, yet tells only a promise how it went; the contract of the manager
 * asks for an answer now.
 *
 * A callback made in a `node:vm` context with `microtaskMode: "afterEvaluate"`
 * goes to the queue of that context, and is run by the next script there. So a
 * promise that is settled can be told from one that is not.
 *
 * @module
 */
import { createContext, runInContext, Script } from "node:vm";

/** How a promise was settled. */
export type Settled<T> =
  | { readonly isFulfilled: true; readonly value: T }
  | { readonly isFulfilled: false; readonly error: unknown };

/** Tells how a watched promise was settled; `undefined` if it is not yet. */
export type Look<T> = () => Settled<T> | undefined;

/** Watches a promise. A rejection counts as handled. */
export type Watch = <T>(promise: Promise<T>) => Look<T>;

/**
 * Makes a function that watches promises.
 *
 * @throws {Error} If the runtime cannot do it.
 */
export function makeWatch(): Watch {
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
  const watch = <T>(promise: Promise<T>): Look<T> => {
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
  if (watch(Promise.resolve())()?.isFulfilled !== true) {
    throw new Error("node:vm does not run the microtasks of a context");
  }
  return watch;
}
