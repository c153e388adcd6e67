/** Tests looking into promises without waiting. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { makeWatch } from "../../src/native/watch.ts";
import { deferred, runtime, test } from "../support/harness.ts";

const skip = runtime === "bun" &&
  "Bun's node:vm does not run the microtasks of a context";

test("watch: tells at once how a promise was settled", { skip }, () => {
  const watch = makeWatch();
  const value = {};
  const error = new Error("no");
  const fulfilled = watch(Promise.resolve(value))();
  assertStrictEquals(fulfilled?.isFulfilled && fulfilled.value, value);
  assertEquals(watch(Promise.reject(error))(), { isFulfilled: false, error });
});

test("watch: a promise that waits is told from one that is settled", {
  skip,
}, () => {
  const { promise, resolve } = deferred<number>();
  const look = makeWatch()(promise);
  assertEquals([look(), look()], [undefined, undefined]);
  resolve(1);
  for (let i = 0; i < 2; i++) {
    assertEquals(look(), { isFulfilled: true, value: 1 });
  }
});
