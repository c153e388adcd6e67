/**
 * Layer: async. Calls callbacks of the application: what one throws, or rejects
 * with, must not end its caller.
 *
 * @module
 */

/** Calls a function. What it throws, or what the promise that it returns rejects with, goes to `onError`. */
export function callSafely(
  call: () => unknown,
  onError: (error: unknown) => void,
): void {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(onError);
  } catch (error) {
    onError(error);
  }
}
