/**
 * Test support. Waiting with a deadline. Nothing here sleeps for a fixed time:
 * wait for the event itself, and let the deadline say what did not come.
 *
 * @module
 */

/** Says what did not happen in time. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  /** The milliseconds that were waited. */
  readonly waitedMs: number;

  constructor(what: string, waitedMs: number) {
    super(`Waited ${waitedMs} ms in vain for ${what}`);
    this.waitedMs = waitedMs;
  }
}

/** A promise with its handles. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T | PromiseLike<T>): void;
  reject(reason: unknown): void;
}

/** Makes a promise that is settled from outside. */
export function deferred<T = void>(): Deferred<T> {
  let resolve!: Deferred<T>["resolve"];
  let reject!: Deferred<T>["reject"];
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/**
 * Waits for `promise`, but no longer than `ms` milliseconds.
 *
 * @param promise what is waited for
 * @param ms the deadline in milliseconds
 * @param what names it in the error
 * @throws {DeadlineError} when the deadline passes first
 */
export async function within<T>(
  promise: PromiseLike<T>,
  ms: number,
  what = "a promise",
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new DeadlineError(what, ms); // made here: its stack shows who waits
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits until `condition` gives a truthy value. Only for what emits no event,
 * such as a file that another process writes.
 *
 * @param condition is asked every 5 ms, first at once
 * @param ms the deadline in milliseconds
 * @param what names it in the error
 * @returns the truthy value
 * @throws {DeadlineError} when the deadline passes first
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  ms = 5000,
  what = "a condition",
): Promise<NonNullable<T>> {
  const start = performance.now();
  while (true) {
    const value = await condition();
    if (value) return value;
    if (performance.now() - start > ms) throw new DeadlineError(what, ms);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
