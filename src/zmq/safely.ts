/**
 * Layer: zmq. Callbacks of others, which may throw, or reject where a promise
 * is not expected: neither may end what calls them.
 *
 * @module
 */

/**
 * Calls a function; what it throws, and what a promise that it returns rejects
 * with, goes to `onThrow`.
 */
export function callSafely(
  call: () => unknown,
  onThrow: (error: unknown) => void,
): void {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(onThrow);
  } catch (error) {
    onThrow(error);
  }
}
