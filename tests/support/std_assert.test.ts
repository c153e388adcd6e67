// The stand-in is tested as itself, whatever "@std/assert" is here.
import nodeAssert from "node:assert/strict";
import * as standIn from "./std_assert/mod.ts";
import { test } from "./harness.ts";

const {
  assert,
  AssertionError,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertIsError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
  unreachable,
}: typeof standIn = standIn;

/** Every row: what it is, a call that must pass, a call that must fail. */
const rows: [string, () => unknown, () => unknown][] = [
  ["assert", () => assert(1), () => assert("")],
  ["assertFalse", () => assertFalse(0), () => assertFalse("x")],
  [
    "assertEquals",
    () =>
      assertEquals({ a: [1, new Map([[1, 2]])] }, {
        a: [1, new Map([[1, 2]])],
      }),
    () => assertEquals<unknown>({ a: 1 }, { a: "1" }),
  ],
  [
    "assertEquals of bytes",
    () => assertEquals(Uint8Array.of(1, 2), Uint8Array.of(1, 2)),
    () => assertEquals(Uint8Array.of(1, 2), Uint8Array.of(1, 3)),
  ],
  [
    "assertEquals of NaN",
    () => assertEquals(NaN, NaN),
    () => assertEquals(NaN, 0),
  ],
  [
    "assertEquals of a missing key",
    () => assertEquals({}, {}),
    () => assertEquals({ a: undefined }, {}),
  ],
  [
    "assertNotEquals",
    () => assertNotEquals([1], [2]),
    () => assertNotEquals([1], [1]),
  ],
  [
    "assertStrictEquals",
    () => assertStrictEquals("a", "a"),
    () => assertStrictEquals<unknown>({}, {}),
  ],
  [
    "assertNotStrictEquals",
    () => assertNotStrictEquals({}, {}),
    () => assertNotStrictEquals(1, 1),
  ],
  ["assertExists", () => assertExists(0), () => assertExists(null)],
  [
    "assertInstanceOf",
    () => assertInstanceOf(new RangeError(), Error),
    () => assertInstanceOf({}, Error),
  ],
  [
    "assertStringIncludes",
    () => assertStringIncludes("abc", "bc"),
    () => assertStringIncludes("abc", "x"),
  ],
  [
    "assertMatch",
    () => assertMatch("abc", /^a/),
    () => assertMatch("abc", /^b/),
  ],
  [
    "assertNotMatch",
    () => assertNotMatch("abc", /^b/),
    () => assertNotMatch("abc", /^a/),
  ],
  [
    "assertArrayIncludes",
    () => assertArrayIncludes([{ a: 1 }, 2], [{ a: 1 }]),
    () => assertArrayIncludes([1], [2]),
  ],
  ["assertGreater", () => assertGreater(2, 1), () => assertGreater(1, 1)],
  [
    "assertGreaterOrEqual",
    () => assertGreaterOrEqual(1, 1),
    () => assertGreaterOrEqual(0, 1),
  ],
  ["assertLess", () => assertLess(1, 2), () => assertLess(1, 1)],
  [
    "assertLessOrEqual",
    () => assertLessOrEqual(1, 1),
    () => assertLessOrEqual(2, 1),
  ],
  [
    "assertAlmostEquals",
    () => assertAlmostEquals(0.1 + 0.2, 0.3),
    () => assertAlmostEquals(0.1, 0.2),
  ],
  [
    "assertAlmostEquals by a tolerance",
    () => assertAlmostEquals(1, 2, 1),
    () => assertAlmostEquals(1, 2, 0.5),
  ],
  [
    "assertObjectMatch",
    () => assertObjectMatch({ a: { b: 1, c: 2 } }, { a: { b: 1 } }),
    () => assertObjectMatch({ a: { b: 1 } }, { a: { c: 1 } }),
  ],
  [
    "assertIsError",
    () => assertIsError(new RangeError("abc"), RangeError, "b"),
    () => assertIsError(new Error("abc"), RangeError),
  ],
  [
    "assertIsError by its message",
    () => assertIsError(new Error("abc"), Error, /b/),
    () => assertIsError(new Error("abc"), Error, "x"),
  ],
];

for (const [name, passes, fails] of rows) {
  test(`${name} passes and fails where it should`, () => {
    passes();
    nodeAssert.throws(fails, AssertionError);
  });
}

test("fail and unreachable always fail", () => {
  nodeAssert.throws(() => fail("why"), {
    name: "AssertionError",
    message: "Failed assertion: why",
  });
  nodeAssert.throws(() => unreachable(), AssertionError);
});

test("the given reason is in the message", () => {
  nodeAssert.throws(
    () => assertEquals(1, 2, "the reason"),
    /1 is not 2.*the reason/s,
  );
  nodeAssert.throws(() => assert(false, "the reason"), /the reason/);
});

test("assertThrows returns the error, and checks its class and message", () => {
  const throws = () => {
    throw new RangeError("too much");
  };
  nodeAssert.equal(
    assertThrows(throws, RangeError, "much").message,
    "too much",
  );
  nodeAssert.ok(assertThrows(throws) instanceof RangeError);
  nodeAssert.throws(() => assertThrows(throws, TypeError), AssertionError);
  nodeAssert.throws(
    () => assertThrows(throws, RangeError, "little"),
    AssertionError,
  );
  nodeAssert.throws(
    () => assertThrows(() => {}, "the reason"),
    /to throw: the reason/,
  );
});

test("assertRejects returns the error, and checks its class and message", async () => {
  const rejects = () => Promise.reject(new RangeError("too much"));
  nodeAssert.equal(
    (await assertRejects(rejects, RangeError, "much")).message,
    "too much",
  );
  nodeAssert.ok(await assertRejects(rejects) instanceof RangeError);
  await nodeAssert.rejects(assertRejects(rejects, TypeError), AssertionError);
  await nodeAssert.rejects(
    assertRejects(rejects, RangeError, "little"),
    AssertionError,
  );
  await nodeAssert.rejects(
    assertRejects(() => Promise.resolve()),
    AssertionError,
  );
});

test("assertRejects does not accept a throw as a rejection", async () => {
  const throws = () => {
    throw new Error("at once");
  };
  await nodeAssert.rejects(assertRejects(throws), AssertionError);
  await nodeAssert.rejects(
    assertRejects(() => 1 as unknown as Promise<void>),
    AssertionError,
  );
});
