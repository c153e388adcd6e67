/** Unit: when the store deletes expired flows, and how much at a time. */
import { assert, assertEquals } from "@std/assert";
import { Pruner } from "../../../src/pipeline/coordinator/pruner.ts";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import { eventually, type TestContext } from "../../support/harness.ts";
import { batchOf, flowOf, jobOf } from "../store/records.ts";
import { coordinate, type TestCoordinator } from "./fixture.ts";
import { testOver } from "../support/store_kinds.ts";

/** Waits for a commit, and for what is pruned after it. */
async function pruned({ coordinator }: TestCoordinator): Promise<void> {
  await coordinator.commits.committed();
  await coordinator.commits.committed();
}

async function withExpired(
  t: TestContext,
  isRemote: boolean,
  count: number,
): Promise<{ c: TestCoordinator; pruner: Pruner; slices: number[] }> {
  const store = memoryStore();
  const slices: number[] = [];
  const prune = store.prune.bind(store);
  store.prune = (now, limit) => {
    const deleted = prune(now, limit);
    slices.push(deleted);
    return deleted;
  };
  const c = await coordinate(t, { isRemote, store });
  const ids = Array.from({ length: count }, (_, i) => `old${i}`);
  await store.commit(batchOf({
    flows: ids.map((id) => flowOf(id, { state: "failed", expiresAt: 5 })),
    jobs: ids.map((id) => jobOf(id, { jobType: "a", state: "dead" })),
  }));
  return { c, pruner: c.coordinator.pruner, slices };
}

/** A store in this process, and one that answers as over a network. */
for (const isRemote of [false, true]) {
  const test = testOver(isRemote);

  test("everything expired is deleted, a little after each commit", async (t) => {
    const { c, pruner, slices } = await withExpired(t, isRemote, 350);
    const kept = await c.submit();
    pruner.look(10_000);
    await eventually(() => slices.length === 3, 1000, "three slices");
    assertEquals(slices, [250, 250, 200]);
    assertEquals(c.store.flows({ limit: 10 }).map(({ id }) => id), [kept]);
  });

  test("it searches at most every 5 s, and not after the end", async (t) => {
    const { c, pruner, slices } = await withExpired(t, isRemote, 1);
    pruner.look(10_000);
    pruner.look(14_999);
    await pruned(c);
    assertEquals(slices, [2]);
    pruner.look(15_000);
    await pruned(c);
    assertEquals(slices, [2, 0]);
    pruner.look(20_000);
    pruner.stop();
    await pruned(c);
    assertEquals(slices, [2, 0]);
  });

  test("a flow that is retried in the same turn is not deleted", async (t) => {
    const { c, pruner, slices } = await withExpired(t, isRemote, 1);
    const { commits, scheduler } = c.coordinator;
    let retried: Promise<number> | undefined;
    // Right before the store would delete it.
    commits.after(() => void (retried = c.operations.retry("old0")));
    pruner.look(10_000);
    await eventually(() => slices.length === 1, 1000, "the slice");
    assertEquals(slices, [0]);
    assertEquals(await retried, 1);
    assert(scheduler.flow("old0") !== undefined);
    assertEquals(c.store.job("old0")!.state, "waiting");
  });

  test("a clock that jumps forward makes nothing expire for an hour", async (t) => {
    const { c, slices } = await withExpired(t, isRemote, 1);
    const { scheduler, commits } = c.coordinator;
    const warnings: Error[] = [];
    let monotonic = 0;
    const pruner = new Pruner(c.store, scheduler, commits, {
      monotonicNow: () => monotonic,
      onWarning: (error) => void warnings.push(error),
    });
    const start = 1_000_000;
    const day = 86_400_000;
    const hour = 3_600_000;
    const look = async (now: number, elapsed: number) => {
      monotonic = elapsed;
      pruner.look(start + now);
      await pruned(c);
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
}
