/** What goes wrong in a step beside its jobs ends nothing, and makes no flood. */
import { assert, assertEquals } from "@std/assert";
import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
import { Push } from "@agentzero/agentzero/zmq";
import { eventually, test } from "../../support/harness.ts";
import { StepLog } from "../../../src/pipeline/worker/step_log.ts";

test("malformed messages at a worker are one record a second, and a rejecting onConnection is one", async (t) => {
  const double = defineStep("double", (n: number) => 2 * n);
  const pipeline = t.use(new Pipeline({ name: "test", steps: [double] }));
  const { requests } = await pipeline.listen({ port: 0 });
  const logged: string[] = [];
  pipeline.watch(({ topic, data }) => {
    if (topic.startsWith("logs:")) logged.push(JSON.stringify(data));
  });
  const run = t.use(
    await double.run({
      pipeline: requests,
      bind: "tcp://127.0.0.1:*",
      onConnection: () => Promise.reject(new Error("mine")) as never,
    }),
  );
  const push = t.use(new Push());
  push.connect(run.address!);
  for (let i = 0; i < 1000; i++) await push.send(`rubbish ${i}`);
  const id = await pipeline.submit(double, 4);
  assertEquals(await pipeline.result(id, { timeoutMs: 5000 }), 8);
  await eventually(
    () => logged.filter((one) => one.includes("not JSON")).length >= 2,
    5000,
    "the second record",
  );
  assert(logged.length < 10, `${logged.length} records`);
});

test("what a step does beside its jobs may throw or reject; then something else is done", async () => {
  const records: object[] = [];
  const log = new StepLog(
    "a",
    "w",
    (_topic, record) => void records.push(record),
  );
  let otherwise = 0;
  log.guard(() => {
    throw new Error("thrown");
  }, () => otherwise++);
  log.guard(() => Promise.reject(new Error("rejected")), () => otherwise++);
  log.guard(() => 1, () => otherwise++);
  await new Promise((resolve) => setTimeout(resolve));
  log.close();
  assertEquals([otherwise, records.length], [2, 2]);
});
