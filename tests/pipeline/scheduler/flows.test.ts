/** Unit: how flows go on, from step to step, and after a restart. */
import { assertEquals } from "@std/assert";
import type { Graph } from "../../../src/pipeline/model/graph.ts";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";
import {
  CHAIN,
  EACH,
  FAILURE,
  FORK,
  ONE,
  restore,
  type TestScheduler,
  testScheduler,
} from "./fixture.ts";

test("for each item of a list a job runs; the results come in the list's order", async () => {
  const t = await testScheduler();
  const id = t.submit(EACH);
  t.do("a", ["x", "y", "z"]);
  const jobs = [t.take("b")!, t.take("b")!, t.take("b")!];
  assertEquals(
    jobs.map(({ id, item, payload }) => [id, item, payload]),
    [
      [`${id}.1.0`, 0, '"x"'],
      [`${id}.1.1`, 1, '"y"'],
      [`${id}.1.2`, 2, '"z"'],
    ],
  );
  for (const job of jobs.reverse()) {
    t.scheduler.succeed(job.id, 1, `[${job.item}]`);
  }
  assertEquals(t.do("c", "end").payload, "[[0],[1],[2]]");
  assertEquals(t.scheduler.flow(id)!.record.result, '"end"');
});

test("an empty list completes at once, through several steps and joins", async () => {
  const t = await testScheduler();
  const graph: Graph = [
    { jobType: "a", after: [] },
    { jobType: "b", after: [0], each: true },
    { jobType: "b", after: [1], each: true },
    { jobType: "c", after: [0], each: true },
    { jobType: "d", after: [2, 3] },
  ];
  const id = t.submit(graph);
  t.do("a", []);
  assertEquals(t.do("d", 1).payload, "[[],[]]");
  assertEquals(t.scheduler.flow(id)!.record.result, "1");
  const other = t.submit(EACH.slice(0, 2));
  t.do("a", []);
  assertEquals(t.scheduler.flow(other)!.record.result, "[]");
});

test("a result that is not a list cannot be fanned out: its job is dead, with the reason", async () => {
  const t = await testScheduler();
  const id = t.submit(EACH);
  t.do("a", { not: "a list" });
  assertEquals(t.state(id), "dead");
  assertEquals(
    t.scheduler.job(id)!.error!.message,
    'The step "b" runs for each item of an array, but its input is not an array',
  );
  // Nothing of it has stuck: another attempt may give a list.
  t.scheduler.retry(id);
  t.do("a", [1]);
  t.do("b", 2);
  assertEquals(t.do("c", 3).payload, "[2]");
});

test("a join waits for all branches, and gets their results in order", async () => {
  const t = await testScheduler();
  const id = t.submit(FORK);
  t.do("a", "in");
  assertEquals(t.take("d"), undefined);
  const [b, c] = [t.take("b")!, t.take("c")!];
  assertEquals([b.payload, c.payload], ['"in"', '"in"']);
  t.scheduler.succeed(c.id, 1, '"c"');
  assertEquals(t.take("d"), undefined);
  t.scheduler.succeed(b.id, 1, '"b"');
  assertEquals(t.do("d", "out").payload, '["b","c"]');
  assertEquals(t.scheduler.flow(id)!.record.result, '"out"');
});

test("after any history, a restored scheduler behaves the same", async () => {
  await check(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.constantFrom(
            "submit",
            "succeed",
            "fail",
            "kill",
            "cancel",
            "retry",
            "pass",
          ),
          fc.nat(),
        ),
        { maxLength: 40 },
      ),
      async (steps) => {
        const here = await testScheduler();
        for (const [what, n] of steps) act(here, what, n);
        await here.keep();
        const there = here.restart();
        await there.keep();
        assertEquals(summary(there), summary(here));
        runToTheEnd(here);
        runToTheEnd(there);
        assertEquals(summary(there), summary(here));
      },
    ),
    200,
  );
});

const GRAPHS = [ONE, CHAIN, EACH, FORK];

function act(t: TestScheduler, what: string, n: number): void {
  const flows = new Set(t.events.map(({ jobId }) => jobId.split(".")[0]!));
  const flow = [...flows][n % Math.max(1, flows.size)];
  if (what === "submit") {
    t.submit(GRAPHS[n % 4]!, {
      delayMs: n % 3 === 0 ? 50 : 0,
      priority: n % 5,
      key: n % 7 === 0 ? "key" : undefined,
    });
  } else if (what === "cancel" && flow !== undefined) t.scheduler.cancel(flow);
  else if (what === "retry" && flow !== undefined) t.scheduler.retry(flow);
  else if (what === "pass") t.pass(n % 1000);
  else {
    const job = t.take("abcd"[n % 4]!);
    if (job === undefined) return;
    const { id, attempt } = job;
    if (what === "succeed") {
      t.scheduler.succeed(id, attempt, resultOf(job.node, n));
    } else if (what === "kill") t.scheduler.requeue(id, attempt, "killed");
    else if (n % 3 > 0) {
      t.scheduler.fail(id, attempt, { ...FAILURE, retryable: n % 3 === 1 });
    } // else the worker has it when the pipeline ends
  }
}

/** The first step gives a list, which may be empty. */
function resultOf(node: number, n: number): string {
  return node === 0 ? JSON.stringify([1, 2, 3].slice(0, n % 4)) : "0";
}

/** All that is left happens, in whatever order; every third attempt fails. */
function runToTheEnd(t: TestScheduler): void {
  for (let round = 0; round < 60; round++) {
    for (const { id, node, attempt } of [...t.scheduler.assigned()]) {
      const n = [...id].reduce((sum, c) => sum + c.charCodeAt(0), attempt);
      if (n % 3 === 0) t.scheduler.fail(id, attempt, FAILURE);
      else t.scheduler.succeed(id, attempt, resultOf(node, n));
    }
    for (const type of "abcd") while (t.take(type));
    t.pass(60_000);
  }
}

/** The states of everything that the scheduler has, and what is in the queues. */
function summary(t: TestScheduler): unknown {
  const found: Record<string, unknown> = {};
  for (let n = 1; n < 60; n++) {
    const flow = t.scheduler.flow(`f${n}`);
    if (flow === undefined) continue;
    const { state, result, error } = flow.record;
    const jobs = [...flow.jobs.values()].map((job) =>
      [job.id, job.state, job.attempt, job.failures, job.kills, job.result]
        .join(" ")
    ).sort();
    found[flow.record.id] = { state, result, error, jobs };
  }
  const queues = [...t.scheduler.queues.values()].map((
    { jobType, running, queued, waiting },
  ) => [jobType, running, queued, waiting.size].join(" "));
  return { found, queues, nextAt: t.scheduler.nextAt };
}

/** So many numbers from 0 on. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

test("a long list starts in slices, and continues after a restart", async () => {
  const limits = { maxItems: 2000, maxPayloadBytes: 100_000 };
  let t = await testScheduler(limits);
  const id = t.submit(EACH);
  t.do("a", numbers(1000));
  const slices = [t.scheduler.flow(id)!.jobs.size];
  const done: string[] = [];
  for (let n = 0; n < 2; n++) {
    done.push(t.do("b", slices.length).id);
    await t.keep();
    t.scheduler.tick();
    slices.push(t.scheduler.flow(id)!.jobs.size);
  }
  assertEquals(slices, [251, 501, 751]);
  t = t.restart(limits); // what the last tick has created was not kept
  assertEquals(t.scheduler.flow(id)!.jobs.size < 1001, true);
  while (t.scheduler.nextAt === t.now) {
    await t.keep();
    t.scheduler.tick();
  }
  assertEquals(t.scheduler.flow(id)!.jobs.size, 1001);
  const seen = new Set(done);
  for (;;) {
    const job = t.take("b");
    if (job === undefined) break;
    seen.add(job.id);
    t.scheduler.succeed(job.id, job.attempt, job.payload);
  }
  assertEquals(seen.size, 1000);
  t.do("c", "end");
  await t.keep();
  assertEquals(t.store.flow(id)?.state, "completed");
  assertEquals(t.scheduler.flow(id), undefined);
  const [last] = t.store.jobs({ limit: 1 });
  const given = JSON.parse(last!.payload) as number[];
  assertEquals(given.slice(2), numbers(1000).slice(2));
});

test("a cancelled long flow starts no more jobs, and ends in slices, also across a restart", async () => {
  const limits = { maxItems: 2000, maxPayloadBytes: 100_000 };
  let t = await testScheduler(limits);
  const id = t.submit(EACH);
  t.do("a", numbers(1000));
  for (let n = 0; n < 3; n++) {
    await t.keep();
    t.scheduler.tick();
  }
  const held = t.take("b")!;
  await t.keep();
  assertEquals(t.scheduler.cancel(id)?.map(({ id }) => id), [held.id]);
  assertEquals(t.scheduler.cancel(id), undefined);
  assertEquals(t.take("b"), undefined);
  await t.keep();
  assertEquals(t.store.flow(id)?.state, "cancelled");
  t = t.restart(limits);
  assertEquals(t.take("b"), undefined);
  for (let n = 0; t.scheduler.flow(id) !== undefined && n < 10; n++) {
    t.scheduler.tick();
    await t.keep();
  }
  assertEquals(t.scheduler.flow(id), undefined);
  const counts = t.store.counts().map((
    { jobType, state, count },
  ) => [jobType, state, count]);
  assertEquals(counts, [["a", "completed", 1], ["b", "cancelled", 1000]]);
});

test("jobs not created yet are not lost when their flow fails", async () => {
  const limits = { maxItems: 2000, maxPayloadBytes: 100_000 };
  const t = await testScheduler(limits);
  const id = t.submit(EACH);
  t.do("a", numbers(600));
  const failed = t.take("b")!;
  t.scheduler.fail(failed.id, failed.attempt, { ...FAILURE, retryable: false });
  for (let job = t.take("b"); job !== undefined; job = t.take("b")) {
    t.scheduler.succeed(job.id, job.attempt, "1");
  }
  await t.keep();
  assertEquals(t.scheduler.flow(id)?.record.state, "failed");
  t.scheduler.tick();
  assertEquals(t.take("b") !== undefined, true);
});

/** A flow with many jobs of the type "b", of which none has started. */
async function longFlow(count: number): Promise<TestScheduler> {
  const limits = { maxItems: count, maxPayloadBytes: 1e6, maxQueued: 1e6 };
  const t = await testScheduler(limits);
  t.submit(EACH);
  t.do("a", numbers(count));
  while (t.scheduler.nextAt === t.now) {
    await t.keep();
    t.scheduler.tick();
  }
  await t.keep();
  return t;
}

/** Ticks until nothing is left to do; gives how many jobs each commit had. */
async function commitSizes(t: TestScheduler): Promise<number[]> {
  const sizes: number[] = [];
  do {
    t.scheduler.tick();
    const changes = t.scheduler.takeChanges();
    sizes.push(changes.jobs.size);
    await t.store.commit(changes);
    t.scheduler.forget(changes);
  } while (t.scheduler.nextAt === t.now);
  return sizes;
}

test("the jobs of a cancelled flow leave their queue in slices, and no job waits behind them", async () => {
  const t = await longFlow(12_000);
  t.scheduler.cancel("f1");
  const other = t.submit([{ jobType: "b", after: [] }]);
  let turns = 0;
  while (t.take("b")?.id !== other) {
    t.scheduler.tick();
    turns++;
  }
  // Thousands are skipped at once, since that takes no time, but not all.
  assertEquals(turns, 2);
  assertEquals(t.take("b"), undefined);
  const sizes = await commitSizes(t);
  assertEquals(Math.max(...sizes.slice(1)), 250);
  const { queued, running } = t.scheduler.queues.get("b")!;
  assertEquals([queued, running], [0, 1]);
  assertEquals(t.scheduler.flow("f1"), undefined);
  assertEquals(
    t.store.jobs({ states: ["cancelled"], limit: 1e6 }).length,
    12_000,
  );
});

test("a flow with the id of one that was dropped is not affected by it", async () => {
  const t = await longFlow(600);
  t.scheduler.drop("f1", new PipelineError("ERR_STORE_FAILED", "bad"));
  t.submit(ONE, { id: "f1" });
  t.submit([{ jobType: "b", after: [] }], { id: "f9" });
  assertEquals(t.take("a")?.id, "f1");
  assertEquals(t.take("b")?.id, "f9");
  await commitSizes(t);
  assertEquals(t.scheduler.queues.get("b")!.queued, 0);
});

test("many dead jobs are retried in slices, and the rest of them after a restart", async () => {
  let t = await longFlow(1000);
  const die = { ...FAILURE, retryable: false };
  for (let job = t.take("b"); job !== undefined; job = t.take("b")) {
    t.scheduler.fail(job.id, job.attempt, die);
  }
  await t.keep(); // it is in the store only
  assertEquals(t.scheduler.flow("f1"), undefined);
  restore(t.scheduler, t.store.flow("f1")!, t.store.jobsOf("f1"));
  const retry = t.scheduler.retry("f1");
  assertEquals([retry.count, retry.isDone()], [1000, false]);
  assertEquals(t.scheduler.retry("f1").count, 0); // they are being retried
  await t.keep();
  assertEquals(t.store.jobs({ states: ["waiting"], limit: 2000 }).length, 250);
  t = t.restart({ maxItems: 1000, maxPayloadBytes: 1e6 });
  assertEquals(t.store.flow("f1")!.state, "running");
  const sizes = await commitSizes(t);
  assertEquals(Math.max(...sizes.slice(1)), 250);
  const { queued } = t.scheduler.queues.get("b")!;
  assertEquals(queued, 1000);
  assertEquals(t.scheduler.flow("f1")!.record.state, "running");
});

test("a retry that is cancelled ends", async () => {
  const t = await longFlow(1000);
  const die = { ...FAILURE, retryable: false };
  for (let job = t.take("b"); job !== undefined; job = t.take("b")) {
    t.scheduler.fail(job.id, job.attempt, die);
  }
  const retry = t.scheduler.retry("f1");
  assertEquals(t.scheduler.cancel("f1"), []);
  assertEquals(retry.isDone(), true);
  await commitSizes(t);
  assertEquals(t.store.flow("f1")!.state, "cancelled");
  assertEquals(t.scheduler.queues.get("b")!.queued, 0);
});

test("jobs that are due at the same time wait for workers in slices", async () => {
  const t = await testScheduler({ maxQueued: 1000 });
  for (let n = 0; n < 600; n++) t.submit(ONE, { delayMs: 50 });
  await t.keep();
  t.now += 50;
  const waiting = [];
  for (let n = 0; n < 3; n++) {
    t.scheduler.tick();
    waiting.push(t.scheduler.queues.get("a")!.waiting.size);
  }
  assertEquals(waiting, [250, 500, 600]);
});
