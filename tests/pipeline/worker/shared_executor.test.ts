/** The places of one worker, divided among the shards of its pipeline. */
import { assertEquals } from "@std/assert";
import type { JobMessage } from "../../../src/pipeline/protocol/messages.ts";
import { LocalExecutor } from "../../../src/pipeline/worker/local_executor.ts";
import { StepLog } from "../../../src/pipeline/worker/step_log.ts";
import {
  divide,
  SharedExecutor,
} from "../../../src/pipeline/worker/shared_executor.ts";
import { WorkerJobs } from "../../../src/pipeline/worker/worker_jobs.ts";
import { defineStep } from "@agentzero/agentzero/pipeline";
import {
  deferred,
  eventually,
  test,
  type TestContext,
} from "../../support/harness.ts";

test("places are divided by what is needed, fairly", () => {
  assertEquals(divide(10, [Infinity, Infinity]), [5, 5]);
  assertEquals(divide(10, [Infinity, 1]), [9, 1]);
  assertEquals(divide(10, [Infinity, 3, Infinity]), [4, 3, 3]);
  assertEquals(divide(10, [1, 1]), [5, 5]); // what no one needs
  assertEquals(divide(1, [Infinity, Infinity]), [1, 0]);
  assertEquals(divide(0, [1, 1]), [0, 0]);
});

/** Two shards with jobs of their own, one executor, and handlers that wait. */
async function scene(t: TestContext, capacity: number) {
  const waiting: (() => void)[] = [];
  const begun: string[] = [];
  const step = defineStep("wait", async (id: string) => {
    begun.push(id);
    const end = deferred();
    waiting.push(() => end.resolve());
    await end.promise;
  });
  const shared = new SharedExecutor(
    2,
    () => new LocalExecutor(step, (job) => ({ ...job }) as never, capacity),
  );
  t.cleanup(() => shared.close());
  const released: string[] = [];
  let announcements = 0;
  const shards = shared.shares.map((share) => {
    const jobs = new WorkerJobs(share, 0, new StepLog("wait", "w", () => {}), {
      begin: () => undefined,
      completed: () => {},
      released: ({ id }) => void released.push(id),
      creditChanged: () => void announcements++,
      ended: () => {},
    });
    share.owner = {
      roomAgain: () => jobs.roomAgain(),
      placesChanged: () => jobs.placesChanged(),
      jobs: () => jobs.size,
      channel: { send: () => {}, publish: () => {} },
    };
    return jobs;
  });
  await shared.start();
  const give = (shard: number, id: string) =>
    shards[shard]!.add({
      type: "job",
      id,
      attempt: 1,
      flow_id: id,
      job_type: "wait",
      payload: id,
    } as JobMessage);
  return { shared, shards, give, begun, waiting, released };
}

test("no more handlers run than without shards, and none is starved", async (t) => {
  const { shards, give, begun, waiting } = await scene(t, 2);
  assertEquals(shards.map(({ credit }) => credit), [1, 1]);
  for (const id of ["a1", "a2", "a3"]) give(0, id);
  give(1, "b1");
  assertEquals(begun, ["a1", "b1"]);
  waiting.shift()!(); // a1
  await eventually(() => begun.includes("a2"), 5000, "the next of the first");
  waiting.pop()!(); // a2: the place of the other shard is not taken
  await eventually(() => begun.includes("a3"), 5000, "the next of the first");
  assertEquals(begun, ["a1", "b1", "a2", "a3"]);
  waiting.forEach((end) => end());
});

test("a shard gets the places that the other does not use, and gives them back", async (t) => {
  const { shards, give, begun, waiting } = await scene(t, 4);
  assertEquals(shards.map(({ credit }) => credit), [2, 2]);
  for (const n of [1, 2, 3, 4]) give(0, `a${n}`);
  assertEquals(begun, ["a1", "a2"]);
  const credits = (wanted: number[]) => () =>
    shards.every(({ credit }, i) => credit === wanted[i]);
  await eventually(credits([3, 1]), 10_000, "more for the first");
  assertEquals(begun, ["a1", "a2", "a3"]);
  give(1, "b1");
  assertEquals(begun, ["a1", "a2", "a3", "b1"]);
  give(1, "b2");
  await eventually(credits([2, 2]), 10_000, "as much for both");
  waiting.splice(0).forEach((end) => end());
  await eventually(() => begun.includes("b2"), 10_000, "the second's next");
  waiting.splice(0).forEach((end) => end());
});

test("with fewer places than shards each may have a job, which is not kept waiting", async (t) => {
  const { shards, give, begun, waiting, released } = await scene(t, 1);
  assertEquals(shards.map(({ credit }) => credit), [1, 1]);
  give(0, "a1");
  give(1, "b1");
  assertEquals(begun, ["a1"]);
  await eventually(() => shards[1]!.credit === 0, 10_000, "no credit");
  shards[1]!.releaseExcess(); // as with each announcement
  assertEquals(released, ["b1"]);
  waiting.shift()!();
  await eventually(() => shards[1]!.credit === 1, 10_000, "credit again");
  give(1, "b2");
  await eventually(() => begun.includes("b2"), 10_000, "the next job");
  waiting.splice(0).forEach((end) => end());
});
