/** Integration: handlers that ignore their signal, and the places that they keep. */
import { assertEquals } from "@std/assert";
import { defineStep } from "@agentzero/agentzero/pipeline";
import {
  deferred,
  eventually,
  test,
  type TestContext,
} from "../../support/harness.ts";
import { open, run, seen } from "../support/pipelines.ts";

const retry = { attempts: 3, delayMs: 1, maxDelayMs: 1 };

/** A step whose first attempts go on until the test ends, whatever their signal says. */
function stuck(t: TestContext, timeoutMs?: number) {
  const { promise, resolve } = deferred<string>();
  t.cleanup(() => resolve("too late"));
  const step = defineStep(
    "stuck",
    (how: string, { attempt }) =>
      how === "stuck" && attempt === 1 ? promise : `${how} ${attempt}`,
    { timeoutMs, retry },
  );
  return { step, end: () => resolve("too late") };
}

test("a job does not wait for a handler that ignores its signal while another worker is idle", async (t) => {
  const { step } = stuck(t, 50);
  const { pipeline, requests } = await open(t, { steps: [step] });
  await run(t, step, requests);
  const active = seen(t, pipeline, "job:active:");
  const id = await pipeline.submit(step, "stuck");
  await active;
  const idle = await run(t, step, requests);
  assertEquals(await pipeline.result(id, { timeoutMs: 3000 }), "stuck 2");
  assertEquals((await pipeline.operations.status(id)).jobs[0]!.worker, idle.id);
});

test("a worker returns its queued jobs if all its handlers ignore their signals", async (t) => {
  const { step } = stuck(t);
  const { pipeline, requests } = await open(t, { steps: [step] });
  await run(t, step, requests, { prefetch: 2 });
  const first = await pipeline.submit(step, "stuck");
  const active = seen(t, pipeline, "job:active:", 2);
  const others = [
    await pipeline.submit(step, "one"),
    await pipeline.submit(step, "two"),
  ];
  await active;
  await pipeline.operations.cancel(first);
  await run(t, step, requests);
  for (const id of others) {
    await pipeline.result(id, { timeoutMs: 4000 });
    const [job] = (await pipeline.operations.status(id)).jobs;
    assertEquals([job!.kills, job!.failures], [0, 0]);
  }
});

test("a slot held by a handler that ignores its signal is not credit until it returns", async (t) => {
  const { step, end } = stuck(t, 30);
  const { pipeline, requests } = await open(t, { steps: [step] });
  await run(t, step, requests, { concurrency: 2, prefetch: 3 });
  const credit = async () =>
    (await pipeline.operations.stats()).workers[0]?.info.credit;
  assertEquals(await credit(), 5);
  const id = await pipeline.submit(step, "stuck");
  assertEquals(await pipeline.result(id), "stuck 2");
  assertEquals(await credit(), 4);
  const [worker] = (await pipeline.operations.stats()).workers;
  assertEquals(worker!.info.running, []);
  end();
  await eventually(async () => await credit() === 5);
});
