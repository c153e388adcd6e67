/** Tests the casts, the times, and the serialized exceptions. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { SocketNotFound } from "../../src/errors.ts";
import {
  castBytes,
  castString,
  datetimeFromSeconds,
  secondsSince,
  serializedException,
} from "../../src/util/mod.ts";
import { AsyncFlag } from "../../src/util/async_flag.ts";
import { test } from "../support/harness.ts";

test("castBytes encodes strings as UTF-8 and leaves bytes unchanged", () => {
  const bytes = new Uint8Array([9, 0xc3, 0xa4, 9]);
  assertEquals(castBytes("ä"), bytes.subarray(1, 3));
  assertStrictEquals(castBytes(bytes), bytes);
  assertEquals(castBytes(bytes.buffer), bytes);
  assertEquals(castBytes(new DataView(bytes.buffer, 1, 2)), castBytes("ä"));
  assertThrows(() => castBytes(5 as unknown as string), TypeError);
});

test("castString decodes UTF-8 and leaves strings unchanged", () => {
  assertEquals(castString("ä"), "ä");
  assertEquals(castString(castBytes("\ufefflogs: ä😀")), "\ufefflogs: ä😀");
  assertEquals(castString(castBytes("ab").buffer as ArrayBuffer), "ab");
  assertThrows(() => castString(new Uint8Array([0xff])), TypeError, "UTF-8");
  assertThrows(() => castString(null as unknown as string), TypeError);
});

test("secondsSince counts in seconds", () => {
  const now = Date.now();
  assertAlmostEquals(secondsSince(now / 1000 - 5), 5, 2);
  assertAlmostEquals(secondsSince(new Date(now - 7500)), 7.5, 2);
  assert(secondsSince(now / 1000 + 100) < -97);
  assertThrows(() => secondsSince(NaN), RangeError);
  assertThrows(() => secondsSince(new Date(NaN)), RangeError);
});

test("datetimeFromSeconds takes seconds and keeps milliseconds", () => {
  assertEquals(datetimeFromSeconds(1732480000.123).getTime(), 1732480000123);
  assertEquals(
    datetimeFromSeconds(-1).toISOString(),
    "1969-12-31T23:59:59.000Z",
  );
  for (const bad of [NaN, Infinity, 1e14]) {
    assertThrows(() => datetimeFromSeconds(bad), RangeError);
  }
});

class JobFailed extends Error {}

test("an exception is described with module, name, message and traceback", () => {
  const error = new TypeError("no such thing");
  const described = serializedException(error);
  assertEquals(Object.keys(described), [
    "module",
    "name",
    "message",
    "traceback",
  ]);
  assertEquals(described.module, "builtins");
  assertEquals(described.name, "TypeError");
  assertEquals(described.message, "no such thing");
  assertEquals(described.traceback, error.stack);
});

test("the module of our own errors is that of the Python library", () => {
  const described = serializedException(new SocketNotFound("m", "s"));
  assertEquals(described.module, "agentzero.errors");
  assertEquals(described.name, "SocketNotFound");
});

test("the module of another error is the file that threw it", () => {
  const described = serializedException(new JobFailed("x"));
  assertEquals(described.name, "JobFailed");
  assertMatch(described.module, /values\.test\.ts$/);
});

test("the traceback continues with the causes, which may be circular", () => {
  const inner = new Error("inner");
  const outer = new Error("outer", { cause: inner });
  inner.cause = outer;
  const { traceback } = serializedException(outer);
  assertEquals(traceback, `${outer.stack}\nCaused by: ${inner.stack}`);
});

test("any value may be thrown", () => {
  const of = (value: unknown) => {
    const { name, message, traceback } = serializedException(value);
    return [name, message, traceback];
  };
  assertEquals(of("text"), ["string", "text", ""]);
  assertEquals(of(undefined), ["undefined", "undefined", ""]);
  assertEquals(of(null), ["null", "null", ""]);
  assertEquals(of(Object.create(null)), ["Object", "(unreadable)", ""]);
  assertEquals(of({ a: 1 }), ["Object", "[object Object]", ""]);
});

test("an error with throwing getters is described as far as possible", () => {
  const error = new Error("x");
  for (const key of ["stack", "message", "cause"]) {
    Object.defineProperty(error, key, {
      get() {
        throw new Error("mine");
      },
    });
  }
  const described = serializedException(error);
  assertEquals(described.name, "Error");
  assertEquals(described.message, "(unreadable)");
  assertEquals(described.traceback, "(unreadable)");
});

test("an async flag follows awaits and timers, but not others' calls", async () => {
  const flag = new AsyncFlag();
  const other = new AsyncFlag();
  const seen: boolean[] = [];
  const inside = flag.run(async () => {
    seen.push(flag.isSet);
    await new Promise((resolve) => setTimeout(resolve, 1));
    seen.push(flag.isSet);
    await new Promise<void>((resolve) =>
      queueMicrotask(() => {
        seen.push(flag.isSet);
        resolve();
      })
    );
    assert(!other.isSet);
  });
  assert(!flag.isSet);
  await inside;
  assert(!flag.isSet);
  assertEquals(seen, [true, true, true]);
});
