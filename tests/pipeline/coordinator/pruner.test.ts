/** Unit: when the store forgets what has expired, and how much of it at a time. */
import { assert, assertEquals } from "@std/assert";
import { Pruner } from "../../../src/pipeline/coordinator/pruner.ts";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import { eventually, test, type TestContext } from "../../support/harness.ts";
import { batchOf, flowOf, jobOf } from "../store/records.ts";
import { coordinate, type TestCoordinator } from "./fixture.ts";

async function withExpired(
  t: TestContext,
  count: number,
): Promise<{ c: TestCoordinator; pruner: Pruner; slices: number[] }> {
  const store = memoryStore();
  const c = await coordinate(t, { store });
  const ids = Array.from({ length: count }, (_, i) => `old${i}`);
  await store.commit(batchOf({
    flows: ids.map((id) => flowOf(id, { state: "failed", expiresAt: 5 })),
    jobs: ids.map((id) => jobOf(id, { jobType: "a", state: "dead" })),
  }));
  const slices: number[] = [];
  const watched = Object.create(store, {
    prune: {
      value: (now: number, limit: number) => {
        const forgotten = store.prune(now, limit);
        slices.push(forgotten);
        return forgotten;
      },
    },
  });
  const { scheduler, commits } = c.coordinator;
  return { c, pruner: new Pruner(watched, scheduler, commits), slices };
}

test("all that has expired is forgotten, a little after each commit", async (t) => {
  const { c, pruner, slices } = await withExpired(t, 350);
  const kept = await c.submit();
  pruner.look(10_000);
  await eventually(() => slices.length === 4, 1000, "four slices");
  assertEquals(slices, [100, 100, 100, 50]);
  assertEquals(c.store.flows({ limit: 10 }).map(({ id }) => id), [kept]);
});

test("nothing is looked for more often than every 5 s, or after the end", async (t) => {
  const { c, pruner, slices } = await withExpired(t, 1);
  pruner.look(10_000);
  pruner.look(14_999);
  await c.coordinator.commits.committed();
  assertEquals(slices, [1]);
  pruner.look(15_000);
  await c.coordinator.commits.committed();
  assertEquals(slices, [1, 0]);
  pruner.look(20_000);
  pruner.stop();
  await c.coordinator.commits.committed();
  assertEquals(slices, [1, 0]);
});

test("what is tried again in the same turn is not forgotten", async (t) => {
  const { c, pruner, slices } = await withExpired(t, 1);
  const { commits, scheduler } = c.coordinator;
  let retried: Promise<number> | undefined;
  // Right before the store would be asked to forget it.
  commits.after(() => void (retried = c.operations.retry("old0")));
  pruner.look(10_000);
  await eventually(() => slices.length === 1, 1000, "the slice");
  assertEquals(slices, [0]);
  assertEquals(await retried, 1);
  assert(scheduler.flow("old0") !== undefined);
  assertEquals(c.store.job("old0")!.state, "waiting");
});

test("a clock that jumps forward makes nothing expire for an hour", async (t) => {
  const { c, slices } = await withExpired(t, 1);
  const { scheduler, commits } = c.coordinator;
  const warnings: Error[] = [];
  let monotonic = 0;
  const watched = Object.create(c.store, {
    prune: {
      value: (now: number, limit: number) => {
        slices.push(now);
        return c.store.prune(now, limit);
      },
    },
  });
  const pruner = new Pruner(watched, scheduler, commits, {
    monotonicNow: () => monotonic,
    onWarning: (error) => void warnings.push(error),
  });
  const start = 1_000_000;
  const day = 86_400_000;
  const hour = 3_600_000;
  const look = async (now: number, elapsed: number) => {
    monotonic = elapsed;
    pruner.look(start + now);
    await commits.committed();
    return slices.splice(0).length;
  };
  assertEquals(await look(0, 0), 1);
  assertEquals(await look(5000, 5000), 1);
  // Slow clocks, and a process that slept, are no jump.
  assertEquals(await look(70_000, 20_000), 1);
  assertEquals(await look(day, 25_000), 0);
  assertEquals(warnings.length, 1);
  assertEquals(await look(day + 10_000, 35_000), 0);
  assertEquals(await look(day + hour, 20_000 + hour), 0);
  assertEquals(await look(day + hour + 10_000, 30_000 + hour), 1);
  // Set back: it goes on at once.
  assertEquals(await look(0, 40_000 + hour), 1);
  assertEquals(warnings.length, 1);
});
