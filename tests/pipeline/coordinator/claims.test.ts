/** What counts of what is said of jobs and workers: only what the worker says that has the job. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import { workerIdOf } from "../../../src/pipeline/protocol/worker_id.ts";
import { test } from "../../support/harness.ts";
import { coordinate, type TestCoordinator } from "./fixture.ts";

const SECRET = "of the worker alone";
const WORKER = workerIdOf(SECRET);

/** A job that a worker has, which proves itself by a secret. */
async function held(c: TestCoordinator): Promise<{ id: string }> {
  c.join(WORKER, { secret: SECRET });
  const id = await c.submit();
  assertEquals((await c.jobs(WORKER)).length, 1);
  return { id };
}

const failed = {
  type: "failed",
  error: { name: "E", message: "forged", retryable: false },
} as const;

test("no other worker can settle a job", async (t) => {
  const c = await coordinate(t);
  const { id } = await held(c);
  c.join("eve");
  const claim = { id, attempt: 1 };
  for (const proof of [{}, { secret: "guessed" }]) {
    for (const worker of ["eve", "unknown", WORKER]) {
      if (worker === "unknown" && "secret" in proof) continue;
      const sender = { worker, ...claim, ...proof };
      c.coordinator.receive({ type: "success", ...sender, result: "FORGED" });
      c.coordinator.receive({ ...failed, ...sender });
      c.coordinator.receive({ type: "release", ...sender });
      c.coordinator.receive({ type: "progress", ...sender, progress: 0.5 });
    }
    c.coordinator.receive({ type: "leave", worker: WORKER, ...proof });
    c.available(WORKER, { draining: true, ...proof });
  }
  await c.takeSent();
  const job = c.coordinator.scheduler.job(id)!;
  assertEquals([job.state, job.worker, job.attempt], ["active", WORKER, 1]);
  assertEquals([job.progress, job.failures], [undefined, 0]);
  assertEquals(c.coordinator.workers.get(WORKER)!.info.draining, false);
  assertEquals((await c.operations.timeline(id)).map(({ type }) => type), [
    "dispatched",
  ]);
  assert(c.coordinator.faults.counts.refused! >= 16);
  c.coordinator.receive({
    type: "success",
    worker: WORKER,
    secret: SECRET,
    ...claim,
    result: 1,
  });
  assertEquals((await c.operations.wait(id, 0)).result, "1");
});

test("a worker cannot claim another one's job", async (t) => {
  const c = await coordinate(t);
  const { id } = await held(c);
  c.join("eve", { running: [{ id, attempt: 1 }] });
  assertEquals(c.coordinator.workers.get("eve")!.jobs.size, 0);
  const [cancel] = (await c.takeSent("eve")).filter(({ type }) =>
    type === "cancel"
  );
  assertEquals(cancel, { type: "cancel", id, attempt: 1 });
});

test("an id derived from a secret needs that secret also at a pipeline that knows no worker yet", async (t) => {
  const c = await coordinate(t);
  for (const secret of [undefined, "guessed"]) c.available(WORKER, { secret });
  assertEquals(c.coordinator.workers.size, 0);
  c.available(WORKER, { secret: SECRET });
  assertEquals(c.coordinator.workers.size, 1);
});

test("a secret beside an id of another form counts from the first announcement", async (t) => {
  const c = await coordinate(t);
  c.join("w", { secret: SECRET });
  c.available("w", { secret: "another", draining: true });
  c.coordinator.receive({ type: "leave", worker: "w" });
  assertEquals(c.coordinator.workers.get("w")!.info.draining, false);
  c.coordinator.receive({ type: "leave", worker: "w", secret: SECRET });
  assertEquals(c.coordinator.workers.size, 0);
});

test("a worker without a secret works as before", async (t) => {
  const c = await coordinate(t);
  c.join("w");
  const id = await c.submit();
  const [job] = await c.jobs("w");
  c.succeed("w", job!, 1);
  assertEquals((await c.operations.wait(id, 0)).result, "1");
});

test("a worker that asks for more credit gets no larger share", async (t) => {
  const c = await coordinate(t);
  const most = Number.MAX_SAFE_INTEGER;
  c.join("hole", { concurrency: most, credit: most });
  c.join("honest", { concurrency: 4, credit: 4 });
  for (let i = 0; i < 8; i++) await c.submit();
  await c.takeSent();
  assertEquals(c.coordinator.workers.get("honest")!.jobs.size, 4);
});

test("credit is limited, and grows with a worker's finished jobs", async (t) => {
  const c = await coordinate(t, { maxCredit: 6, firstCredit: 2 });
  c.join("w", { concurrency: 99, credit: 99 });
  const size = () => c.coordinator.workers.get("w")!.jobs.size;
  for (let i = 0; i < 20; i++) await c.submit();
  const sizes: number[] = [];
  for (let i = 0; i < 8; i++) {
    const [job] = await c.jobs("w");
    sizes.push(size());
    const next = job ?? [...c.coordinator.workers.get("w")!.jobs.values()][0]!;
    c.succeed("w", next, 1);
  }
  await c.takeSent();
  assertEquals(sizes[0], 2);
  assertEquals(size(), 6);
});

test("ids of scheduled flows cannot be used by others", async (t) => {
  const c = await coordinate(t);
  const submit = (id: string) =>
    c.operations.submit({ id, name: "a", payload: "1" });
  for (const id of ["nightly-20300131T120000Z", "-20300131T120000Z"]) {
    const error = await assertRejects(() => submit(id), PipelineError);
    assertEquals(error.code, "ERR_PIPELINE_INVALID");
  }
  const schedule = { id: "once", flow: "a", payload: "1" };
  const at = new Date(c.now + 5000).toISOString();
  await c.operations.schedule({ ...schedule, cron: at });
  c.now += 6000;
  c.coordinator.changed();
  await c.takeSent();
  const [run] = await c.operations.flows({ limit: 9 });
  assertEquals(run!.id.startsWith("once-"), true);
  // What a schedule has submitted is found again under its id.
  assertEquals(await submit(run!.id), { id: run!.id, isNew: false });
});
