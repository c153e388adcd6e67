/** A whole pipeline with a store in SQLite: what was submitted outlives it. */
import { assertEquals, assertRejects } from "@std/assert";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  defineStep,
  Pipeline,
  type PipelineError,
  sqliteStore,
} from "../../../src/pipeline/mod.ts";
import { test, within } from "../../support/harness.ts";
import { noSqlite } from "./sqlite_support.ts";

const ANY = { port: 0 };

test(
  "the next pipeline does the jobs that one accepted",
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
      (await third.operations.timeline(id)).map(({ type }) => type),
      ["dispatched", "completed"],
    );
  },
);

test("a file in use by another pipeline is refused, and stays open there", {
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

test("a store in use is backed up, and the copy is a valid store", {
  skip: noSqlite,
  timeoutMs: 20_000,
}, async (t) => {
  const dir = await t.tempDir();
  const double = defineStep("double", (n: number) => 2 * n);
  const store = sqliteStore(join(dir, "jobs.db"));
  const create = (which: typeof store) =>
    t.use(new Pipeline({ name: "sums", steps: [double], store: which }));
  const codeOf = async (backup: Promise<void>) =>
    (await assertRejects(() => backup, Error) as PipelineError).code;
  const copy = join(dir, "copy.db");
  assertEquals(await codeOf(store.backup(copy)), "ERR_PIPELINE_CLOSED");
  const first = create(store);
  const { requests } = await first.listen(ANY);
  const ids: string[] = [];
  for (let n = 0; n < 20; n++) ids.push(await first.submit(double, n));
  await store.backup(copy);
  const late = await first.submit(double, 100);
  // The pipeline goes on, and the next copy takes the place of the last.
  const submitting = Promise.all(ids.map((_, n) => first.submit(double, n)));
  await Promise.all([store.backup(copy), store.backup(copy)]);
  await submitting;
  assertEquals(
    await codeOf(store.backup(join(dir, "missing", "copy.db"))),
    "ERR_STORE_FAILED",
  );
  assertEquals(
    await codeOf(store.backup(join(dir, ".", "jobs.db"))),
    "ERR_PIPELINE_INVALID",
  );
  assertEquals((await readdir(dir)).includes("copy.db.part"), false);
  t.use(await double.run({ pipeline: requests }));
  assertEquals(await within(first.result(late), 10_000, "the result"), 200);

  const second = create(sqliteStore(copy));
  const places = await second.listen(ANY);
  t.use(await double.run({ pipeline: places.requests }));
  for (const [n, id] of ids.entries()) {
    assertEquals(await within(second.result(id), 10_000, "a result"), 2 * n);
  }
  assertEquals((await second.operations.status(late)).flow.id, late);
});
