/**
 * Integration: what strangers claim, and what they make a pipeline keep, over
 * raw connections with low limits, with an honest job beside each.
 *
 * Kinds whose rules have tests of their own:
 *
 * | kind                                        | tests                                            |
 * | ------------------------------------------- | ------------------------------------------------ |
 * | results, releases and ends of other workers | tests/pipeline/coordinator/claims.test.ts        |
 * | orders to a worker, addresses of workers    | tests/pipeline/trust.test.ts                     |
 * | a job that takes its neighbours with it     | tests/pipeline/coordinator/suspects.test.ts      |
 * | schedules                                   | tests/pipeline/coordinator/schedules.test.ts     |
 * | pages of answers                            | tests/pipeline/server/requests.test.ts           |
 * | errors that are counted                     | tests/zmq/error_log.test.ts                      |
 */
import { assert, assertEquals } from "@std/assert";
import { eventually, test } from "../../support/harness.ts";
import { frame } from "../../support/peers/zmtp_bytes.ts";
import { many } from "../../siege/raider.ts";
import { besieged, request, STEP_MS } from "./besieged.ts";

const KIB = 1024;
const LIMIT = { timeoutMs: 30_000 };

/** A worker at a port where nothing listens. */
function ghost(n: number, jobType: string, address = "tcp://127.0.0.1:1") {
  return {
    ...{
      type: "available",
      v: 1,
      id: `ghost-${n}`,
      job_type: jobType,
      address,
    },
    ...{ step_name: "s", host: "h", pid: 1, runtime: "r", concurrency: 1 },
    ...{ credit: Number.MAX_SAFE_INTEGER, running: [], draining: false },
  };
}

test(
  "forged results, failures and leaves change nothing",
  LIMIT,
  async (t) => {
    const { raid, honest, worker, client, pipeline } = await besieged(t);
    const id = await client.submit("idle", 1);
    const raider = await raid("results");
    const error = { name: "E", message: "forged", retryable: false };
    for (const name of ["eve", worker.id]) {
      const claim = { worker: name, id, attempt: 1 };
      await raider.say(
        { type: "success", ...claim, result: "forged" },
        { type: "failed", ...claim, error },
        { type: "release", ...claim },
        { type: "progress", ...claim, progress: 1 },
        { type: "leave", worker: name },
      );
    }
    for (let i = 0; i < 3; i++) await honest();
    const { state, jobs } = await client.status(id);
    assertEquals([state, jobs[0]!.state], ["running", "waiting"]);
    const { workers } = await pipeline.operations.stats();
    assert(workers.some((one) => one.id === worker.id), "the worker is gone");
  },
);

test("a worker ignores messages of strangers", LIMIT, async (t) => {
  const { raidWorker, honest, pipeline } = await besieged(t);
  const raider = await raidWorker();
  const job = { id: "eve", attempt: 1, flow_id: "eve", payload: 1 };
  await raider.say(
    { type: "job", ...job, job_type: "double" },
    { type: "job", ...job, job_type: "other" },
    { type: "hello", v: 1, epoch: "eve" },
    { type: "cancel", id: "eve", attempt: 1 },
    { type: "drain" },
  );
  for (let i = 0; i < 3; i++) await honest();
  assertEquals((await pipeline.operations.stats()).workers.length, 2);
});

test(
  "unreachable workers get no jobs, and do not displace others",
  LIMIT,
  async (t) => {
    const { raid, honest, client } = await besieged(t);
    const raider = await raid("results");
    for (let n = 0; n < 100; n++) {
      await raider.say(ghost(n, n % 2 === 0 ? "double" : `type-${n}`));
    }
    await raider.say(ghost(100, "double", "inproc://here"));
    await raider.say(ghost(101, "double", "ipc:///tmp/elsewhere"));
    for (let i = 0; i < 5; i++) await honest();
    const { workers } = await client.stats();
    const odd = workers.filter(({ address }) =>
      address !== "" && !address.startsWith("tcp://127.")
    );
    assertEquals(odd, []);
  },
);

test(
  "requests that wait for ever do not block other answers",
  LIMIT,
  async (t) => {
    const { raid, honest, client } = await besieged(t);
    const id = await client.submit("idle", 1);
    const raider = await raid("requests");
    const wait = request({ type: "result", id, wait_ms: 60_000 });
    await raider.put(many(wait, 64 * KIB));
    await honest();
    await client.cancel(id); // each of them is answered
    await honest();
  },
);

test(
  "schedules that are too many, too frequent or never due are refused",
  LIMIT,
  async (t) => {
    const { ask, honest, pipeline } = await besieged(t, { maxSchedules: 3 });
    const schedule = (id: string, cron: string) => ({
      ...{ type: "schedule", id, flow: "idle", cron },
    });
    const answers = await ask(
      ...["a", "b", "c", "d"].map((id) => schedule(id, "0 0 1 1 *")),
      schedule("a", "* * * * * *"),
      schedule("a", "0 0 31 2 *"),
    );
    assertEquals(answers.map(({ status }) => status), [
      ...[200, 200, 200, 429, 400, 400],
    ]);
    assertEquals(pipeline.operations.schedules().length, 3);
    await honest();
  },
);

test(
  "the status of a flow with many jobs comes page by page",
  LIMIT,
  async (t) => {
    const { ask, client, honest } = await besieged(t);
    const id = await client.submit("lists", 2000);
    await eventually(
      async () => (await client.status(id, { limit: 0 })).jobCount > 2000,
      STEP_MS,
      "the jobs of the list",
    );
    const answers = await ask({ type: "status", id }, {
      type: "status",
      id,
      limit: 1_000_000,
    });
    for (const { status, jobs, job_count } of answers) {
      assertEquals([status, job_count], [200, 2001]);
      assert((jobs as unknown[]).length <= 1000, "all jobs at once");
    }
    await client.cancel(id);
    await honest();
  },
);

test("late results are one event of a timeline", LIMIT, async (t) => {
  const { raid, honest, client } = await besieged(t);
  const id = await client.submit("idle", 1);
  const raider = await raid("results");
  const late = { type: "success", worker: "e", id, attempt: 99, result: 0 };
  await raider.put(many(frame(JSON.stringify(late)), 64 * KIB));
  await honest();
  const lines = await client.timeline(id);
  assert(lines.length <= 3, `${lines.length} lines`);
});
