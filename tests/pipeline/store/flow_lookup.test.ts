/** Unit: flows by id, read together. */
import { assertEquals, assertRejects } from "@std/assert";
import type { FlowRecord } from "../../../src/pipeline/model/records.ts";
import { FlowLookup } from "../../../src/pipeline/store/postgres/flow_lookup.ts";
import { test } from "../../support/harness.ts";
import { flowOf } from "./records.ts";

test("what is asked for during a query is read by the next one", async () => {
  const queries: (readonly string[])[] = [];
  const lookup = new FlowLookup(async (ids) => {
    queries.push(ids);
    await Promise.resolve();
    return new Map(
      ids.filter((id) => id !== "none")
        .map((id): [string, () => FlowRecord] => [id, () => flowOf(id)]),
    );
  });
  const first = [lookup.find("a"), lookup.find("a"), lookup.find("none")];
  await Promise.resolve();
  const second = [lookup.find("b"), lookup.find("c")];
  const [one, same, none] = await Promise.all(first);
  const [b, c] = await Promise.all(second);
  assertEquals(queries, [["a", "none"], ["b", "c"]]);
  assertEquals([one!.id, none, b!.id, c!.id], ["a", undefined, "b", "c"]);
  assertEquals(one === same, false, "each call has a copy");
});

test("a query that fails, fails for those that waited for it", async () => {
  let isBroken = true;
  const lookup = new FlowLookup((ids) =>
    isBroken
      ? Promise.reject(new Error("broken"))
      : Promise.resolve(new Map(ids.map((id) => [id, () => flowOf(id)])))
  );
  const calls = [lookup.find("a"), lookup.find("b")];
  for (const call of calls) await assertRejects(() => call, Error, "broken");
  isBroken = false;
  assertEquals((await lookup.find("a"))!.id, "a");
});
