/** Tests of the store in memory: the contract, and its bound. */
import { assertEquals, assertThrows } from "@std/assert";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
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

test("memory: a bound that is none is refused", () => {
  for (const maxFinished of [-1, NaN, "many" as unknown as number]) {
    const error = assertThrows(() => memoryStore({ maxFinished }), Error);
    assertEquals(
      (error as Error & { code: string }).code,
      "ERR_PIPELINE_INVALID",
    );
  }
});
