/** Integration: steps in other processes, of several runtimes, that die. */
import { assert, assertEquals } from "@std/assert";
import { defineStep, flow } from "@agentzero/agentzero/pipeline";
import { eventually, test, within } from "../support/harness.ts";
import { ANYWHERE, clientOf, open, run, seen } from "./support/pipelines.ts";
import { startPipeline, startWorker } from "./support/programs.ts";

// Only the names count here: who does the work is another process.
const where = defineStep("where", (n: number) => ({ n, pid: 0 }));
const stuck = defineStep("stuck", (_: unknown) => 0, {
  retry: { attempts: 2, delayMs: 1, maxDelayMs: 1 },
});
const block = defineStep("block", (_: number) => 0);
const slow = defineStep("slow", (_: number) => 0);

test("processes on Node, Deno and Bun serve one pipeline together", {
  timeoutMs: 60_000,
}, async (t) => {
  const { pipeline, requests } = await open(t, { steps: [where] });
  const options = { pipeline: requests, step: "where", concurrency: 2 };
  const workers = await Promise.all(
    (["node", "deno", "bun"] as const).map((name) =>
      startWorker(t, name, options)
    ),
  );
  const ids = await Promise.all(
    Array.from({ length: 60 }, (_, n) => pipeline.submit(where, n)),
  );
  const done = await Promise.all(
    ids.map((id) => pipeline.result<{ n: number; pid: number }>(id)),
  );
  assertEquals(done.map(({ n }) => n), ids.map((_, n) => n));
  assertEquals(new Set(done.map(({ pid }) => pid)).size, 3);
  const names = (await pipeline.operations.stats()).workers.map(({ info }) =>
    info.runtime.split(" ")[0]!
  ).sort();
  assertEquals(names, ["bun", "deno", "node"]);
  for (const worker of workers) worker.kill("SIGTERM");
  for (const worker of workers) {
    assertEquals(await within(worker.ended, 10_000, "an end"), 0);
  }
  await eventually(async () =>
    (await pipeline.operations.stats()).workers.length === 0
  );
});

test("the job of a worker that is killed runs elsewhere within a second", {
  timeoutMs: 60_000,
}, async (t) => {
  const { pipeline, requests } = await open(t, { steps: [stuck] });
  const options = { pipeline: requests, step: "stuck" };
  const first = await startWorker(t, "node", options);
  const active = seen(t, pipeline, "job:active:");
  const id = await pipeline.submit(stuck, null);
  await active;
  const second = await startWorker(t, "node", options);
  const killedAt = performance.now();
  first.kill("SIGKILL");
  const pid = await pipeline.result<number>(id, { timeoutMs: 10_000 });
  const tookMs = performance.now() - killedAt;
  assert(tookMs < 1000, `${tookMs} ms`);
  assert(pid !== first.pid);
  const [job] = (await pipeline.operations.status(id)).jobs;
  assertEquals([job!.kills, job!.attempt, job!.worker], [
    1,
    2,
    await second.ready,
  ]);
});

test("a worker whose event loop is blocked for long does not count as dead", {
  timeoutMs: 60_000,
}, async (t) => {
  const { pipeline, requests } = await open(t, {
    steps: [block],
    suspectMs: 1500,
  });
  await startWorker(t, "node", { pipeline: requests, step: "block" });
  const id = await pipeline.submit(block, 5000);
  await eventually(
    async () =>
      (await pipeline.operations.stats()).workers[0]?.isSuspect === true,
    8000,
  );
  assert(await pipeline.result<number>(id) > 0);
  const [job] = (await pipeline.operations.status(id)).jobs;
  assertEquals([job!.attempt, job!.kills, job!.failures], [1, 0, 0]);
});

test("after SIGTERM a worker finishes its jobs", {
  timeoutMs: 60_000,
}, async (t) => {
  for (const runtime of ["node", "deno", "bun"] as const) {
    const { pipeline, requests } = await open(t, { flows: [flow(slow)] });
    const options = { pipeline: requests, step: "slow" };
    const worker = await startWorker(t, runtime, options);
    const active = seen(t, pipeline, "job:active:");
    const id = await pipeline.submit(slow, 500);
    await active;
    // It is on its way; a worker that got it says so with its next beat.
    await seen(t, pipeline, "available");
    worker.kill("SIGTERM");
    assert(await pipeline.result<number>(id) > 0);
    assertEquals((await pipeline.operations.status(id)).jobs[0]!.attempt, 1);
    assertEquals(await within(worker.ended, 10_000, "an end"), 0);
  }
});

test("no job is lost when workers are killed repeatedly", {
  timeoutMs: 90_000,
}, async (t) => {
  const { pipeline, requests } = await open(t, {
    steps: [where],
    maxKills: 99,
  });
  const start = () =>
    startWorker(t, "node", {
      pipeline: requests,
      step: "where",
      concurrency: 8,
      prefetch: 8,
    });
  let worker = await start();
  const ids: string[] = [];
  for (let round = 0; round < 3; round++) {
    const next = start();
    const half = seen(t, pipeline, "job:completed:", 100);
    ids.push(
      ...await Promise.all(
        Array.from({ length: 400 }, (_, n) => pipeline.submit(where, n)),
      ),
    );
    await half;
    worker.kill("SIGKILL");
    worker = await next;
  }
  for (const id of ids) await pipeline.result(id, { timeoutMs: 20_000 });
});

test(
  "a pipeline that is killed again and again, with its store on disk, loses nothing",
  {
    timeoutMs: 90_000,
  },
  async (t) => {
    const path = `${await t.tempDir()}/jobs.db`;
    // Deno and Bun have SQLite, whatever Node runs the tests.
    const task = { path, listen: ANYWHERE };
    let { program, places } = await startPipeline(t, "deno", task);
    const done: number[] = [];
    const note = defineStep("where", (n: number) => {
      done.push(n);
      return { n, pid: 0 };
    });
    await run(t, note, places.requests, { concurrency: 4, prefetch: 4 });
    const client = clientOf(t, places.requests);
    const results: Promise<{ n: number }>[] = [];
    const submit = async (n: number) =>
      client.result<{ n: number }>(await client.submit("where", n));
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 200; n++) results.push(submit(round * 200 + n));
      const target = round * 200 + 100;
      await eventually(() => done.length >= target, 20_000, "half of the jobs");
      program.kill("SIGKILL");
      await program.ended;
      const runtime = round % 2 === 0 ? "bun" : "deno";
      ({ program } = await startPipeline(t, runtime, { path, listen: places }));
    }
    const all = await within(Promise.all(results), 60_000, "all results");
    assertEquals(
      all.map(({ n }) => n),
      Array.from({ length: 600 }, (_, n) => n),
    );
    assertEquals(new Set(done).size, 600);
    assertEquals((await client.flows({ limit: 1000 })).length, 600);
  },
);
