/** Tests of the store in memory: the contract, and its bound. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  memoryStore,
  type MemoryStoreOptions,
} from "../../../src/pipeline/store/memory_store.ts";
import { test } from "../../support/harness.ts";
import { testStore } from "./contract.ts";
import { batchOf, flowOf, jobOf } from "./records.ts";

testStore({
  name: "memory",
  create: () => memoryStore(),
  again: (store) => store,
});

test("memory: beyond maxFinished, what would expire first is forgotten", async () => {
  const store = memoryStore({ maxFinished: 2 });
  await store.open();
  const ids = ["a", "b", "c", "d"];
  const jobs = ids.map((id) => jobOf(id));
  await store.commit(batchOf({ flows: ids.map((id) => flowOf(id)), jobs }));
  assertEquals([...store.unfinished()].length, 4);
  for (const [id, expiresAt] of [["b", 20], ["c", 10], ["a", 30]] as const) {
    await store.commit(batchOf({
      flows: [flowOf(id, { state: "completed", expiresAt })],
      jobs: [jobOf(id, { state: "completed" })],
    }));
  }
  assertEquals(store.flows({ limit: 9 }).map(({ id }) => id), ["d", "b", "a"]);
  assertEquals(store.job("c"), undefined);
  assertEquals([...store.unfinished()].map(({ flow }) => flow.id), ["d"]);
});

test("memory: the jobs of a flow count, and so do their bytes", async () => {
  const finish = async (options: MemoryStoreOptions) => {
    const store = memoryStore(options);
    await store.open();
    for (const id of ["a", "b", "c"]) {
      const jobs = [1, 2, 3, 4].map((n) =>
        jobOf(`${id}${n}`, {
          flowId: id,
          state: "completed",
          payload: "1".repeat(50),
          result: "2".repeat(50),
        })
      );
      const flow = flowOf(id, { state: "completed", expiresAt: 10 });
      await store.commit(batchOf({ flows: [flow], jobs }));
    }
    return store.flows({ limit: 9 }).map(({ id }) => id);
  };
  assertEquals(await finish({ maxFinished: 12 }), ["c", "b", "a"]);
  assertEquals(await finish({ maxFinished: 8 }), ["c", "b"]);
  const job = 1024 + 50 + 50; // itself, its payload and its result
  const maxFinishedBytes = 12 * job;
  assertEquals(await finish({ maxFinishedBytes }), ["c", "b", "a"]);
  assertEquals(await finish({ maxFinishedBytes: 8 * job - 1 }), ["c"]);
  assertEquals(await finish({ maxFinishedBytes: 1 }), ["c"], "the last stays");
});

test("memory: a flow that is retried no longer counts as finished", async () => {
  const store = memoryStore({ maxFinished: 1 });
  await store.open();
  const ids = ["a", "b"];
  await store.commit(batchOf({
    flows: ids.map((id) => flowOf(id)),
    jobs: ids.map((id) => jobOf(id)),
  }));
  const end = (id: string, state: "completed" | "running") =>
    store.commit(batchOf({
      flows: [flowOf(id, state === "running" ? {} : { state, expiresAt: 10 })],
      jobs: [jobOf(id, state === "running" ? {} : { state })],
    }));
  await end("a", "completed");
  await end("a", "running");
  await end("b", "completed");
  assertEquals(store.flows({ limit: 9 }).map(({ id }) => id), ["b", "a"]);
  await end("a", "completed");
  assertEquals(store.flows({ limit: 9 }).length, 1);
});

test("memory: a bound that is none is refused", () => {
  for (const maxFinished of [-1, NaN, "many" as unknown as number]) {
    const error = assertThrows(() => memoryStore({ maxFinished }), Error);
    assertEquals(
      (error as Error & { code: string }).code,
      "ERR_PIPELINE_INVALID",
    );
  }
});
