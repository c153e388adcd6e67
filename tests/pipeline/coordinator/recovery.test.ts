/** Unit: a start and a retry with many jobs leave turns of the event loop to others. */
import { assert, assertEquals } from "@std/assert";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import { test } from "../../support/harness.ts";
import { batchOf, flowOf, jobOf } from "../store/records.ts";
import { TestCoordinator } from "./fixture.ts";

const EACH = [
  { jobType: "a", after: [] },
  { jobType: "b", after: [0], each: true as const },
];

/** Counts turns of the event loop while something goes on. */
async function turnsOf(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const end = () => void (isOver = true);
  work.then(end, end);
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  await work;
  return turns;
}

async function withManyJobs(count: number, state: "waiting" | "dead") {
  const store = memoryStore();
  await store.open();
  const items = Array.from({ length: count }, (_, item) => item);
  const first = jobOf("f", {
    jobType: "a",
    state: "completed",
    result: JSON.stringify(items),
  });
  const jobs = items.map((item) =>
    jobOf("f", { node: 1, item, jobType: "b", state, payload: `${item}` })
  );
  await store.commit(batchOf({
    flows: [flowOf("f", {
      graph: EACH,
      state: state === "dead" ? "failed" : "running",
    })],
    jobs: [first, ...jobs],
  }));
  await store.close();
  return store;
}

for (const isRemote of [false, true]) {
  const name = isRemote ? "remote" : "local";
  test(`${name} store: a start restores a long flow in slices`, async (t) => {
    const count = 10_000;
    const store = await withManyJobs(count, "waiting");
    const c = new TestCoordinator({ store, isRemote, graphs: { each: EACH } });
    t.cleanup(() => c.stop());
    const turns = await turnsOf(c.start());
    // Each job is read, added to its flow, and queued.
    assert(turns >= 3 * count / 500, `${turns} turns`);
    assertEquals(c.coordinator.scheduler.queues.get("b")!.queued, count);
  });

  test(`${name} store: a long flow is retried in slices`, async (t) => {
    const count = 5000;
    const store = await withManyJobs(count, "dead");
    const c = new TestCoordinator({ store, isRemote, graphs: { each: EACH } });
    t.cleanup(() => c.stop());
    await c.start();
    const retries = [c.operations.retry("f"), c.operations.retry("f")];
    // The second one finds nothing that is dead.
    const other = Promise.allSettled(retries);
    const turns = await turnsOf(other);
    assert(turns >= 2 * count / 500 + count / 250, `${turns} turns`);
    const [one, two] = await other;
    assertEquals(one, { status: "fulfilled", value: count });
    assertEquals(two!.status, "rejected");
    assertEquals(store.jobs({ states: ["waiting"], limit: 1e6 }).length, count);
    assertEquals(store.flow("f")!.state, "running");
  });
}
