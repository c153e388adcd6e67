/** Unit: the transitions of a job, rule by rule. */
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import { test } from "../../support/harness.ts";
import { CHAIN, FAILURE, ONE, restore, testScheduler } from "./fixture.ts";

test("a job waits, is dispatched, is active, is completed; its flow with it", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE, { payload: '{"n":1}' });
  assertEquals(t.state(id), "waiting");
  const job = t.scheduler.dispatch("a", "w1")!;
  assertEquals([job.state, job.attempt, job.worker, job.payload], [
    "dispatched",
    1,
    "w1",
    '{"n":1}',
  ]);
  t.now += 5;
  t.scheduler.activate(id, 1);
  assertEquals([job.state, job.startedAt], ["active", t.now]);
  t.now += 5;
  assertEquals(t.scheduler.succeed(id, 1, "42"), true);
  assertEquals([job.state, job.result, job.finishedAt], [
    "completed",
    "42",
    t.now,
  ]);
  const { record } = t.scheduler.flow(id)!;
  assertEquals(
    [record.state, record.result, record.finishedAt, record.expiresAt],
    ["completed", "42", t.now, t.now + 1000],
  );
});

test("a result is the input of the next step, in the same batch", async () => {
  const t = await testScheduler();
  const id = t.submit(CHAIN);
  await t.keep();
  const { attempt } = t.take("a")!;
  await t.keep();
  t.scheduler.succeed(id, attempt, '"x"');
  const changes = t.scheduler.takeChanges();
  assertEquals([...changes.jobs.values()].map((job) => [job.id, job.state]), [
    [id, "completed"],
    [`${id}.1`, "waiting"],
  ]);
  assertEquals(t.take("b")!.payload, '"x"');
});

test("the scheduler keeps a finished flow until its end is committed", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  t.do("a", 1);
  assertEquals(t.scheduler.flow(id)!.record.state, "completed");
  const changes = t.scheduler.takeChanges();
  assertEquals(t.scheduler.flow(id)!.record.state, "completed");
  t.scheduler.forget(changes);
  assertEquals(t.scheduler.flow(id), undefined);
});

test("a flow that is retried while its end is being committed stays", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  t.take("a");
  t.scheduler.fail(id, 1, { ...FAILURE, retryable: false });
  const changes = t.scheduler.takeChanges();
  assertEquals(t.scheduler.retry(id).count, 1);
  t.scheduler.forget(changes);
  assertEquals(t.state(id), "waiting");
  // Over once more before the first end is kept: it is the second that counts.
  t.take("a");
  t.scheduler.fail(id, 2, { ...FAILURE, retryable: false });
  t.scheduler.forget(changes);
  assertEquals(t.state(id), "dead");
});

test("a failed attempt is retried after a delay that doubles, up to its cap", async () => {
  const retry = { attempts: 5, delayMs: 100, maxDelayMs: 300 };
  const t = await testScheduler({ steps: { a: { retry } } });
  const id = t.submit(ONE);
  for (const pauseMs of [50, 100, 150, 150]) { // half of 100, 200, 300, 300
    const { attempt } = t.take("a")!;
    assertEquals(t.scheduler.fail(id, attempt, FAILURE), true);
    assertEquals(t.state(id), "retrying");
    assertEquals(t.scheduler.nextAt, t.now + pauseMs);
    t.pass(pauseMs - 1);
    assertEquals(t.state(id), "retrying");
    t.pass(1);
    assertEquals(t.state(id), "waiting");
  }
  t.take("a");
  t.scheduler.fail(id, 5, FAILURE);
  assertEquals(t.state(id), "dead");
  const { record } = t.scheduler.flow(id)!;
  assertEquals([record.state, record.error?.message], ["failed", "no"]);
});

test("a handler's own delay counts", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  t.take("a");
  t.scheduler.fail(id, 1, FAILURE, 7000);
  assertEquals(t.scheduler.nextAt, t.now + 7000);
});

test("a job that cannot be retried is dead at once", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  t.take("a");
  t.scheduler.fail(id, 1, { ...FAILURE, retryable: false });
  assertEquals(t.state(id), "dead");
});

test("a submission's own retry and timeout hold for all its jobs", async () => {
  const t = await testScheduler();
  const retry = { attempts: 1, delayMs: 1, maxDelayMs: 1 };
  const id = t.submit(CHAIN, { retry, timeoutMs: 77 });
  assertEquals(t.scheduler.job(id)!.timeoutMs, 77);
  t.do("a", 1);
  const b = t.take("b")!;
  assertEquals([b.retry, b.timeoutMs], [retry, 77]);
});

test("a late result of an abandoned attempt changes nothing", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  t.take("a", "w1");
  t.scheduler.requeue(id, 1, "killed");
  assertEquals(t.scheduler.succeed(id, 1, '"late"'), false); // it waits
  t.take("a", "w2");
  assertEquals(t.scheduler.succeed(id, 1, '"late"'), false); // another has it
  assertEquals(t.scheduler.fail(id, 1, FAILURE), false);
  t.scheduler.progress(id, 1, 0.5);
  t.scheduler.requeue(id, 1, "released");
  assertEquals([t.state(id), t.scheduler.job(id)!.progress], [
    "active",
    undefined,
  ]);
  assertEquals(t.scheduler.succeed(id, 2, '"good"'), true);
  assertEquals(t.scheduler.flow(id)!.record.result, '"good"');
  const late = () => t.events.filter(({ type }) => type === "late");
  assertEquals(late().map(({ detail }) => detail), ["of attempt 1"]);
});

test("any number of late results makes only a few events of the timeline", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  t.take("a", "w1");
  for (let n = 0; n < 1500; n++) t.scheduler.succeed(id, 99, "1");
  const late = t.events.filter(({ type }) => type === "late");
  assertEquals(late.map(({ detail }) => detail), [
    "of attempt 99",
    "of attempt 99; 10 late results so far",
    "of attempt 99; 100 late results so far",
    "of attempt 99; 1000 late results so far",
  ]);
  await t.keep();
  assertEquals(t.store.events(id).length, 5);
});

test("submissions are refused while unfinished flows have too many bytes", async () => {
  const t = await testScheduler({ maxQueuedBytes: 100 });
  const payload = JSON.stringify("x".repeat(38));
  const first = t.submit(CHAIN, { payload });
  t.submit(ONE, { payload });
  const full = () =>
    assertThrows(() => t.submit(ONE, { payload }), PipelineError).code;
  assertEquals(full(), "ERR_PIPELINE_FULL");
  t.submit(ONE, { payload: '"y"' });
  // What flows produce is never refused, and counts.
  t.do("a", "z".repeat(50));
  assertEquals(t.state(`${first}.1`), "waiting");
  const fresh = t.restart({ maxQueuedBytes: 100 });
  assertEquals(full(), "ERR_PIPELINE_FULL");
  t.do("b", 1);
  await t.keep();
  t.do("a", 1);
  await t.keep();
  t.submit(ONE, { payload });
  assertEquals(fresh.scheduler.flow(first), undefined);
});

test("flows restored after a restart count, too", async () => {
  const t = await testScheduler();
  const payload = JSON.stringify("x".repeat(58));
  t.submit(ONE, { payload });
  await t.keep();
  const next = t.restart({ maxQueuedBytes: 100 });
  assertThrows(() => next.submit(ONE, { payload }), PipelineError);
  next.do("a", 1);
  await next.keep();
  next.submit(ONE, { payload });
});

test("a result that is sent twice is not a late one", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  t.do("a", 1);
  assertEquals(t.scheduler.succeed(id, 1, "1"), false);
  assertEquals(t.events.some(({ type }) => type === "late"), false);
});

test("a job whose workers die is dead after the third", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  for (const worker of ["w1", "w2", "w3"]) {
    assertEquals(t.state(id), "waiting");
    const { attempt } = t.take("a", worker)!;
    t.scheduler.requeue(id, attempt, "killed");
  }
  assertEquals(t.state(id), "dead");
  const job = t.scheduler.job(id)!;
  assertEquals([job.kills, job.failures, job.error?.name], [
    3,
    0,
    "WorkerLost",
  ]);
});

test("a job that was released or never arrived costs no attempt, and goes first", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  t.submit(ONE);
  for (const reason of ["released", "unclaimed"] as const) {
    const job = t.take("a")!;
    assertEquals(job.id, id);
    t.scheduler.requeue(id, job.attempt, reason);
  }
  const { kills, failures, attempt } = t.scheduler.job(id)!;
  assertEquals([kills, failures, attempt], [0, 0, 2]);
});

test("a delayed job waits for its time", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE, { delayMs: 500 });
  assertEquals(t.state(id), "scheduled");
  assertEquals(t.take("a"), undefined);
  t.pass(500);
  assertEquals(t.take("a")!.id, id);
});

test("cancelled delayed jobs leave nothing behind", async () => {
  const t = await testScheduler({ maxQueued: 1e6 });
  const last = t.submit(ONE, { delayMs: 1e9 });
  for (let i = 0; i < 5000; i++) {
    t.scheduler.cancel(t.submit(ONE, { delayMs: i + 1 }));
  }
  assertEquals(t.scheduler.nextAt, t.now + 1e9);
  t.pass(1e9);
  assertEquals(t.take("a")!.id, last);
  assertEquals(t.scheduler.nextAt, undefined);
});

test("the higher priority is first, among equals the older", async () => {
  const t = await testScheduler();
  const ids = [0, 5, 0, 9, 5].map((priority) => t.submit(ONE, { priority }));
  const taken = ids.map(() => t.take("a")!.id);
  assertEquals(taken, [3, 1, 4, 0, 2].map((i) => ids[i]));
});

test("a limit holds for all workers together", async () => {
  const t = await testScheduler({ steps: { a: { limit: 2 } } });
  const ids = [1, 2, 3].map(() => t.submit(ONE));
  assertEquals([t.take("a")!.id, t.take("a")!.id, t.take("a")], [
    ids[0],
    ids[1],
    undefined,
  ]);
  t.scheduler.succeed(ids[0]!, 1, "1");
  assertEquals(t.take("a")!.id, ids[2]);
});

test("a rate limit starts jobs evenly, and returns when the next may start", async () => {
  const t = await testScheduler({
    steps: { a: { rateLimit: { max: 2, perMs: 1000 } } },
  });
  for (let i = 0; i < 4; i++) t.submit(ONE);
  assertEquals(t.scheduler.nextAt, undefined); // it is no rate that holds them back
  assertEquals([t.take("a"), t.take("a")].includes(undefined), false);
  assertEquals(t.take("a"), undefined);
  assertEquals(t.scheduler.nextAt, t.now + 500);
  t.pass(500);
  assertEquals(t.take("a")!.attempt, 1);
  assertEquals(t.take("a"), undefined);
});

test("a full queue refuses, delayed jobs included", async () => {
  const t = await testScheduler({ maxQueued: 2 });
  t.submit(ONE);
  const second = t.submit(ONE, { delayMs: 1000 });
  const error = assertThrows(() => t.submit(ONE), PipelineError);
  assertEquals(error.code, "ERR_PIPELINE_FULL");
  t.scheduler.cancel(second);
  t.submit(ONE); // there is room again
});

test("a paused type starts no job until it is resumed", async () => {
  const t = await testScheduler();
  t.submit(ONE);
  t.scheduler.pause("a", true);
  assertEquals(t.take("a"), undefined);
  assertEquals(t.scheduler.takeChanges().settings.get("paused:a"), "true");
  t.scheduler.pause("a", false);
  assertEquals(t.scheduler.takeChanges().settings.get("paused:a"), null);
  assertEquals(t.take("a")!.attempt, 1);
});

test("the same id, or the same key while it runs, is the same flow", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE, { id: "x" });
  assertEquals(t.scheduler.submit({ ...submission("x") }).isNew, false);
  t.do("a", 1);
  assertEquals(t.scheduler.submit(submission("x")).isNew, false); // not kept yet
  const k1 = t.scheduler.submit(submission("k1", "key"));
  const k2 = t.scheduler.submit(submission("k2", "key"));
  assertEquals([k1.isNew, k2.isNew, k2.flow.id], [true, false, "k1"]);
  t.do("a", 1);
  assertEquals(t.scheduler.submit(submission("k3", "key")).isNew, true);
  assertEquals(id, "x");

  function submission(id: string, key?: string) {
    return { id, key, name: "flow", graph: ONE, payload: "1" };
  }
});

test("cancelling ends waiting, delayed and running jobs", async () => {
  const t = await testScheduler();
  const waiting = t.submit(ONE);
  const delayed = t.submit(ONE, { delayMs: 100 });
  assertEquals(t.scheduler.cancel(waiting), []);
  assertEquals(t.scheduler.cancel(delayed), []);
  t.pass(1000);
  assertEquals(t.take("a"), undefined);
  const running = t.submit(ONE);
  t.take("a");
  assertEquals(t.scheduler.cancel(running)!.map(({ id }) => id), [running]);
  assertEquals(t.scheduler.succeed(running, 1, "1"), false);
  for (const id of [waiting, delayed, running]) {
    assertEquals([t.state(id), t.scheduler.flow(id)!.record.state], [
      "cancelled",
      "cancelled",
    ]);
    assertEquals(t.scheduler.cancel(id), undefined);
  }
});

test("cancelling frees the places of a limit", async () => {
  const t = await testScheduler({ steps: { a: { limit: 1 } } });
  const [one, two] = [t.submit(ONE), t.submit(ONE)];
  t.take("a");
  t.scheduler.cancel(one);
  assertEquals(t.take("a")!.id, two);
});

test("a dead job can be retried by hand, with fresh budgets, in memory or restored", async () => {
  for (const isKept of [false, true]) {
    const t = await testScheduler();
    const id = t.submit(CHAIN);
    t.take("a");
    t.scheduler.fail(id, 1, { ...FAILURE, retryable: false });
    if (isKept) {
      await t.keep();
      assertEquals(t.scheduler.flow(id), undefined);
      restore(t.scheduler, t.store.flow(id)!, t.store.jobsOf(id));
    }
    assertEquals(t.scheduler.retry(id).count, 1);
    const { failures, kills, finishedAt } = t.scheduler.job(id)!;
    assertEquals([failures, kills, finishedAt], [0, 0, undefined]);
    const { state, error, expiresAt } = t.scheduler.flow(id)!.record;
    assertEquals([state, error, expiresAt], ["running", undefined, undefined]);
    const again = t.take("a")!;
    assertEquals(again.attempt, 2);
    t.scheduler.succeed(id, 2, "1");
    t.do("b", "end");
    assertEquals(t.scheduler.flow(id)!.record.result, '"end"');
  }
});

test("only dead jobs can be retried", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  assertEquals(
    [t.scheduler.retry(id).count, t.scheduler.retry("unknown").count],
    [0, 0],
  );
});

test("progress counts from the worker that has the job", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  t.take("a");
  t.scheduler.progress(id, 1, 0.25);
  assertEquals(t.scheduler.job(id)!.progress, 0.25);
  t.scheduler.requeue(id, 1, "killed");
  t.take("a");
  assertEquals(t.scheduler.job(id)!.progress, undefined);
});

test("that a job is active, and its progress, is committed with its next change, or on flush", async () => {
  const t = await testScheduler();
  const [one, two] = [t.submit(ONE), t.submit(ONE)];
  const kept = () => [one, two].map((id) => t.store.job(id)?.state);
  t.scheduler.dispatch("a", "w1");
  t.scheduler.dispatch("a", "w1");
  await t.keep();
  t.scheduler.activate(one, 1);
  t.scheduler.activate(two, 1);
  t.scheduler.progress(two, 1, 0.5);
  assertEquals(t.scheduler.hasChanges, false);
  t.scheduler.succeed(one, 1, "1");
  await t.keep();
  assertEquals(kept(), ["completed", "dispatched"]);
  t.scheduler.flushLazy();
  await t.keep();
  assertEquals(kept(), ["completed", "active"]);
  assertEquals(t.store.job(two)?.progress, 0.5);
});

test("the timeline shows what happened, with attempts, workers and reasons", async () => {
  const t = await testScheduler();
  const id = t.submit(ONE);
  t.take("a", "w1");
  t.scheduler.requeue(id, 1, "killed");
  t.take("a", "w2");
  t.scheduler.fail(id, 2, FAILURE, 10);
  t.pass(10);
  t.do("a", 1);
  await t.keep();
  const lines = t.store.events(id).map(({ type, attempt, detail }) =>
    [type, attempt, detail].filter((one) => one !== undefined).join(" ")
  );
  assertEquals(lines, [
    "dispatched 1",
    "requeued 1 killed",
    "dispatched 2",
    "retrying 2 no",
    "waiting 2",
    "dispatched 3",
    "completed 3",
  ]);
});

test("a flow fails with its first dead job; the others go on", async () => {
  const t = await testScheduler();
  const id = t.submit([
    { jobType: "a", after: [] },
    { jobType: "b", after: [0], each: true },
  ]);
  t.do("a", [1, 2]);
  const dead = t.take("b")!;
  t.scheduler.fail(dead.id, 1, { ...FAILURE, retryable: false });
  assertEquals(t.scheduler.flow(id)!.record.state, "failed");
  t.do("b", 20);
  assertEquals(t.state(`${id}.1.1`), "completed");
  assertEquals(t.scheduler.retry(dead.id).count, 1);
  t.do("b", 10);
  const { state, result } = t.scheduler.flow(id)!.record;
  assertEquals([state, result], ["completed", "[10,20]"]);
});

test("cancelling the rest of a failed flow makes it a cancelled one, which is not retried", async () => {
  const t = await testScheduler();
  const id = t.submit([
    { jobType: "a", after: [] },
    { jobType: "b", after: [0], each: true },
  ]);
  t.do("a", [1, 2]);
  const dead = t.take("b")!;
  t.scheduler.fail(dead.id, 1, { ...FAILURE, retryable: false });
  assertEquals(t.scheduler.cancel(id), []);
  assertEquals(t.scheduler.flow(id)!.record.state, "cancelled");
  assertEquals(t.scheduler.retry(dead.id).count, 0);
});

test("a flow that failed is kept for longer than one that was completed", async () => {
  const t = await testScheduler();
  const [done, failed] = [t.submit(ONE), t.submit(ONE)];
  t.do("a", 1);
  t.take("a");
  t.scheduler.fail(failed, 1, { ...FAILURE, retryable: false });
  const expiryOf = (id: string) => t.scheduler.flow(id)!.record.expiresAt;
  assertEquals(expiryOf(done), t.now + 1000);
  assertEquals(expiryOf(failed), t.now + 20_000);
  const { jobId, jobType, attempts } = t.scheduler.flow(failed)!.record.error!;
  assertEquals([jobId, jobType, attempts], [failed, "a", 1]);
  t.scheduler.retry(failed);
  assertEquals(expiryOf(failed), undefined);
});

test("a failed flow is not retried while another of its key runs", async () => {
  const t = await testScheduler();
  const old = t.submit(ONE, { key: "k" });
  t.take("a");
  t.scheduler.fail(old, 1, { ...FAILURE, retryable: false });
  const next = t.submit(ONE, { key: "k" });
  assertThrows(() => t.scheduler.retry(old), PipelineError, next);
  assertEquals(t.submit(ONE, { key: "k" }), next);
  // A name with a newline is no other name and key.
  assertNotEquals(t.submit(ONE, { name: "flow\nk", key: "x" }), next);
  assertNotEquals(t.submit(ONE, { key: "k\nx" }), next);
  t.do("a", 1);
  assertEquals(t.scheduler.retry(old).count, 1);
  assertEquals(t.submit(ONE, { key: "k" }), old);
});

test("a flow that cannot be stored is given up, whatever state its jobs are in", async () => {
  const t = await testScheduler();
  const held = t.submit(ONE, { key: "k" });
  t.take("a");
  const waiting = t.submit(ONE);
  const delayed = t.submit(ONE, { delayMs: 5 });
  const error = new PipelineError("ERR_STORE_FAILED", "no");
  const live = t.scheduler.flow(held)!;
  assertEquals(t.scheduler.drop(held, error).map(({ id }) => id), [held]);
  assertEquals(live.refusal, error);
  for (const id of [waiting, delayed, "nothing"]) {
    assertEquals(t.scheduler.drop(id, error), []);
  }
  const queue = t.scheduler.queues.get("a")!;
  assertEquals([queue.running, queue.queued, t.scheduler.nextAt], [
    0,
    0,
    undefined,
  ]);
  t.pass(10);
  assertEquals(t.take("a"), undefined);
  assertEquals(t.scheduler.succeed(held, 1, "1"), false);
  assertNotEquals(t.submit(ONE, { key: "k" }), held);
});
