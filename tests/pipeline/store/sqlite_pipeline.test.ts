/** A whole pipeline with a store in SQLite: what was submitted outlives it. */
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import {
  defineStep,
  Pipeline,
  type PipelineError,
  sqliteStore,
} from "../../../src/pipeline/mod.ts";
import { test, within } from "../../support/harness.ts";
import { noSqlite } from "./sqlite_support.ts";

const ANY = { events: 0, requests: 0, results: 0, feed: 0 };

test(
  "what one pipeline took, the next one does",
  { skip: noSqlite, timeoutMs: 20_000 },
  async (t) => {
    const path = join(await t.tempDir(), "jobs.db");
    const double = defineStep("double", (n: number) => 2 * n);
    const create = () =>
      t.use(
        new Pipeline({
          name: "sums",
          steps: [double],
          store: sqliteStore(path),
        }),
      );

    const first = create();
    await first.listen(ANY);
    const id = await first.submit(double, 21);
    await first.close();

    const second = create();
    const { requests } = await second.listen(ANY);
    t.use(await double.run({ pipeline: requests }));
    assertEquals(await within(second.result(id), 10_000, "the result"), 42);
    await second.close();

    const third = create();
    await third.listen(ANY);
    assertEquals(await third.result(id), 42);
    assertEquals(
      third.operations.timeline(id).map(({ type }) => type),
      ["dispatched", "completed"],
    );
  },
);

test("a file that another pipeline has is refused, and left to that one", {
  skip: noSqlite,
}, async (t) => {
  const path = join(await t.tempDir(), "jobs.db");
  const double = defineStep("double", (n: number) => 2 * n);
  const store = sqliteStore(path);
  const create = (which = store) =>
    t.use(new Pipeline({ name: "sums", steps: [double], store: which }));
  const first = create();
  const { requests } = await first.listen(ANY);
  for (const other of [store, sqliteStore(path)]) {
    const error = await assertRejects(() => create(other).listen(ANY), Error);
    assertEquals((error as PipelineError).code, "ERR_STORE_LOCKED");
  }
  t.use(await double.run({ pipeline: requests }));
  const id = await first.submit(double, 21);
  assertEquals(await within(first.result(id), 10_000, "the result"), 42);
});
