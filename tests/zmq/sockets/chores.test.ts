/** Tests of work that is done in slices. */
import { assert, assertEquals } from "@std/assert";
import { doInSlices } from "../../../src/zmq/sockets/chores.ts";
import { test } from "../../support/harness.ts";

test("work that a peer chose the amount of leaves others their turns", async () => {
  let steps = 0;
  let isDone = false;
  let turns = 0;
  function* work() {
    while (steps < 2_000_000) yield steps++;
  }
  const done = doInSlices(work()).then(() => isDone = true);
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  await done;
  assertEquals(steps, 2_000_000);
  assert(turns > 3, `it took ${turns} turns`);
});

test("short work is done at once", () => {
  let steps = 0;
  function* work() {
    while (steps < 10) yield steps++;
  }
  void doInSlices(work());
  assertEquals(steps, 10);
});
