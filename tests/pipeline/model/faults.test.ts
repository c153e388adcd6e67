/** Unit: faults of a pipeline, counted and reported. */
import { assertEquals, assertMatch } from "@std/assert";
import { Faults } from "../../../src/pipeline/model/faults.ts";
import { deferred, test } from "../../support/harness.ts";

test("errors are counted by kind, and each is passed to onError", () => {
  const reported: string[] = [];
  const faults = new Faults(({ message }) => reported.push(message));
  faults.report(new Error("a"), "unreadable");
  faults.report(new Error("b"), "unreadable");
  faults.report(new Error("c"), "late" as never);
  faults.report(new Error("d"));
  assertEquals(faults.counts as Record<string, number>, {
    unreadable: 2,
    late: 1,
    internal: 1,
  });
  assertEquals(reported, ["a", "b", "c", "d"]);
  assertEquals(faults.trouble, undefined);
});

test("an onError that throws or rejects is written, once a second, and ends nothing", async () => {
  const said = deferred<unknown>();
  const { error } = console;
  let lines = 0;
  console.error = (first: unknown) => {
    lines++;
    said.resolve(first);
  };
  const throwing = new Faults(() => {
    throw new Error("an onError");
  });
  try {
    for (let i = 0; i < 1000; i++) throwing.report(new Error("a"));
    assertEquals(((await said.promise) as Error).message, "an onError");
    assertEquals(lines, 1);
    const rejecting = new Faults(() => Promise.reject(new Error("later")));
    rejecting.report(new Error("a"));
    await new Promise((resolve) => setTimeout(resolve));
    rejecting.close();
    throwing.close();
    assertEquals(lines, 3);
  } finally {
    console.error = error;
  }
});

test("a part that fails is trouble until it works again", () => {
  const reported: Error[] = [];
  const faults = new Faults((error) => reported.push(error));
  let isBroken = true;
  const work = () => {
    if (isBroken) throw new TypeError("x is not a function");
  };
  faults.attempt("schedules", work);
  assertEquals(faults.trouble?.code, "ERR_PIPELINE_STOPPED");
  assertMatch(faults.trouble!.message, /schedules: x is not a function/);
  assertEquals(reported, [faults.trouble!]);
  isBroken = false;
  faults.attempt("schedules", work);
  assertEquals(faults.trouble, undefined);
});

test("work that ends too early is trouble, whether it fails or not", async () => {
  for (const reason of [undefined, new Error("the socket broke")]) {
    const reported = deferred<Error>();
    const faults = new Faults(reported.resolve);
    const work = deferred();
    faults.watch("receiving from workers", work.promise, () => false);
    if (reason === undefined) work.resolve();
    else work.reject(reason);
    const error = await reported.promise as Error & { code: string };
    assertEquals(error.code, "ERR_PIPELINE_STOPPED");
    assertEquals(faults.trouble, error as never);
    assertEquals(error.cause, reason);
  }
  const faults = new Faults();
  await faults.watch("receiving from workers", Promise.resolve(), () => true);
  await Promise.resolve();
  assertEquals(faults.trouble, undefined);
});
