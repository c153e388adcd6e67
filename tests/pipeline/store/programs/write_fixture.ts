/**
 * Writes a store with flows and jobs in all states, and what it reads of it, as
 * fixtures that later versions have to read. Run once for each version whose
 * files must stay readable:
 *
 *     deno run -A tests/pipeline/store/programs/write_fixture.ts <folder> <name>
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import {
  defineStep,
  flow,
  NonRetryableError,
  Pipeline,
  sqliteStore,
} from "@agentzero/agentzero/pipeline";

const [folder = ".", name = "store"] = process.argv.slice(2);
const path = join(folder, `${name}.db`);
const store = sqliteStore(path);

const list = defineStep("list", (count: number) => [...Array(count).keys()]);
const item = defineStep("item", (n: number) => {
  if (n === 3) throw new NonRetryableError("three");
  return n;
});
const sum = defineStep("sum", (all: number[]) => all.reduce((a, b) => a + b));
const late = defineStep("late", () => {
  throw new Error("later");
}, {
  retry: { attempts: 5, delayMs: 3_600_000_000, maxDelayMs: 3_600_000_000 },
});
const slow = defineStep("slow", (_: null, { signal, progress }) => {
  progress(0.5);
  return new Promise((resolve) => signal.addEventListener("abort", resolve));
});
const idle = defineStep("idle", (text: string) => text, {
  rateLimit: { max: 5, perMs: 60_000 },
  limit: 2,
});
const pipeline = new Pipeline({
  name: "old",
  flows: [
    flow(list, "sums").each(item).to(sum),
    flow(late),
    flow(slow),
    flow(idle),
  ],
  schedules: [{
    id: "declared",
    flow: "idle",
    cron: "0 3 1 1 *",
    instructions: "new year",
  }],
  store,
});
const { requests } = await pipeline.listen({ port: 0 });
const workers = [];
for (const step of [list, item, sum, late, slow]) {
  workers.push(await step.run({ pipeline: requests }));
}
const done = await pipeline.submit("sums", 3, {
  id: "completed",
  priority: 2,
  key: "k",
});
await pipeline.result(done);
await pipeline.submit("sums", 5, { id: "failed" });
await pipeline.result("failed").catch(() => {});
await pipeline.submit("late", null, {
  id: "retrying",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
});
await pipeline.submit("slow", null, { id: "active", jobTimeoutMs: 3_600_000 });
await pipeline.submit("idle", "waits \ud83c\udf88", {
  id: "waiting",
  key: "one",
});
await pipeline.submit("idle", "is given to a worker", { id: "dispatched" });
await pipeline.submit("idle", "waits for a time", {
  id: "scheduled",
  delayMs: 3_600_000_000_000,
});
await pipeline.submit("idle", "is cancelled", { id: "cancelled" });
await pipeline.operations.cancel("cancelled");
await pipeline.operations.pause("idle");
await pipeline.operations.schedule({
  id: "added",
  flow: "idle",
  cron: "0 0 4 2 *",
  timezone: "Europe/Berlin",
  instructions: '"leap"',
  missed: "skip",
  priority: 1,
});
for (const id of ["retrying", "active"]) {
  while ((await pipeline.operations.job(id)).state !== id) {
    await new Promise((r) => setTimeout(r, 20));
  }
}
while ((await pipeline.operations.job("active")).progress !== 0.5) {
  await new Promise((r) => setTimeout(r, 20));
}
await pipeline.close();
await Promise.all(workers.map((worker) => worker.close()));

await store.open();
const job = store.job("dispatched")!;
await store.commit({
  flows: new Map(),
  jobs: new Map([[job.id, {
    ...job,
    state: "dispatched",
    attempt: 1,
    worker: "w",
  }]]),
  events: [{
    jobId: job.id,
    at: job.createdAt + 1,
    type: "dispatched",
    attempt: 1,
    worker: "w",
  }],
  settings: new Map([[
    "rate:idle",
    JSON.stringify({ tokens: 4, at: job.createdAt }),
  ]]),
  logs: new Map(),
});
const jobs = store.jobs({ limit: 100 });
const content = {
  flows: store.flows({ limit: 100 }),
  jobs,
  events: Object.fromEntries(jobs.map(({ id }) => [id, store.events(id)])),
  settings: Object.fromEntries(store.settings()),
  counts: store.counts(),
  unfinished: [...store.unfinished()].map(({ flow }) => flow.id),
};
await writeFile(
  join(folder, `${name}.json`),
  JSON.stringify(content, undefined, 1) + "\n",
);
await store.close();
