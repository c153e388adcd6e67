/** Integration: many flows that a client submits together. */
import { Router } from "@agentzero/agentzero/zmq";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { defineStep, PipelineError } from "@agentzero/agentzero/pipeline";
import { test } from "../../support/harness.ts";
import { clientOf, open, run } from "../support/pipelines.ts";

const double = defineStep("double", (n: number) => 2 * n);

test("many flows are submitted in order, in requests of bounded size", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [double] });
  await run(t, double, requests, { concurrency: 10 });
  const client = clientOf(t, requests);
  const numbers = Array.from({ length: 2500 }, (_, n) => n);
  const ids = await client.submitMany(double, numbers);
  assertEquals(new Set(ids).size, 2500);
  for (const n of [0, 999, 1000, 2499]) {
    assertEquals(await client.result<number>(ids[n]!), 2 * n);
    const { jobs } = await pipeline.operations.status(ids[n]!);
    assertEquals(jobs[0]!.payload, String(n));
  }
  assertEquals(await client.submitMany(double, []), []);
  const numbered = Array.from({ length: 300 }, () => numbers); // many parts
  assertEquals((await client.submitMany("double", numbered)).length, 300);
  const large = Array.from({ length: 5 }, () => "ü".repeat(200_000));
  assertEquals((await client.submitMany("double", large)).length, 5);
});

test("many flows have options in common, and of their own", async (t) => {
  const { requests } = await open(t, { steps: [double] });
  const client = clientOf(t, requests);
  await client.pause();
  const ids = await client.submitMany(double, [1, 2, 3, 4], {
    priority: 7,
    delayMs: 60_000,
    optionsOf: (n) =>
      n === 2
        ? { id: "second", priority: 1, delayMs: 0 }
        : { key: n === 1 ? undefined : "same" },
  });
  assertEquals(ids[1], "second");
  assertEquals(ids[3], ids[2]); // the key of a running flow
  const jobs = await Promise.all(
    ids.slice(0, 3).map(async (id) => (await client.status(id)).jobs[0]!),
  );
  assertEquals(jobs.map(({ state, priority }) => [state, priority]), [
    ["scheduled", 7],
    ["waiting", 1],
    ["scheduled", 7],
  ]);
});

test("what is submitted again with its ids counts once", async (t) => {
  const { requests } = await open(t, { steps: [double] });
  const client = clientOf(t, requests);
  await run(t, double, requests);
  const optionsOf = (n: number) => ({ id: `n-${n}` });
  await client.submit(double, 2, optionsOf(2));
  assertEquals(await client.result("n-2"), 4); // over, and only in the store
  for (let i = 0; i < 2; i++) {
    const ids = await client.submitMany(double, [1, 2, 3], { optionsOf });
    assertEquals(ids, ["n-1", "n-2", "n-3"]);
  }
  assertEquals((await client.flows()).length, 3);
});

test("a request of many submissions is refused as a whole", async (t) => {
  const { requests } = await open(t, {
    steps: [double],
    maxQueued: 5,
  });
  const client = clientOf(t, requests);
  await client.pause();
  const refused = async (call: Promise<unknown>) => {
    const error = await assertRejects(() => call, PipelineError);
    assertEquals(await client.flows(), []);
    return error;
  };
  const full = await refused(client.submitMany(double, [1, 2, 3, 4, 5, 6]));
  assertEquals([full.code, full.ids.length], ["ERR_PIPELINE_FULL", 6]);
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const invalid = await refused(client.submitMany("double", [1, cyclic]));
  assertEquals(invalid.code, "ERR_PIPELINE_INVALID");
  assert(invalid.message.startsWith("Submission 1: "), invalid.message);
  const unknown = await refused(client.submitMany("treble", [1, 2]));
  assertEquals(unknown.code, "ERR_PIPELINE_UNKNOWN");
  const reserved = client.submitMany(double, [1, 2], {
    optionsOf: (n) => n === 1 ? {} : { id: "a-20250131T120000Z" },
  });
  assertEquals((await refused(reserved)).code, "ERR_PIPELINE_INVALID");
  const ids = await client.submitMany(double, [1, 2, 3, 4, 5]);
  assertEquals(ids.length, 5);
});

test("an error has the ids with which all can be submitted again", async (t) => {
  const client = clientOf(t, "tcp://127.0.0.1:9"); // no one listens there
  const error = await assertRejects(
    () => client.submitMany(double, [1, 2], { timeoutMs: 20 }),
    PipelineError,
  );
  assertEquals([error.code, error.ids.length], ["ERR_PIPELINE_TIMEOUT", 2]);
});

test("an older pipeline gets many submissions one by one", async (t) => {
  const router = t.use(new Router());
  await router.bind("tcp://127.0.0.1:0");
  const seen: Record<string, unknown>[] = [];
  const old = (async () => {
    for await (const frames of router) {
      const request = JSON.parse(String(frames.at(-1)));
      seen.push(request);
      const { type, request_id } = request;
      const answer = type === "describe"
        ? { status: 200, minor: 1 }
        : type === "submit"
        ? { status: 200, id: request.id, new: true }
        : {
          status: 400,
          code: "ERR_PIPELINE_INVALID",
          message: `Unknown request type "${type}"`,
        };
      const bytes = JSON.stringify({ ...answer, request_id });
      await router.send([...frames.slice(0, -1), bytes]);
    }
  })();
  const client = clientOf(t, router.lastEndpoint!);
  const ids = await client.submitMany(double, [1, 2, 3], {
    priority: 4,
    optionsOf: (n) => n === 3 ? { id: "third", priority: 9 } : {},
  });
  assertEquals(ids[2], "third");
  assertEquals(seen.slice(0, 2).map(({ type }) => type), [
    "submit_many",
    "describe",
  ]);
  assertEquals(
    seen.slice(2).map(({ type, flow, id, instructions, priority }) => [
      type,
      flow,
      id,
      instructions,
      priority,
    ]),
    [1, 2, 3].map((n, i) => ["submit", "double", ids[i], n, n === 3 ? 9 : 4]),
  );
  await client.close();
  await router.close();
  await old;
});
