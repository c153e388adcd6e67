/** Unit: a flag that follows the control flow. */
import { assert, assertEquals } from "@std/assert";
import { setTimeout as sleep } from "node:timers/promises";
import { AsyncFlag } from "../../src/util/async_flag.ts";
import { test } from "../support/harness.ts";

test("a flag is set for everything that a run started, and for nothing else", async () => {
  const flag = new AsyncFlag();
  const look = async () => {
    await sleep(1);
    return flag.isSet;
  };
  const [inside, outside] = await Promise.all([flag.run(look), look()]);
  assertEquals([inside, outside, flag.isSet], [true, false, false]);
});

test("flags do not hide each other", async () => {
  const [a, b] = [new AsyncFlag(), new AsyncFlag()];
  const look = () => [a.isSet, b.isSet];
  await a.run(async () => {
    assertEquals(look(), [true, false]);
    assertEquals(b.run(() => a.run(look)), [true, true]);
    await sleep(1);
    assertEquals(look(), [true, false]);
  });
  assertEquals(b.run(look), [false, true]);
});

test("finished flags cost nothing", async () => {
  const before = await timeOfPromises();
  for (let i = 0; i < 3000; i++) {
    await new AsyncFlag().run(() => Promise.resolve());
  }
  const after = await timeOfPromises();
  // Where each flag stays behind it is a thousand times as slow.
  assert(after < 50 * before + 100, `${before} ms before, ${after} ms after`);
});

async function timeOfPromises(): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < 10_000; i++) await Promise.resolve();
  return performance.now() - start;
}
