/** Stores as earlier versions wrote them: each is read, and its work is done. */
import { assert, assertEquals } from "@std/assert";
import { copyFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  defineStep,
  flow,
  Pipeline,
  sqliteStore,
} from "../../../src/pipeline/mod.ts";
import { eventually, test, within } from "../../support/harness.ts";
import { plain } from "./records.ts";
import { noSqlite } from "./sqlite_support.ts";

const FOLDER = fileURLToPath(new URL("./fixtures/", import.meta.url));
const NAMES = (await readdir(FOLDER)).filter((name) => name.endsWith(".db"));

/** The first release called the payload of a job `instructions`. */
function withPayload({ instructions, ...job }: Record<string, unknown>) {
  return instructions === undefined ? job : { ...job, payload: instructions };
}

test("there are fixtures", () => assert(NAMES.includes("version_0_1.db")));

for (const name of NAMES) {
  test(`${name}: every record is read as it was written`, {
    skip: noSqlite,
  }, async (t) => {
    const path = join(await t.tempDir(), name);
    await copyFile(join(FOLDER, name), path);
    const text = await readFile(
      join(FOLDER, name.replace(".db", ".json")),
      "utf8",
    );
    const expected = JSON.parse(text);
    expected.jobs = expected.jobs.map(withPayload);
    const store = sqliteStore(path);
    t.cleanup(() => store.close());
    await store.open();
    const jobs = store.jobs({ limit: 100 });
    assertEquals(
      plain({
        flows: store.flows({ limit: 100 }),
        jobs,
        events: Object.fromEntries(
          jobs.map(({ id }) => [id, store.events(id)]),
        ),
        settings: Object.fromEntries(store.settings()),
        counts: store.counts(),
        unfinished: [...store.unfinished()].map(({ flow }) => flow.id),
      }),
      expected,
    );
  });

  test(`${name}: a pipeline goes on with it`, {
    skip: noSqlite,
    timeoutMs: 30_000,
  }, async (t) => {
    const path = join(await t.tempDir(), name);
    await copyFile(join(FOLDER, name), path);
    const steps = {
      list: defineStep("list", (n: number) => [...Array(n).keys()]),
      item: defineStep("item", (n: number) => n),
      sum: defineStep("sum", (all: number[]) => all.reduce((a, b) => a + b)),
      late: defineStep("late", () => "late"),
      slow: defineStep("slow", () => "slow"),
      idle: defineStep("idle", (text: string) => text.toUpperCase()),
    };
    const pipeline = t.use(
      new Pipeline({
        name: "new",
        flows: [
          flow(steps.list, "sums").each(steps.item).to(steps.sum),
          flow(steps.late),
          flow(steps.slow),
          flow(steps.idle),
        ],
        schedules: [{
          id: "declared",
          flow: "idle",
          cron: "0 3 1 1 *",
          payload: "new year",
        }],
        store: sqliteStore(path),
        claimMs: 100,
        resultTtlMs: 1e12,
        failedTtlMs: 1e12,
      }),
    );
    const { requests } = await pipeline.listen({ port: 0 });
    for (const step of Object.values(steps)) {
      t.use(await step.run({ pipeline: requests }));
    }
    assertEquals(
      pipeline.operations.schedules().map(({ id }) => id).sort(),
      ["added", "declared"],
    );
    const result = (id: string) =>
      within(pipeline.result(id), 10_000, `the result of ${id}`);
    assertEquals(await result("active"), "slow");
    // The type is paused, as the store says.
    const { queues } = await pipeline.operations.stats();
    const idle = queues.find(({ jobType }) => jobType === "idle");
    assertEquals(idle?.isPaused, true);
    await pipeline.operations.resume("idle");
    assertEquals(await result("dispatched"), "IS GIVEN TO A WORKER");
    assertEquals(await result("waiting"), "WAITS 🎈");
    // The result is deleted after its time, if it has passed by now.
    assertEquals(await pipeline.operations.retry("failed").catch(String), 1);
    assertEquals(await result("failed"), 10);
    for (const id of ["scheduled", "retrying"]) {
      assertEquals((await pipeline.operations.job(id)).state, id);
    }
    await eventually(async () =>
      (await pipeline.operations.stats()).counts.every(({ state }) =>
        state !== "dispatched" && state !== "active"
      )
    );
  });
}
