/** Integration: clients of a pipeline, ours and a plain REQ. */
import { zmq } from "@agentzero/agentzero";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  defineStep,
  flow,
  PipelineError,
  type WatchEvent,
} from "@agentzero/agentzero/pipeline";
import { eventually, test, within } from "../../support/harness.ts";
import { clientOf, codeOf, open, run, seen } from "../support/pipelines.ts";

const double = defineStep("double", (n: number) => 2 * n);
const fail = defineStep("fail", (_: null, { attempt }) => {
  if (attempt === 1) throw new Error("not yet");
  return attempt;
}, { retry: { attempts: 1 } });

test("the guide's client: a REQ that speaks JSON", async (t) => {
  const { requests } = await open(t, { steps: [double] });
  await run(t, double, requests);
  const req = t.use(new zmq.Request());
  req.connect(requests);
  const ask = async (request: object) => {
    await req.send(JSON.stringify(request));
    const [answer] = await within(req.receive(), 3000, "the answer");
    return JSON.parse(String(answer));
  };
  const { status, id } = await ask({ job_type: "double", payload: 4 });
  assertEquals(status, 200);
  const result = await ask({ type: "result", id, wait_ms: 3000 });
  assertEquals([result.status, result.state, result.result], [
    200,
    "completed",
    8,
  ]);
  const unknown = await ask({ job_type: "treble" });
  assertEquals([unknown.status, unknown.code], [400, "ERR_PIPELINE_UNKNOWN"]);
  await req.send("this is no JSON");
  const [answer] = await req.receive();
  assertEquals(JSON.parse(String(answer)).status, 400);
});

test("a client submits, waits, queries and controls", async (t) => {
  const { requests } = await open(t, { flows: [flow(double), flow(fail)] });
  const worker = await run(t, double, requests);
  await run(t, fail, requests);
  const client = clientOf(t, requests);
  const id = await client.submit(double, 5, { id: "mine", priority: 2 });
  assertEquals([id, await client.result<number>(id)], ["mine", 10]);
  assertEquals(await client.submit("double", 6, { id }), "mine");
  const { state, jobs } = await client.status(id);
  assertEquals([state, jobs[0]!.worker, jobs[0]!.result], [
    "completed",
    worker.id,
    10,
  ]);
  const timeline = await client.timeline(id);
  assertEquals(timeline.map(({ type }) => type), ["dispatched", "completed"]);

  const bad = await client.submit(fail, null);
  assertEquals(await codeOf(client.result(bad)), "ERR_PIPELINE_FAILED");
  assertEquals((await client.jobs({ states: ["dead"] })).map(({ id }) => id), [
    bad,
  ]);
  assertEquals(await client.retry(bad), 1);
  assertEquals(await client.result(bad), 2);

  await client.pause("double");
  const waiting = await client.submit(double, 1);
  assertEquals(
    await codeOf(client.result(waiting, { timeoutMs: 20 })),
    "ERR_PIPELINE_TIMEOUT",
  );
  await client.cancel(waiting);
  assertEquals(await codeOf(client.result(waiting)), "ERR_PIPELINE_CANCELLED");
  await client.resume();
  const stats = await client.stats();
  assertEquals(stats.workers.length, 2);
  assertEquals(
    stats.jobTypes.find(({ jobType }) => jobType === "double")!.paused,
    false,
  );
  const [summary] = await client.jobs({ name: "double", limit: 1 });
  assertEquals(["payload" in summary!, summary!.id], [false, waiting]);
  const full = { states: ["completed"], payloads: true } as const;
  assertEquals(
    (await client.jobs({ ...full, name: "double" })).map((one) => [
      one.payload,
      one.result,
    ]),
    [[5, 10]],
  );
  const [head] = await client.flows({ states: ["completed"], name: "double" });
  assertEquals([head!.id, head!.result], ["mine", undefined]);
  assertEquals((await client.flows(full)).map(({ result }) => result), [2, 10]);
  const pages = [];
  let before: string | undefined;
  for (;;) {
    const [flow] = await client.flows({ limit: 1, before });
    if (flow === undefined) break;
    pages.push(flow.id);
    before = flow.id;
  }
  assertEquals(pages, [waiting, bad, "mine"]);
  const forgotten = { before: "forgotten" };
  for (const list of [client.flows(forgotten), client.jobs(forgotten)]) {
    assertEquals(await codeOf(list), "ERR_PIPELINE_UNKNOWN");
  }
  assertEquals(await client.drain("double"), 1);
  await within(worker.closed, 3000, "the worker's end");
});

test("a client retries all dead jobs of a type, except those that a key blocks", async (t) => {
  let isBroken = true;
  const options = { retry: { attempts: 1 } };
  const flaky = (type: string) =>
    defineStep(type, (n: number) => {
      if (isBroken) throw new Error("broken");
      return n;
    }, options);
  const [a, b] = [flaky("a"), flaky("b")];
  const { requests } = await open(t, { flows: [flow(a), flow(b)] });
  const client = clientOf(t, requests);
  await run(t, a, requests, { concurrency: 3 });
  await run(t, b, requests);
  const ids = [];
  for (let n = 0; n < 5; n++) ids.push(await client.submit(a, n));
  ids.push(await client.submit(a, 5, { key: "K" }));
  const other = await client.submit(b, 6);
  for (const id of [...ids, other]) await codeOf(client.result(id));

  isBroken = false;
  await client.pause("a");
  const holder = await client.submit(a, 7, { key: "K" });
  assertEquals(await codeOf(client.retry(ids[5]!)), "ERR_PIPELINE_STATE");
  assertEquals(await client.retryAll({ type: "a", limit: 2 }), 2);
  assertEquals(await client.retryAll({ type: "a" }), 3);
  assertEquals(await client.retryAll({ type: "a" }), 0);
  await client.resume("a");
  assertEquals(await client.result(holder), 7);
  assertEquals(await client.retryAll(), 2);
  for (const [n, id] of [...ids, other].entries()) {
    assertEquals(await client.result(id), n);
  }
  for (
    const wrong of [{ typ: "a" }, { limit: 0 }, { limit: NaN }, { type: 5 }]
  ) {
    assertEquals(
      await codeOf(client.retryAll(wrong as never)),
      "ERR_PIPELINE_INVALID",
    );
  }
  assertEquals(
    await codeOf(client.retryAll({ type: "z" })),
    "ERR_PIPELINE_UNKNOWN",
  );
});

test("a client schedules", async (t) => {
  const { requests } = await open(t, { steps: [double], minScheduleMs: 0 });
  await run(t, double, requests);
  const client = clientOf(t, requests);
  const nextAt = await client.schedule("often", double, 3, {
    cron: "* * * * * *",
  });
  assert(nextAt > Date.now() - 1000);
  const [schedule] = await client.schedules();
  assertEquals([schedule!.id, schedule!.payload], ["often", 3]);
  const events = client.watch("job:completed:double:often-");
  const { value } = await within(events.next(), 5000, "a run");
  await events.return();
  const id = (value as WatchEvent).topic.split(":").at(-1)!;
  assertEquals(await client.result(id), 6);
  await client.pauseSchedule("often");
  assertEquals((await client.schedules())[0]!.paused, true);
  await client.resumeSchedule("often");
  assertEquals((await client.schedules())[0]!.paused, false);
  await client.unschedule("often");
  assertEquals(await client.schedules(), []);
  assertEquals(
    await codeOf(client.schedule("bad", double, 3, { cron: "never" })),
    "ERR_PIPELINE_INVALID",
  );
});

test("a client watches until its signal is aborted", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  const client = clientOf(t, requests);
  const controller = new AbortController();
  const ids: unknown[] = [];
  const watching = (async () => {
    const events = client.watch("job:waiting:", { signal: controller.signal });
    for await (const { data } of events) ids.push((data as { id: string }).id);
  })();
  // A subscription takes its time: what happens before is not seen.
  const submitted: string[] = [];
  await eventually(async () => {
    submitted.push(await pipeline.submit(double, 1));
    return ids.length > 0;
  });
  assert(submitted.includes(ids[0] as string));
  controller.abort();
  await within(watching, 2000, "the end of the watch");
});

test("a watch that gets a listener says so at once", async (t) => {
  const { requests } = await open(t, { steps: [double] });
  const client = clientOf(t, requests);
  const listener: unknown = (_: WatchEvent) => {}; // as JavaScript may
  const error = assertThrows(
    () => client.watch("job:", listener as object),
    PipelineError,
  );
  assertEquals(error.code, "ERR_PIPELINE_INVALID");
  assertThrows(() => client.watch(listener as string), PipelineError, "text");
});

test("a client's request waits for its pipeline, or times out", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  await pipeline.close();
  const client = clientOf(t, requests);
  assertEquals(
    await codeOf(client.submit(double, 1, { timeoutMs: 30 })),
    "ERR_PIPELINE_TIMEOUT",
  );
  const signal = AbortSignal.timeout(30);
  const error = await assertRejects(
    () => client.stats({ signal }),
    DOMException,
  );
  assertEquals(error.name, "TimeoutError");
  const waiting = codeOf(client.submit(double, 1));
  await client.close();
  assertEquals(await waiting, "ERR_PIPELINE_CLOSED");
  assertEquals(await codeOf(client.stats()), "ERR_PIPELINE_CLOSED");
});

test("a submission without an answer can be repeated, and counts once", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  await run(t, double, requests);
  // It takes what it is asked, and does not answer.
  const silent = t.use(new zmq.Router());
  await silent.bind("tcp://127.0.0.1:*");
  const client = clientOf(t, silent.lastEndpoint!);
  const failing = assertRejects(
    () => client.submit(double, 4, { timeoutMs: 500 }),
    PipelineError,
  );
  const [, , request] = await silent.receive();
  const { id } = JSON.parse(String(request));
  const error = await failing;
  assertEquals([error.code, error.id], ["ERR_PIPELINE_TIMEOUT", id]);
  // Late delivery does no harm.
  const other = clientOf(t, requests);
  const { new: isNew } = await other.request(JSON.parse(String(request)));
  assertEquals(isNew, true);
  assertEquals(await other.submit(double, 4, { id: error.id }), id);
  assertEquals(await other.result(id), 8);
  assertEquals((await pipeline.operations.flows({ limit: 9 })).length, 1);
});

test("each of a thousand concurrent requests is answered", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  await run(t, double, requests, { concurrency: 100 });
  const client = clientOf(t, requests);
  const all = seen(t, pipeline, "job:completed:", 1000);
  const ids = await Promise.all(
    Array.from({ length: 1000 }, (_, n) => client.submit(double, n)),
  );
  await all;
  const results = await Promise.all(ids.map((id) => client.result(id)));
  assertEquals(results, ids.map((_, n) => 2 * n));
});
