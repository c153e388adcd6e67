/** Integration: what OpenTelemetry's SDK collects of a pipeline and of its steps. */
import * as api from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  MeterProvider,
  MetricReader,
} from "@opentelemetry/sdk-metrics";
import { assert, assertEquals } from "@std/assert";
import { defineStep, flow } from "@agentzero/agentzero/pipeline";
import { test, type TestContext } from "../../support/harness.ts";
import { codeOf, open, run, seen } from "../support/pipelines.ts";

/** Collects when it is asked. */
class Reader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const { CUMULATIVE, DELTA } = AggregationTemporality;

type Point = DataPoint<number | Histogram>;

/** The points of a metric that are of a job type. */
type Collect = (name: string, jobType: string) => Promise<Point[]>;

/** Lets the SDK measure; gives the way to what it has measured. */
function measure(t: TestContext, temporality = CUMULATIVE): Collect {
  const reader = new Reader({
    aggregationTemporalitySelector: () => temporality,
  });
  const provider = new MeterProvider({ readers: [reader] });
  api.metrics.setGlobalMeterProvider(provider);
  t.cleanup(async () => {
    api.metrics.disable();
    await provider.shutdown();
  });
  return async (name, jobType) => {
    const { resourceMetrics, errors } = await reader.collect();
    assertEquals(errors, []);
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints as Point[])
      .filter(({ attributes }) =>
        attributes["messaging.destination.name"] === jobType
      );
  };
}

const FAST = { attempts: 2, delayMs: 1, maxDelayMs: 1 };
const good = defineStep("good", (n: number) => n);
const bad = defineStep("bad", (_: number): number => {
  throw new RangeError("no");
}, { retry: FAST });

test("jobs are counted by outcome, with their durations", async (t) => {
  const points = measure(t);
  const { pipeline, requests } = await open(t, {
    flows: [flow(good), flow(bad, "chain").to(good)],
  });
  await run(t, good, requests);
  await run(t, bad, requests);
  const ids = await Promise.all([1, 2, 3].map((n) => pipeline.submit(good, n)));
  for (const id of ids) await pipeline.result(id);
  const failing = await pipeline.submit("chain", 1);
  assertEquals(await codeOf(pipeline.result(failing)), "ERR_PIPELINE_FAILED");
  const late = await pipeline.submit("chain", 1, { delayMs: 60_000 });
  await pipeline.operations.cancel(late);

  const count = async (name: string, jobType: string) =>
    (await points(`agentzero.jobs.${name}`, jobType)).map(({ value }) => value);
  assertEquals(await count("submitted", "good"), [3]);
  assertEquals(await count("completed", "good"), [3]);
  assertEquals(await count("failed", "good"), []);
  assertEquals(await count("submitted", "bad"), [2]);
  assertEquals(await count("completed", "bad"), []);
  assertEquals(await count("failed", "bad"), [2]);
  assertEquals(await count("retried", "bad"), [1]);
  assertEquals(await count("dead", "bad"), [1]);
  assertEquals(await count("cancelled", "bad"), [1]);

  const [failed] = await points("agentzero.jobs.failed", "bad");
  assertEquals(failed!.attributes, {
    "messaging.destination.name": "bad",
    "agentzero.pipeline.name": "test",
    "error.type": "RangeError",
  });
  const [waited] = await points("agentzero.queue.duration", "bad");
  assertEquals((waited!.value as Histogram).count, 2);
  const [took] = await points("messaging.process.duration", "good");
  assertEquals((took!.value as Histogram).count, 3);
  assert((took!.value as Histogram).sum! < 3, "seconds, not milliseconds");
  assertEquals(took!.attributes, {
    "messaging.system": "agentzero",
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": "good",
  });
  const [tookBad] = await points("messaging.process.duration", "bad");
  assertEquals((tookBad!.value as Histogram).count, 2);
  assertEquals(tookBad!.attributes["error.type"], "RangeError");
});

test("a job that its worker returns is counted with the reason", async (t) => {
  const points = measure(t);
  const stuck = defineStep(
    "stuck",
    (_: number, { signal, attempt }) =>
      attempt > 1
        ? undefined
        : new Promise<void>((resolve) =>
          signal.addEventListener("abort", () => resolve())
        ),
  );
  const { pipeline, requests } = await open(t, { steps: [stuck] });
  const step = await run(t, stuck, requests);
  const active = seen(t, pipeline, "job:active:");
  const id = await pipeline.submit(stuck, 1);
  await active;
  await step.close();
  await run(t, stuck, requests);
  await pipeline.result(id);
  const [requeued, ...others] = await points(
    "agentzero.jobs.requeued",
    "stuck",
  );
  assertEquals(others, []);
  assertEquals(
    [requeued!.value, requeued!.attributes["agentzero.requeue.reason"]],
    [1, "released"],
  );
});

test("gauges count waiting jobs and workers while the pipeline is open", async (t) => {
  // The SDK keeps cumulative values after they are no longer reported.
  const points = measure(t, DELTA);
  const held = defineStep(
    "held",
    (_: number, { signal }) =>
      new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve())
      ),
  );
  const { pipeline, requests } = await open(t, { steps: [held] });
  const gauges = async () => {
    const names = [
      "agentzero.queue.depth",
      "agentzero.queue.delayed",
      "agentzero.jobs.running",
      "agentzero.workers",
      "agentzero.credit",
    ];
    const values = [];
    for (const name of names) {
      const found = await points(name, "held");
      assert(found.length <= 1, "one value for each type");
      values.push(found[0]?.value);
    }
    return values;
  };
  assertEquals(await gauges(), [0, 0, 0, 0, 0]);
  await Promise.all([1, 2, 3, 4].map((n) => pipeline.submit(held, n)));
  await pipeline.submit(held, 5, { delayMs: 60_000 });
  assertEquals(await gauges(), [4, 1, 0, 0, 0]);
  const active = seen(t, pipeline, "job:active:", 3);
  await run(t, held, requests, { concurrency: 2, prefetch: 1 });
  await active;
  assertEquals(await gauges(), [1, 1, 3, 1, 3]);
  await pipeline.close();
  assertEquals(await gauges(), Array(5).fill(undefined));
});
