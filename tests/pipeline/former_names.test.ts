/** What was called `instructions` in the first release is called `payload`; the former name works. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  defineStep,
  Pipeline,
  type PipelineSchedule,
} from "@agentzero/agentzero/pipeline";
import { PipelineError } from "../../src/pipeline/model/pipeline_error.ts";
import { test } from "../support/harness.ts";
import { coordinate } from "./coordinator/fixture.ts";
import { clientOf, open } from "./support/pipelines.ts";

const step = defineStep("echo", (what: unknown) => what);
const EVERY_YEAR = { cron: "0 0 1 1 *", timezone: "UTC" };

test("a declared schedule may have its payload under either name, not under both", async (t) => {
  const schedule = { id: "s", flow: step, ...EVERY_YEAR };
  const opened = async (more: Partial<PipelineSchedule>) => {
    const schedules = [{ ...schedule, ...more }];
    return await open(t, { steps: [step], schedules });
  };
  for (const more of [{ payload: [7] }, { instructions: [7] }]) {
    const { pipeline } = await opened(more);
    const [one] = pipeline.operations.schedules();
    assertEquals([one!.payload, one!.instructions], ["[7]", "[7]"]);
  }
  const both = { ...schedule, payload: 1, instructions: 2 };
  const error = assertThrows(
    () => new Pipeline({ name: "p", steps: [step], schedules: [both] }),
    PipelineError,
  );
  assertEquals(error.code, "ERR_PIPELINE_INVALID");
});

test("operations accept and return a payload under either name", async (t) => {
  const { pipeline: { operations } } = await open(t, { steps: [step] });
  const former = { name: "echo", instructions: "[1]" };
  const { id } = await operations.submit(former);
  const { id: other } = await operations.submit({ ...former, ...NEW });
  assertEquals(
    [
      (await operations.job(id)).payload,
      (await operations.job(id)).instructions,
    ],
    ["[1]", "[1]"],
  );
  const { jobs: [job] } = await operations.status(other);
  assertEquals([job!.payload, job!.instructions], ["[2]", "[2]"]);
  assertEquals(Object.keys(job!).includes("instructions"), false);
  const [last] = await operations.jobs({ limit: 1 });
  assertEquals(last!.instructions, "[2]");
  const both = { name: "echo", payload: "1", instructions: "2" };
  await assertRejects(() => operations.submit(both), PipelineError, "both");
  const put = { id: "s", flow: "echo", ...EVERY_YEAR };
  await operations.schedule({ ...put, instructions: "[3]" });
  assertEquals(operations.schedules()[0]!.payload, "[3]");
  await operations.schedule({ ...put, payload: "[4]" });
  assertEquals(operations.schedules()[0]!.instructions, "[4]");
});
const NEW = { payload: "[2]", instructions: undefined };

test("what a client receives has its payload under either name, and once", async (t) => {
  const { requests } = await open(t, { steps: [step] });
  const client = clientOf(t, requests);
  const id = await client.submit(step, { n: 1 });
  const { jobs: [job] } = await client.status(id);
  const [listed] = await client.jobs({ payloads: true });
  await client.schedule("s", step, { n: 1 }, EVERY_YEAR);
  const [schedule] = await client.schedules();
  for (const one of [job!, listed!, schedule!]) {
    assertEquals([one.payload, one.instructions], [{ n: 1 }, { n: 1 }]);
    assertEquals(JSON.stringify(one).match(/"n":1/g)?.length, 1);
  }
  const raw = await client.request({ type: "status", id });
  const [former] = raw.jobs as Record<string, unknown>[];
  assertEquals([former!.instructions, former!.payload], [
    { n: 1 },
    undefined,
  ]);
});

test("schedules are stored under the former name, so that the first release can read them", async (t) => {
  const c = await coordinate(t);
  const schedule = { id: "s", flow: "a", ...EVERY_YEAR, payload: "[1]" };
  await c.operations.schedule(schedule);
  const settings = [...c.store.settings().values()];
  const stored = settings.find((json) => json.includes('"s"'))!;
  assertEquals(JSON.parse(stored).schedule, {
    id: "s",
    flow: "a",
    ...EVERY_YEAR,
    instructions: "[1]",
  });
});
