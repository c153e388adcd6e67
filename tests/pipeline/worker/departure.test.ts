import { assert, assertEquals, assertRejects } from "@std/assert";
import { Departure } from "../../../src/pipeline/worker/departure.ts";
import { deferred, test, within } from "../../support/harness.ts";

test("a worker leaves once, and the shorter time wins", async () => {
  let count = 0;
  const end = deferred<void>();
  const departure = new Departure(() => {
    count++;
    return end.promise;
  });
  assertEquals(departure.hasBegun, false);
  assertEquals(departure.deadline, Infinity);

  const before = Date.now();
  const left = departure.within(60_000);
  const latest = departure.deadline;
  assert(latest >= before + 60_000 && latest <= Date.now() + 60_000);
  assertEquals(departure.hasBegun, true);

  departure.within(120_000);
  assertEquals(departure.deadline, latest);
  departure.within(0);
  assert(departure.deadline <= Date.now());

  end.resolve();
  await within(left, 1000, "the departure");
  await within(departure.done, 1000, "done");
  assertEquals(count, 1);
});

test("a worker that cannot leave properly has left, too", async () => {
  const departure = new Departure(() => Promise.reject(new Error("no wire")));
  await assertRejects(() => departure.within(0), Error, "no wire");
  await within(departure.done, 1000, "done");
});
