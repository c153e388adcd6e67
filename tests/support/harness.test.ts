import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  DeadlineError,
  deferred,
  eventually,
  runTest,
  runtime,
  tempDir,
  test,
  within,
} from "./harness.ts";

test("the runtime is the one whose globals exist", () => {
  const here = ["Deno", "Bun"].filter((name) => name in globalThis);
  assertEquals(here, { deno: ["Deno"], bun: ["Bun"], node: [] }[runtime]);
});

test("a body that never ends fails at its deadline", async () => {
  const error = await assertRejects(
    () => runTest(() => new Promise(() => {}), 10),
    DeadlineError,
  );
  assertEquals(error.waitedMs, 10);
  assertStringIncludes(
    error.message,
    "Waited 10 ms in vain for the end of the test",
  );
});

test("a body that throws at once fails the test with its own error", async () => {
  const error = new Error("no");
  const seen = await assertRejects(() =>
    runTest(() => {
      throw error;
    }, 1000)
  );
  assert(seen === error);
});

test("clean-ups run in reverse order, also after a failure or a deadline", async () => {
  for (
    const body of [
      () => {},
      () => Promise.reject(new Error("no")),
      () => new Promise<void>(() => {}),
    ]
  ) {
    const order: string[] = [];
    await runTest((t) => {
      t.signal.addEventListener("abort", () => order.push("signal"));
      t.cleanup(() => order.push("first"));
      t.use({ [Symbol.dispose]: () => void order.push("second") });
      t.use({
        [Symbol.asyncDispose]: () => Promise.resolve(void order.push("third")),
      });
      return body();
    }, 10).catch(() => {});
    assertEquals(order, ["signal", "third", "second", "first"]);
  }
});

test("a clean-up that fails fails the test, and hides no other error", async () => {
  const error = await assertRejects(() =>
    runTest((t) => {
      t.cleanup(() => Promise.reject(new Error("of the clean-up")));
      throw new Error("of the body");
    }, 1000)
  );
  assertInstanceOf(error, AggregateError);
  assertEquals(error.errors.map((e: Error) => e.message), [
    "of the body",
    "of the clean-up",
  ]);
});

test("a temporary folder is deleted with its contents", async () => {
  let path = "";
  await runTest(async (t) => {
    path = await t.tempDir();
    await writeFile(join(path, "file"), "");
  }, 5000);
  assert(path && !existsSync(path));

  const dir = await tempDir();
  assert(existsSync(dir.path));
  await dir[Symbol.asyncDispose]();
  assert(!existsSync(dir.path));
});

test("within() returns the value, throws the error, or names what did not come", async () => {
  assertEquals(await within(Promise.resolve(1), 1000, "one"), 1);
  await assertRejects(
    () => within(Promise.reject(new Error("no")), 1000, "it"),
    Error,
    "no",
  );
  await assertRejects(
    () => within(new Promise(() => {}), 5, "the frame"),
    DeadlineError,
    "Waited 5 ms in vain for the frame",
  );
});

test("deferred() is settled from outside", async () => {
  const yes = deferred<number>();
  yes.resolve(2);
  assertEquals(await yes.promise, 2);
  const no = deferred();
  no.reject(new Error("no"));
  await assertRejects(() => no.promise, Error, "no");
});

test("eventually() polls until the value is truthy, or the deadline passes", async () => {
  let asked = 0;
  assertEquals(
    await eventually(() => ++asked === 3 ? "yes" : "", 1000, "three"),
    "yes",
  );
  assertEquals(asked, 3);
  await assertRejects(
    () => eventually(() => false, 5, "the file"),
    DeadlineError,
    "for the file",
  );
});
