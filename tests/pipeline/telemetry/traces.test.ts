/** Integration: what OpenTelemetry's SDK exports of flows, over real sockets and from other processes. */
import * as api from "@opentelemetry/api";
import { assert, assertEquals } from "@std/assert";
import {
  defineStep,
  flow,
  memoryStore,
  NonRetryableError,
} from "@agentzero/agentzero/pipeline";
import {
  deferred,
  eventually,
  test,
  type TestContext,
} from "../../support/harness.ts";
import {
  clientOf,
  codeOf,
  open,
  run,
  runAll,
  seen,
} from "../support/pipelines.ts";
import { Program, type RuntimeName } from "../support/programs.ts";
import { collectSpans, named, type SpanData, treeOf } from "./traces.ts";

const FAST = { attempts: 2, delayMs: 1, maxDelayMs: 1 };

// Only the names count of these two: who does the work is another process.
const measure = defineStep("measure", (_: string) => 0);
const hang = defineStep("hang", (_: unknown) => 0);

const trim = defineStep("trim", (text: string) => text.trim());
const double = defineStep("double", (n: number) => 2 * n);
const split = defineStep("split", (text: string) => text.split(" "));
const add = defineStep(
  "add",
  (lengths: number[]) => lengths.reduce((sum, n) => sum + n, 0),
);
const longest = defineStep(
  "longest",
  (lengths: number[]) => Math.max(...lengths),
);
const report = defineStep("report", (figures: number[]) => figures.join("/"));

/** A worker in a process of its own, whose spans come to those of this one. */
async function startTraced(
  t: TestContext,
  runtime: RuntimeName,
  spans: SpanData[],
  options: { pipeline: string; step: string; concurrency?: number },
): Promise<Program> {
  const program = new URL("traced_program.ts", import.meta.url).href;
  const onLine = (line: string) => void spans.push(JSON.parse(line));
  const worker = t.use(new Program(runtime, program, options, onLine));
  await worker.ready;
  return worker;
}

for (const runtime of ["node", "deno", "bun"] as const) {
  test(
    `a trace goes through every step of a chain, one of them on ${runtime}`,
    {
      timeoutMs: 60_000,
    },
    async (t) => {
      const spans = collectSpans(t);
      const steps = [trim, measure, double] as const;
      const { pipeline, requests } = await open(t, { steps });
      await runAll(t, [trim, double], requests);
      const worker = await startTraced(t, runtime, spans, {
        pipeline: requests,
        step: "measure",
      });
      const client = clientOf(t, requests);
      const id = await client.submit(trim, " four ");
      assertEquals(await client.result(id), 8);
      await eventually(() => spans.length >= 9);
      assertEquals(treeOf(spans), [
        "submit trim",
        "  dispatch double 2 #1",
        "  dispatch measure 1 #1",
        "  dispatch trim #1",
        "  process double 2 #1 <- process measure 1 #1",
        "  process measure 1 #1 <- process trim #1",
        "    count letters",
        "  process trim #1",
        "  receive trim",
      ]);
      assertEquals(new Set(spans.map(({ traceId }) => traceId)).size, 1);
      assert(spans.every(({ isError }) => !isError));
      const [remote] = named(spans, "process measure");
      assertEquals(remote!.kind, "CONSUMER");
      assertEquals(remote!.attributes, {
        "messaging.system": "agentzero",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "measure",
        "messaging.message.id": `${id}.1`,
        "messaging.message.conversation_id": id,
        "agentzero.job.attempt": 1,
        "agentzero.worker.id": await worker.ready,
      });
      assertEquals(
        (await pipeline.operations.status(id)).flow.state,
        "completed",
      );
    },
  );
}

test("a fan-out is linked to where it came from, a join to all that it joins", {
  timeoutMs: 60_000,
}, async (t) => {
  const spans = collectSpans(t);
  const letters = flow(split, "letters").each(measure)
    .fork([add, longest], report);
  const { requests } = await open(t, { flows: [letters] });
  await runAll(t, [split, add, longest, report], requests);
  const options = { pipeline: requests, step: "measure", concurrency: 3 };
  await startTraced(t, "node", spans, options);
  const client = clientOf(t, requests);
  const id = await client.submit(letters, "a bb ccc");
  assertEquals(await client.result(id), "6/3");
  await eventually(() => spans.length >= 19);
  const all = [0, 1, 2].map((item) => `process measure 1.${item} #1`);
  assertEquals(treeOf(spans), [
    "submit letters",
    "  dispatch add 2 #1",
    "  dispatch longest 3 #1",
    "  dispatch measure 1.0 #1",
    "  dispatch measure 1.1 #1",
    "  dispatch measure 1.2 #1",
    "  dispatch report 4 #1",
    "  dispatch split #1",
    `  process add 2 #1 <- ${all.join(", ")}`,
    `  process longest 3 #1 <- ${all.join(", ")}`,
    ...all.flatMap((name) => [
      `  ${name} <- process split #1`,
      "    count letters",
    ]),
    "  process report 4 #1 <- process add 2 #1, process longest 3 #1",
    "  process split #1",
    "  receive letters",
  ]);
  assertEquals(new Set(spans.map(({ traceId }) => traceId)).size, 1);
});

test("each attempt has a span of its own, and one that failed has its error", async (t) => {
  const spans = collectSpans(t);
  const shaky = defineStep("shaky", (_: unknown, { attempt }) => {
    if (attempt === 1) throw new RangeError("too big");
    return "well";
  }, { retry: FAST });
  const { pipeline, requests } = await open(t, { steps: [shaky] });
  await run(t, shaky, requests);
  assertEquals(
    await pipeline.result(await pipeline.submit(shaky, null)),
    "well",
  );
  assertEquals(treeOf(spans), [
    "submit shaky",
    "  dispatch shaky #1",
    "  dispatch shaky #2",
    "  process shaky #1",
    "  process shaky #2",
  ]);
  const [first, second] = named(spans, "process shaky");
  assertEquals(
    [first!.isError, first!.message, first!.attributes["error.type"]],
    [true, "too big", "RangeError"],
  );
  assertEquals(first!.exceptions, [["RangeError", "too big"]]);
  assertEquals(
    [second!.isError, second!.exceptions, second!.attributes["error.type"]],
    [false, [], undefined],
  );
});

test("an attempt that takes too long, or is cancelled, ends its span with the reason", async (t) => {
  const spans = collectSpans(t);
  const waiting = (jobType: string, timeoutMs?: number) =>
    defineStep(
      jobType,
      (_: unknown, { signal }) =>
        new Promise<void>((resolve) =>
          signal.addEventListener("abort", () => resolve())
        ),
      { timeoutMs, retry: { attempts: 1 } },
    );
  const [slow, endless] = [waiting("slow", 20), waiting("endless")];
  const flows = [flow(slow), flow(endless)];
  const { pipeline, requests } = await open(t, { flows });
  await runAll(t, [slow, endless], requests);
  const slowId = await pipeline.submit(slow, null);
  assertEquals(await codeOf(pipeline.result(slowId)), "ERR_PIPELINE_FAILED");
  const active = seen(t, pipeline, "job:active:endless");
  const id = await pipeline.submit(endless, null);
  await active;
  await pipeline.operations.cancel(id);
  await eventually(() => named(spans, "process endless").length === 1);
  assertEquals(
    ["slow", "endless"].map((name) => {
      const [span] = named(spans, `process ${name}`);
      return [span!.isError, span!.attributes["error.type"], span!.message];
    }),
    [
      [true, "TimeoutError", "The attempt took longer than 20 ms"],
      [true, "ERR_PIPELINE_CANCELLED", "The job was cancelled"],
    ],
  );
});

test("the pipeline reports an attempt whose worker was killed", {
  timeoutMs: 60_000,
}, async (t) => {
  const spans = collectSpans(t);
  const { pipeline, requests } = await open(t, { steps: [hang] });
  const options = { pipeline: requests, step: "hang" };
  const worker = await startTraced(t, "node", spans, options);
  const active = seen(t, pipeline, "job:active:");
  const id = await pipeline.submit(hang, null);
  await active;
  worker.kill("SIGKILL");
  await run(t, hang, requests); // here it does not hang
  assertEquals(await pipeline.result(id), 0);
  assertEquals(treeOf(spans), [
    "submit hang",
    "  dispatch hang #1",
    "  dispatch hang #2",
    "  lose hang #1",
    "  process hang #2",
  ]);
  const [lost] = named(spans, "lose hang");
  assertEquals(
    [lost!.isError, lost!.message, lost!.attributes["agentzero.worker.id"]],
    [true, "The worker was lost: killed", await worker.ready],
  );
  assert(lost!.durationMs >= 200, `${lost!.durationMs} ms`); // what it cost
});

test("a handler's submissions and active spans belong to its trace", async (t) => {
  const spans = collectSpans(t);
  const inner = defineStep("inner", (n: number) => n + 1);
  const outer = defineStep("outer", async (n: number) => {
    const client = clientOf(t, requests);
    return await client.result<number>(await client.submit(inner, n));
  });
  const flows = [flow(outer), flow(inner)];
  const { requests } = await open(t, { flows });
  await runAll(t, [outer, inner], requests);
  const client = clientOf(t, requests);
  const tracer = api.trace.getTracer("the user's");
  const result = await tracer.startActiveSpan("work", async (span) => {
    const id = await client.submit(outer, 1);
    span.end();
    return await client.result(id);
  });
  assertEquals(result, 2);
  await eventually(() => spans.length >= 9);
  assertEquals(treeOf(spans), [
    "work",
    "  submit outer",
    "    dispatch outer #1",
    "    process outer #1",
    "      submit inner",
    "        dispatch inner #1",
    "        process inner #1",
    "        receive inner",
    "    receive outer",
  ]);
});

test("a submission has the address of the pipeline, and the error if it was refused", async (t) => {
  const spans = collectSpans(t);
  const { requests } = await open(t, { steps: [double], maxQueued: 1 });
  const client = clientOf(t, requests);
  const id = await client.submit("double", 1);
  assertEquals(
    await codeOf(client.submit("double", 2)),
    "ERR_PIPELINE_FULL",
  );
  const [good, bad] = named(spans, "submit double");
  assertEquals([good!.kind, good!.scope], ["PRODUCER", "agentzero"]);
  assertEquals(good!.attributes, {
    "messaging.system": "agentzero",
    "messaging.operation.name": "submit",
    "messaging.operation.type": "send",
    "messaging.destination.name": "double",
    "messaging.message.id": id,
    "messaging.message.conversation_id": id,
    "server.address": "127.0.0.1",
    "server.port": Number(new URL(requests).port),
  });
  assertEquals(
    [bad!.isError, bad!.attributes["error.type"]],
    [true, "ERR_PIPELINE_FULL"],
  );
  const received = named(spans, "receive double");
  assertEquals(received.map(({ kind, isError }) => [kind, isError]), [
    ["SERVER", false],
    ["SERVER", true],
  ]);
});

test("the trace of a flow without a traced client begins at the pipeline", async (t) => {
  const spans = collectSpans(t);
  const { requests, pipeline } = await open(t, {
    steps: [double],
    schedules: [{
      id: "clock",
      flow: "double",
      cron: "* * * * * *",
      payload: 4,
    }],
  });
  const ended = seen(t, pipeline, "job:completed:", 2);
  await run(t, double, requests);
  const client = clientOf(t, requests);
  // As a client in another language, which does not trace.
  await client.request({ type: "submit", flow: "double", payload: 3 });
  await ended;
  const roots = spans.filter(({ parentId }) => parentId === undefined);
  assertEquals(
    roots.map(({ name }) => name).slice(0, 2).sort(),
    ["receive double", "submit double"],
  );
  const byClock = roots.find(({ name }) => name === "submit double")!;
  assertEquals(byClock.attributes["agentzero.schedule.id"], "clock");
  for (const { traceId } of roots.slice(0, 2)) {
    const names = spans.filter((span) => span.traceId === traceId)
      .map(({ name }) => name).sort();
    assert(names.includes("dispatch double"), names.join());
    assert(names.includes("process double"), names.join());
  }
});

test("a given trace goes on, also across a restart of the pipeline", async (t) => {
  const spans = collectSpans(t);
  const store = memoryStore();
  const steps = [trim, measure] as const;
  const first = await open(t, { steps, store });
  const trimming = await run(t, trim, first.requests);
  const trimmed = seen(t, first.pipeline, "job:completed:trim");
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const id = await first.pipeline.submit(trim, " x ", {
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
  });
  await trimmed;
  await trimming.close();
  await first.pipeline.close();
  const second = await open(t, { steps, store });
  await run(t, measure, second.requests);
  assertEquals(await second.pipeline.result(id), 0);
  assertEquals(new Set(spans.map((span) => span.traceId)), new Set([traceId]));
  const [submit] = named(spans, "submit trim");
  assertEquals(submit!.parentId, "b7ad6b7169203331");
  const [one] = named(spans, "process trim");
  const [two] = named(spans, "process measure");
  assertEquals(two!.links, [one!.spanId]);
  assertEquals(named(spans, "dispatch measure").length, 1);
});

test("steps end in order when a span is open", async (t) => {
  const spans = collectSpans(t);
  const begun = deferred<void>();
  const stuck = defineStep("stuck", (_: unknown, { signal }) => {
    begun.resolve();
    return new Promise<void>((_, reject) =>
      signal.addEventListener(
        "abort",
        () => reject(new NonRetryableError("gone")),
      )
    );
  });
  const { pipeline, requests } = await open(t, { steps: [stuck] });
  const step = await run(t, stuck, requests);
  await pipeline.submit(stuck, null);
  await begun.promise;
  await step.close();
  const [span] = named(spans, "process stuck");
  assertEquals([span!.isError, span!.message], [true, "The step is to end"]);
});
