/** Integration: a pipeline, its steps and its users, over real sockets. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  defineStep,
  flow,
  memoryStore,
  NonRetryableError,
  Pipeline,
  RetryAfterError,
} from "@agentzero/agentzero/pipeline";
import { deferred, eventually, test, within } from "../support/harness.ts";
import {
  ANYWHERE,
  codeOf,
  open,
  run,
  runAll,
  seen,
} from "./support/pipelines.ts";

const double = defineStep("double", (n: number) => 2 * n);
const show = defineStep("show", (n: number) => `it is ${n}`);

/** Fails quickly again and again. */
const retry = { attempts: 3, delayMs: 1, maxDelayMs: 1 };

test("steps follow each other", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double, show] });
  await runAll(t, [double, show], requests);
  const id = await pipeline.submit(double, 21);
  assertEquals(await pipeline.result(id), "it is 42");
});

test("a list fans out, branches are joined", async (t) => {
  const split = defineStep("split", (text: string) => text.split(" "));
  const count = defineStep("count", (word: string) => word.length);
  const sum = defineStep(
    "sum",
    (counts: number[]) => counts.reduce((a, b) => a + b, 0),
  );
  const half = defineStep("half", (n: number) => n / 2);
  const both = defineStep(
    "both",
    ([a, b]: readonly [number, string]) => [b, a],
  );
  const words = flow(split).each(count).to(sum).fork(
    [flow(half).to(double), show],
    both,
  );
  const { pipeline, requests } = await open(t, { flows: [words] });
  await runAll(t, [split, count, sum, half, double, show, both], requests);
  const id = await pipeline.submit(words, "a bb ccc");
  assertEquals(await pipeline.result(id), ["it is 6", 6]);
  assertEquals(await pipeline.result(await pipeline.submit(words, "")), [
    "it is 0",
    0,
  ]);
});

test("a failing job is retried, then dead, then retried by hand", async (t) => {
  let isBroken = true;
  const attempts: number[] = [];
  const fragile = defineStep("fragile", (_: null, { attempt }) => {
    attempts.push(attempt);
    if (isBroken) throw new TypeError("broken");
    return "good";
  }, { retry });
  const { pipeline, requests } = await open(t, { steps: [fragile] });
  await run(t, fragile, requests);
  const id = await pipeline.submit(fragile, null);
  const error = await assertRejects(() => pipeline.result(id), Error);
  assertEquals(
    error.message,
    `The flow "${id}" failed at "fragile" (${id}, 3 attempts): broken`,
  );
  assertEquals(attempts, [1, 2, 3]);
  const { flow, jobs: [job] } = await pipeline.operations.status(id);
  assertEquals([flow.state, job!.state, job!.failures], ["failed", "dead", 3]);
  assertEquals([job!.error?.name, job!.error?.retryable], ["TypeError", true]);
  assert(job!.error!.traceback!.includes("pipeline.test.ts"));
  isBroken = false;
  assertEquals(await pipeline.operations.retry(id), 1);
  assertEquals(await pipeline.result(id), "good");
});

test("a handler can rule out further attempts, or delay the next", async (t) => {
  const picky = defineStep("picky", (what: string, { attempt }) => {
    if (what === "never") throw new NonRetryableError("hopeless");
    if (attempt === 1) throw new RetryAfterError(1, "busy");
    return attempt;
  }, { retry: { attempts: 3, delayMs: 3_600_000 } });
  const { pipeline, requests } = await open(t, { steps: [picky] });
  await run(t, picky, requests);
  const hopeless = await pipeline.submit(picky, "never");
  assertEquals(await codeOf(pipeline.result(hopeless)), "ERR_PIPELINE_FAILED");
  assertEquals(
    (await pipeline.operations.status(hopeless)).jobs[0]!.attempt,
    1,
  );
  assertEquals(await pipeline.result(await pipeline.submit(picky, "later")), 2);
});

test("an attempt that times out is aborted and retried", async (t) => {
  const reasons: string[] = [];
  const slow = defineStep("slow", (_: null, { signal, attempt, deadline }) => {
    assert(deadline! > Date.now() - 1000);
    if (attempt === 2) return "quick";
    return new Promise<string>(() => { // for ever: it ignores its signal
      signal.addEventListener("abort", () => reasons.push(signal.reason.name));
    });
  }, { timeoutMs: 30, retry });
  const { pipeline, requests } = await open(t, { steps: [slow] });
  await run(t, slow, requests, { concurrency: 2 });
  assertEquals(
    await pipeline.result(await pipeline.submit(slow, null)),
    "quick",
  );
  assertEquals(reasons, ["TimeoutError"]);
});

test("cancelling aborts the handler's signal, and frees its place", async (t) => {
  const aborted = deferred<string>();
  const wait = defineStep(
    "wait",
    (isQuick: boolean, { signal }) =>
      isQuick
        ? "done"
        : new Promise<string>((resolve) =>
          signal.addEventListener("abort", () => {
            aborted.resolve(signal.reason.code);
            resolve("too late");
          })
        ),
  );
  const { pipeline, requests } = await open(t, { steps: [wait] });
  await run(t, wait, requests);
  const active = seen(t, pipeline, "job:active:");
  const id = await pipeline.submit(wait, false);
  const next = await pipeline.submit(wait, true);
  await active;
  await pipeline.operations.cancel(id);
  assertEquals(await aborted.promise, "ERR_PIPELINE_CANCELLED");
  assertEquals(await codeOf(pipeline.result(id)), "ERR_PIPELINE_CANCELLED");
  assertEquals(await pipeline.result(next), "done");
});

test("progress, logs and metrics reach those who watch", async (t) => {
  const gate = deferred();
  const chatty = defineStep("chatty", async (_: null, context) => {
    await gate.promise;
    context.progress(0.5);
    context.metric("bytes", 7);
    context.log.warn("careful");
    await shown.promise;
  });
  const shown = deferred();
  const { pipeline, requests } = await open(t, { steps: [chatty] });
  await run(t, chatty, requests);
  const id = await pipeline.submit(chatty, null);
  const progress = seen(t, pipeline, `job:progress:chatty:${id}`);
  // A subscription takes its time; what is published before it is lost.
  await seen(t, pipeline, "available");
  const all = Promise.all([
    progress,
    seen(t, pipeline, "metric:chatty:bytes"),
    seen(t, pipeline, "logs:chatty:"),
  ]);
  gate.resolve();
  const [p, m, l] = (await all).map(({ data }) =>
    data as Record<string, unknown>
  );
  shown.resolve();
  assertEquals(p!.progress, 0.5);
  assertEquals([m!.value, m!.id], [7, id]);
  assertEquals([l!.msg, l!.jobId], ["careful", id]);
});

test("a result that is not JSON fails without a retry", async (t) => {
  const big = defineStep("big", () => 10n as unknown);
  const none = defineStep("none", () => {});
  const { pipeline, requests } = await open(t, {
    flows: [flow(big), flow(none)],
  });
  await runAll(t, [big, none], requests);
  const id = await pipeline.submit(big, null);
  assertEquals(await codeOf(pipeline.result(id)), "ERR_PIPELINE_FAILED");
  assertEquals((await pipeline.operations.status(id)).jobs[0]!.attempt, 1);
  assertEquals(await pipeline.result(await pipeline.submit(none, null)), null);
});

test("schemas check payloads and results", async (t) => {
  const number = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (value: unknown) =>
        typeof value === "number"
          ? { value }
          : { issues: [{ message: "it is no number" }] },
    },
  };
  const id = (n: number) => n < 0 ? "text" as unknown as number : n;
  const strict = defineStep("strict", id, { input: number, output: number });
  const { pipeline, requests } = await open(t, { steps: [strict] });
  await run(t, strict, requests);
  const ask = async (what: unknown) =>
    pipeline.result(await pipeline.submit("strict", what));
  assertEquals(await ask(5), 5);
  await assertRejects(() => ask("5"), Error, "payload did not pass");
  await assertRejects(() => ask(-5), Error, "result did not pass");
});

test("no job starts while its type is paused", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  await run(t, double, requests);
  await pipeline.operations.pause("double");
  const id = await pipeline.submit(double, 1);
  assertEquals(
    await codeOf(pipeline.result(id, { timeoutMs: 50 })),
    "ERR_PIPELINE_TIMEOUT",
  );
  await pipeline.operations.resume();
  assertEquals(await pipeline.result(id), 2);
});

test("delays, priorities and limits are respected", async (t) => {
  const order: number[] = [];
  let running = 0;
  const step = defineStep("step", async (n: number) => {
    assert(++running <= 2);
    order.push(n);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
  }, { limit: 2 });
  const { pipeline, requests } = await open(t, { steps: [step] });
  const delayed = await pipeline.submit(step, 99, {
    delayMs: 1500,
    priority: 9,
  });
  const ids = await Promise.all(
    [0, 1, 2, 3].map((n) => pipeline.submit(step, n, { priority: n })),
  );
  await run(t, step, requests, { concurrency: 8 });
  for (const id of ids) await pipeline.result(id);
  assertEquals(order, [3, 2, 1, 0]);
  assertEquals(
    (await pipeline.operations.status(delayed)).jobs[0]!.state,
    "scheduled",
  );
  await pipeline.result(delayed);
  assertEquals(order.at(-1), 99);
});

test("a rate limit spreads jobs over time", async (t) => {
  const rated = defineStep("rated", () => {}, {
    rateLimit: { max: 1, perMs: 60 },
  });
  const { pipeline, requests } = await open(t, { steps: [rated] });
  await run(t, rated, requests, { concurrency: 4 });
  const ids = await Promise.all(
    [1, 2, 3].map(() => pipeline.submit(rated, null)),
  );
  for (const id of ids) await pipeline.result(id);
  // As the pipeline hands them out: how long one is on its way is not limited.
  const times = await Promise.all(
    ids.map(async (id) =>
      (await pipeline.operations.status(id)).jobs[0]!.startedAt!
    ),
  );
  const spread = Math.max(...times) - Math.min(...times);
  assert(spread > 90, `${spread} ms`);
});

test("a full queue refuses, until there is room", async (t) => {
  const { pipeline, requests } = await open(t, {
    steps: [double],
    maxQueued: 2,
  });
  const ids = [
    await pipeline.submit(double, 1),
    await pipeline.submit(double, 2),
  ];
  assertEquals(await codeOf(pipeline.submit(double, 3)), "ERR_PIPELINE_FULL");
  await run(t, double, requests);
  for (const id of ids) await pipeline.result(id);
  assertEquals(await pipeline.result(await pipeline.submit(double, 3)), 6);
});

test("a draining step finishes its jobs; another one does the rest", async (t) => {
  const gate = deferred();
  const begun = deferred();
  const held = defineStep("held", () => {
    begun.resolve();
    return gate.promise;
  });
  const { pipeline, requests } = await open(t, { steps: [held] });
  const first = await run(t, held, requests, { prefetch: 1 });
  const ids = await Promise.all(
    [1, 2, 3].map(() => pipeline.submit(held, null)),
  );
  await begun.promise;
  const drained = first.drain();
  await run(t, held, requests);
  gate.resolve();
  for (const id of ids) await within(pipeline.result(id), 5000, "a result");
  await drained;
  const { jobs } = await pipeline.operations.status(ids[0]!);
  assertEquals([jobs[0]!.worker, jobs[0]!.attempt], [first.id, 1]);
  const attempts = await Promise.all(
    ids.map(async (id) => (await pipeline.operations.status(id)).jobs[0]!),
  );
  assertEquals(attempts.map(({ kills }) => kills), [0, 0, 0]);
});

test("a drain that times out aborts its jobs and returns them", async (t) => {
  let isStubborn = true;
  const step = defineStep(
    "step",
    (_: null, { signal }) =>
      isStubborn
        ? new Promise<string>((resolve) =>
          signal.addEventListener("abort", () => resolve("aborted"))
        )
        : "done",
  );
  const { pipeline, requests } = await open(t, { steps: [step] });
  const first = await run(t, step, requests, { drainMs: 20 });
  const active = seen(t, pipeline, "job:active:");
  const id = await pipeline.submit(step, null);
  await active;
  isStubborn = false;
  await run(t, step, requests);
  await first.drain();
  assertEquals(await pipeline.result(id), "done");
  const [job] = (await pipeline.operations.status(id)).jobs;
  assertEquals([job!.kills, job!.failures], [0, 0]);
});

test("closing during a drain does not wait for it", async (t) => {
  const step = defineStep("step", () => new Promise(() => {}));
  const { pipeline, requests } = await open(t, { steps: [step] });
  const worker = await step.run({ pipeline: requests });
  const active = seen(t, pipeline, "job:active:");
  await pipeline.submit(step, null);
  await active;
  const drained = worker.drain();
  await within(worker.close(), 3000, "the end of the step");
  await drained;
});

test("the pipeline asks its workers to leave", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  const worker = await run(t, double, requests);
  assertEquals(pipeline.operations.drain("double"), 1);
  await within(worker.closed, 3000, "the worker's end");
  await eventually(async () =>
    (await pipeline.operations.stats()).workers.length === 0
  );
});

test("a step runs until its signal is aborted", async (t) => {
  const { requests } = await open(t, { steps: [double] });
  const controller = new AbortController();
  const worker = await run(t, double, requests, { signal: controller.signal });
  controller.abort();
  await within(worker.closed, 3000, "the worker's end");
});

test("a step that waits for a pipeline gives up when its signal is aborted", async () => {
  const running = double.run({
    pipeline: "tcp://127.0.0.1:9",
    signal: AbortSignal.timeout(50),
  });
  const error = await assertRejects(() => running, DOMException);
  assertEquals(error.name, "TimeoutError");
});

test("a pipeline survives repeated and invalid calls", async (t) => {
  const { pipeline, errors } = await open(t, { steps: [double] });
  assertEquals(await codeOf(pipeline.listen(ANYWHERE)), "ERR_PIPELINE_INVALID");
  await pipeline.close();
  await pipeline.close();
  assertEquals(await codeOf(pipeline.listen(ANYWHERE)), "ERR_PIPELINE_CLOSED");
  assertEquals(await codeOf(pipeline.submit(double, 1)), "ERR_PIPELINE_CLOSED");
  assertEquals(errors, []);
});

test("a pipeline that cannot listen leaves nothing behind", async (t) => {
  const { pipeline } = await open(t, { steps: [double] });
  const store = memoryStore();
  const second = new Pipeline({ name: "second", steps: [double], store });
  const { requests } = pipeline.addresses!;
  await assertRejects(
    () => second.listen({ ...ANYWHERE, requests }),
    Error,
    "already in use",
  );
  const third = t.use(new Pipeline({ name: "third", steps: [double], store }));
  await third.listen(ANYWHERE);
});

test("a store in use by another pipeline is refused, and stays open there", async (t) => {
  const store = memoryStore();
  const { pipeline, requests } = await open(t, { steps: [double], store });
  const second = new Pipeline({ name: "second", steps: [double], store });
  assertEquals(await codeOf(second.listen(ANYWHERE)), "ERR_STORE_LOCKED");
  const idle = new Pipeline({ name: "idle", steps: [double], store });
  await idle.close();
  const third = new Pipeline({ name: "third", steps: [double], store });
  assertEquals(await codeOf(third.listen(ANYWHERE)), "ERR_STORE_LOCKED");
  await run(t, double, requests);
  assertEquals(await pipeline.result(await pipeline.submit(double, 4)), 8);
});

test("invalid pipelines and steps are refused", async () => {
  const refuse = (make: () => unknown) => codeOf(Promise.resolve().then(make));
  const options = { name: "x", steps: [double] as const };
  for (
    const make of [
      () => new Pipeline({ name: "x" }),
      () => new Pipeline({ ...options, maxQueued: 0 }),
      () => new Pipeline({ ...options, graceMs: NaN }),
      () => new Pipeline({ name: "x", flows: [flow(double), flow(double)] }),
      () => defineStep("a b", () => 1),
      () => defineStep("a", () => 1, { retry: { attempts: 0 } }),
      () => defineStep("a", () => 1, { timeoutMs: 1.5 }),
      () => double.run({ pipeline: "tcp://127.0.0.1:1", concurrency: 0 }),
      () => double.run({ pipeline: "tcp://127.0.0.1:1", prefetch: -1 }),
      () =>
        new Pipeline({
          ...options,
          flows: [flow(defineStep("double", () => 1), "other")],
        }),
      () =>
        new Pipeline({
          ...options,
          schedules: [{ id: "s", flow: double, cron: "x" }],
        }),
    ]
  ) assertEquals(await refuse(make), "ERR_PIPELINE_INVALID");
});

test("a schedule of the program submits by the clock", async (t) => {
  const { pipeline, requests } = await open(t, {
    steps: [double],
    schedules: [{
      id: "often",
      flow: double,
      payload: 4,
      cron: "* * * * * *",
    }],
  });
  await run(t, double, requests);
  const { topic } = await seen(t, pipeline, "job:completed:double:often-");
  const id = topic.split(":").at(-1)!;
  assertEquals(await pipeline.result(id), 8);
  await pipeline.operations.unschedule("often");
});

test("a watcher and an onError that throw do not disturb the pipeline", async (t) => {
  const { pipeline, requests, errors } = await open(t, { steps: [double] });
  t.cleanup(pipeline.watch(() => {
    throw new Error("a watcher");
  }));
  await run(t, double, requests);
  const id = await pipeline.submit(double, 2);
  assertEquals(await pipeline.result(id), 4);
  assertEquals(
    new Set(errors.map(({ message }) => message)),
    new Set(["a watcher"]),
  );

  const said: unknown[] = [];
  const { error } = console;
  console.error = (...args) => void said.push(...args);
  t.cleanup(() => console.error = error);
  const onError = () => {
    throw new Error("an onError");
  };
  const other = await open(t, { steps: [double], onError });
  other.pipeline.watch(() => {
    throw new Error("a watcher");
  });
  await run(t, double, other.requests);
  const next = await other.pipeline.submit(double, 3);
  assertEquals(await other.pipeline.result(next), 6);
  assertEquals((said[0] as Error).message, "an onError");
});
