/** What a store in SQLite has when its process is killed in the middle of its work. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import type { LocalJobStore } from "../../../src/pipeline/store/job_store.ts";
import { sqliteStore } from "../../../src/pipeline/store/sqlite_store.ts";
import { test } from "../../support/harness.ts";
import { jobAt, jobCount } from "./programs/steady_batches.ts";
import { plain } from "./records.ts";
import { noSqlite, StoreProcess } from "./sqlite_support.ts";

const ROUNDS = 10;

test(
  "sqlite: what was committed survives SIGKILL, whole; nothing is there in part",
  { skip: noSqlite, timeoutMs: 120_000 },
  async (t) => {
    const path = join(await t.tempDir(), "jobs.db");
    let last = -1;
    for (let round = 0; round < ROUNDS; round++) {
      await using child = new StoreProcess(path, "commit");
      await child.said(2 + Math.floor(30 * Math.random()));
      // A moment that no line shows: likely in the middle of a commit.
      const delayMs = 20 * Math.random();
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await child.kill();
      const reported = Number(child.lines.at(-1));

      const store = sqliteStore(path);
      await store.open();
      try {
        const kept = Number(store.settings().get("last"));
        assert(
          reported > last && kept >= reported,
          `${kept} is the last, and ${reported} was reported`,
        );
        check(store, kept);
        last = kept;
      } finally {
        await store.close();
      }
    }
    await checkFile(path);
  },
);

/** All batches up to this one are there, as the last left them, and none beyond. */
function check(store: LocalJobStore, last: number): void {
  let jobs = 0;
  for (let n = 0; n <= last; n++) {
    const state = n < last ? "completed" : "running";
    assertEquals(store.flow(`f${n}`)?.state, state);
    const expected = Array.from(
      { length: jobCount(n) },
      (_, node) => jobAt(n, node, last),
    );
    assertEquals(plain(store.jobsOf(`f${n}`)), expected);
    const ats = store.events(`f${n}`).map(({ at }) => at);
    assertEquals(ats, n < last ? [n, n + 1] : [n]);
    jobs += expected.length;
  }
  assertEquals(store.flow(`f${last + 1}`), undefined);
  assertEquals(store.flows({ limit: 1 })[0]?.id, `f${last}`);
  const counts = store.counts();
  assertEquals(counts.reduce((sum, { count }) => sum + count, 0), jobs);
  assertEquals([...store.unfinished()].length, 1);
}

async function checkFile(path: string): Promise<void> {
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(path);
  try {
    const row = db.prepare("PRAGMA integrity_check").get()!;
    assertEquals(row["integrity_check"], "ok");
  } finally {
    db.close();
  }
}
