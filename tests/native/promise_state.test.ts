/** Tests of the state of promises, without waiting. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { makePromiseState } from "../../src/native/promise_state.ts";
import { deferred, runtime, test } from "../support/harness.ts";

const skip = runtime === "bun" &&
  "Bun's node:vm does not run the microtasks of a context";

test("the state of a settled promise is known synchronously", { skip }, () => {
  const promiseState = makePromiseState();
  const value = {};
  const error = new Error("no");
  const fulfilled = promiseState(Promise.resolve(value))();
  assertStrictEquals(fulfilled?.isFulfilled && fulfilled.value, value);
  assertEquals(promiseState(Promise.reject(error))(), {
    isFulfilled: false,
    error,
  });
});

test("the state of a pending promise is undefined", {
  skip,
}, () => {
  const { promise, resolve } = deferred<number>();
  const state = makePromiseState()(promise);
  assertEquals([state(), state()], [undefined, undefined]);
  resolve(1);
  for (let i = 0; i < 2; i++) {
    assertEquals(state(), { isFulfilled: true, value: 1 });
  }
});
