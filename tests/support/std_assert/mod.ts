/**
 * Test support. The part of `jsr:@std/assert` that the tests use, with the same
 * signatures, over `node:assert`. It stands in for the real package on Node and
 * Bun, and on Deno where JSR cannot be reached. It prints no coloured diffs, and
 * "deeply equal" is what `node:assert` makes of it: the same as the real package
 * says of plain data, arrays, typed arrays, maps, sets, dates and class instances.
 *
 * @module
 */
import nodeAssert, { AssertionError } from "node:assert/strict";
import { inspect } from "node:util";

export { AssertionError };

/** A class of errors, abstract ones included. */
// deno-lint-ignore no-explicit-any
export type ErrorConstructor<E> = abstract new (...args: any[]) => E;

// deno-lint-ignore no-explicit-any
type AnyConstructor = abstract new (...args: any[]) => any;

function stop(reason: string, msg?: string): never {
  throw new AssertionError({ message: msg ? `${reason}: ${msg}` : reason });
}

function show(value: unknown): string {
  return inspect(value, { depth: 8, maxArrayLength: 100 });
}

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) {
    throw new AssertionError({ message: msg || "Expected a truthy value" });
  }
}

/** Asserts that `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): void {
  if (expr) {
    throw new AssertionError({ message: msg || "Expected a falsy value" });
  }
}

/** Fails always. */
export function fail(msg?: string): never {
  stop("Failed assertion", msg);
}

/** Whether both values are deeply equal. */
export function equal(a: unknown, b: unknown): boolean {
  try {
    nodeAssert.deepStrictEqual(a, b);
    return true;
  } catch (error: unknown) {
    if (error instanceof AssertionError) return false;
    throw error;
  }
}

/** Asserts that both values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  stop(`Values are not equal: ${show(actual)} is not ${show(expected)}`, msg);
}

/** Asserts that the values differ somewhere. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) {
    stop(`Expected a value other than ${show(expected)}`, msg);
  }
}

/** Asserts that both are the same value, as `Object.is` sees it. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (!Object.is(actual, expected)) {
    stop(
      `Values are not strictly equal: ${show(actual)} is not ${show(expected)}`,
      msg,
    );
  }
}

/** Asserts that both are not the same value, as `Object.is` sees it. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (Object.is(actual, expected)) {
    stop(`Expected a value that is not ${show(expected)} itself`, msg);
  }
}

/** Asserts that the value is neither `null` nor `undefined`. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    stop(`Expected a value, got ${actual}`, msg);
  }
}

/** Asserts that `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (!(actual instanceof expectedType)) {
    stop(
      `Expected an instance of ${expectedType.name}, got ${show(actual)}`,
      msg,
    );
  }
}

/** Asserts that `actual` contains `expected`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (!actual.includes(expected)) {
    stop(`Expected ${show(actual)} to contain ${show(expected)}`, msg);
  }
}

/** Asserts that `actual` matches the pattern. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (!expected.test(actual)) {
    stop(`Expected ${show(actual)} to match ${expected}`, msg);
  }
}

/** Asserts that `actual` does not match the pattern. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) {
    stop(`Expected ${show(actual)} not to match ${expected}`, msg);
  }
}

/** Asserts that every element of `expected` is deeply equal to one of `actual`. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  msg?: string,
): void {
  const have = Array.from(actual);
  const missing = Array.from(expected).filter((want) =>
    !have.some((value) => equal(value, want))
  );
  if (missing.length > 0) {
    stop(`Expected ${show(have)} to include ${show(missing)}`, msg);
  }
}

/** Asserts that `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) {
    stop(`Expected ${show(actual)} > ${show(expected)}`, msg);
  }
}

/** Asserts that `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual >= expected)) {
    stop(`Expected ${show(actual)} >= ${show(expected)}`, msg);
  }
}

/** Asserts that `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) {
    stop(`Expected ${show(actual)} < ${show(expected)}`, msg);
  }
}

/** Asserts that `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual <= expected)) {
    stop(`Expected ${show(actual)} <= ${show(expected)}`, msg);
  }
}

/** Asserts that the numbers differ by at most `tolerance`, by default a ten-millionth of `expected`. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const limit = tolerance ??
    (isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (!(Math.abs(expected - actual) <= limit)) {
    stop(`Expected ${actual} to be within ${limit} of ${expected}`, msg);
  }
}

/** Asserts that `expected`, a part of an object, is found in `actual` at every depth. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  if (!matches(actual, expected)) {
    stop(`Expected ${show(actual)} to match ${show(expected)}`, msg);
  }
}

function matches(actual: unknown, expected: unknown): boolean {
  if (!isPlain(expected) || !isPlain(actual)) return equal(actual, expected);
  return Reflect.ownKeys(expected).every((key) =>
    key in actual && matches(actual[key], expected[key])
  );
}

function isPlain(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Map) && !(value instanceof Set) &&
    !(value instanceof Date);
}

/** Asserts that `error` is an error of the class whose message contains `msgIncludes`. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: ErrorConstructor<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    stop(`Expected an Error, got ${show(error)}`, msg);
  }
  if (ErrorClass && !(error instanceof ErrorClass)) {
    stop(
      `Expected an error of class ${ErrorClass.name}, got ${show(error)}`,
      msg,
    );
  }
  const has = typeof msgMatches === "string"
    ? error.message.includes(msgMatches)
    : msgMatches?.test(error.message) ?? true;
  if (!has) {
    stop(
      `Expected the message ${show(error.message)} to contain ${msgMatches}`,
      msg,
    );
  }
}

/** Asserts that `fn` throws. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that `fn` throws an error of the class, whose message contains `msgIncludes`. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorConstructor<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  classOrMsg?: ErrorConstructor<E> | string,
  msgIncludes?: string,
  msg?: string,
): E | unknown {
  const [ErrorClass, why] = typeof classOrMsg === "string"
    ? [undefined, classOrMsg]
    : [classOrMsg, msg];
  try {
    fn();
  } catch (error: unknown) {
    if (ErrorClass) assertIsError(error, ErrorClass, msgIncludes, why);
    return error;
  }
  stop("Expected the function to throw", why);
}

/** Asserts that the promise of `fn` rejects. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Asserts that the promise of `fn` rejects with an error of the class, whose message contains `msgIncludes`. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorConstructor<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorConstructor<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<E | unknown> {
  const [ErrorClass, why] = typeof classOrMsg === "string"
    ? [undefined, classOrMsg]
    : [classOrMsg, msg];
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error: unknown) {
    stop(
      `Expected a rejected promise, but the function threw ${show(error)}`,
      why,
    );
  }
  if (typeof promise?.then !== "function") {
    stop("Expected the function to return a promise", why);
  }
  try {
    await promise;
  } catch (error: unknown) {
    if (ErrorClass) assertIsError(error, ErrorClass, msgIncludes, why);
    return error;
  }
  stop("Expected the promise to reject", why);
}

/** Marks code that must never run. */
export function unreachable(msg?: string): never {
  stop("Unreachable", msg);
}
