/** Integration: what is too large is refused, or fails with a reason; nothing else suffers. */
import { zmq } from "@agentzero/agentzero";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { defineStep, flow, PipelineError } from "@agentzero/agentzero/pipeline";
import { test, within } from "../support/harness.ts";
import { clientOf, open, run, runAll } from "./support/pipelines.ts";

const TOO_LARGE = "ERR_PIPELINE_TOO_LARGE";
const maxPayloadBytes = 1000;
const size = defineStep("size", (text: string) => text.length);
const grow = defineStep("grow", (n: number) => "ö".repeat(n));

async function failureOf(result: Promise<unknown>): Promise<PipelineError> {
  return await assertRejects(() => result, PipelineError);
}

test("payloads that are too large are refused, in bytes", async (t) => {
  const { pipeline, requests } = await open(t, {
    steps: [size],
    maxPayloadBytes,
  });
  await run(t, size, requests);
  const client = clientOf(t, requests);
  for (const text of ["x".repeat(999), "ö".repeat(500)]) {
    const refused = [pipeline.submit(size, text), client.submit(size, text)];
    for (const one of refused) {
      const { code, message } = await failureOf(one);
      assertEquals([code, message], [
        TOO_LARGE,
        `The payload has ${
          text.length === 500 ? 1002 : 1001
        } bytes of JSON, and the pipeline takes 1000 at most (maxPayloadBytes)`,
      ]);
    }
  }
  const schedule = client.schedule("s", size, "x".repeat(999), {
    cron: "0 0 * * *",
  });
  assertEquals((await failureOf(schedule)).code, TOO_LARGE);
  const declared = open(t, {
    steps: [size],
    maxPayloadBytes,
    schedules: [{
      ...{ id: "s", flow: size, cron: "0 0 * * *" },
      payload: "x".repeat(999),
    }],
  });
  assertEquals((await failureOf(declared)).code, TOO_LARGE);
  assertEquals(await pipeline.operations.flows({ limit: 9 }), []);
  const id = await client.submit(size, "x".repeat(998));
  assertEquals(await client.result(id), 998);
});

test("a result that is too large makes its job dead at once, and affects nothing else", async (t) => {
  const { pipeline, requests, errors } = await open(t, {
    steps: [grow],
    maxPayloadBytes,
  });
  const worker = await run(t, grow, requests, { concurrency: 2 });
  const large = await pipeline.submit(grow, 500);
  const { code, failure } = await failureOf(pipeline.result(large));
  assertEquals([code, failure?.code, failure?.retryable], [
    "ERR_PIPELINE_FAILED",
    TOO_LARGE,
    false,
  ]);
  assert(failure!.message.startsWith("The result has 1002 bytes of JSON"));
  const { jobs: [job] } = await pipeline.operations.status(large);
  assertEquals([job!.state, job!.attempt, job!.result], [
    "dead",
    1,
    undefined,
  ]);
  assertEquals(await pipeline.result(await pipeline.submit(grow, 3)), "ööö");
  const [one] = (await pipeline.operations.stats()).workers;
  assertEquals([one?.id, errors], [worker.id, []]);
});

test("so does one of a step that ignores the limit", async (t) => {
  const { pipeline, requests } = await open(t, {
    steps: [grow],
    maxPayloadBytes,
  });
  const client = clientOf(t, requests);
  const { results } = await client.request({ type: "describe" });
  const push = t.use(new zmq.Push({ linger: 0 }));
  push.connect(String(results));
  const pull = t.use(new zmq.Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const say = (message: object) => push.send(JSON.stringify(message));
  await say({
    ...{ type: "available", v: 1, id: "w", address: pull.lastEndpoint },
    ...{ job_type: "grow", step_name: "grow", host: "here", pid: 1 },
    ...{ runtime: "test", concurrency: 1, credit: 1, running: [] },
    draining: false,
  });
  const receive = async () =>
    JSON.parse(String((await within(pull.receive(), 3000, "a message"))[0]));
  assertEquals((await receive()).max_payload_bytes, maxPayloadBytes);
  const id = await pipeline.submit(grow, 1);
  const { attempt } = await receive();
  const result = "x".repeat(5000);
  await say({ type: "success", worker: "w", id, attempt, result });
  const { failure } = await failureOf(pipeline.result(id));
  assertEquals(failure?.code, TOO_LARGE);
  assertEquals((await receive()).type, "settled"); // it shall not be sent again
});

test("a list with more items than the pipeline takes fails its flow", async (t) => {
  const list = defineStep(
    "list",
    (n: number) => Array.from({ length: n }, (_, i) => "x".repeat(i)),
  );
  const sizes = flow(list, "sizes").each(size);
  const { pipeline, requests } = await open(t, { flows: [sizes], maxItems: 3 });
  await runAll(t, [list, size], requests);
  const id = await pipeline.submit(sizes, 4);
  const { failure } = await failureOf(pipeline.result(id));
  assertEquals([failure?.code, failure?.message], [
    TOO_LARGE,
    'The step "size" would run for 4 items; the maximum is 3 (maxItems)',
  ]);
  assertEquals((await pipeline.operations.status(id)).jobs.length, 1);
  const three = await pipeline.submit(sizes, 3);
  assertEquals(await pipeline.result(three), [0, 1, 2]);
});

test("a list of results that is too large fails its flow", async (t) => {
  const list = defineStep("list", (n: number) => Array<number>(n).fill(100));
  const count = defineStep("count", (all: string[]) => all.length);
  const texts = flow(list, "texts").each(grow).to(count);
  const { pipeline, requests } = await open(t, {
    flows: [texts],
    maxPayloadBytes,
  });
  await runAll(t, [list, grow, count], requests);
  const id = await pipeline.submit(texts, 5);
  const { failure } = await failureOf(pipeline.result(id));
  assertEquals([failure?.code, failure?.message], [
    TOO_LARGE,
    "The list of results has 1016 bytes of JSON, and the pipeline takes 1000 at most (maxPayloadBytes)",
  ]);
  assertEquals(await pipeline.result(await pipeline.submit(texts, 4)), 4);
});
