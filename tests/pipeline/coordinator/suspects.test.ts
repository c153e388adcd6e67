/** Which job pays when a worker is lost: only one that was alone. */
import { assert, assertEquals } from "@std/assert";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import { test } from "../../support/harness.ts";
import { coordinate, type TestCoordinator } from "./fixture.ts";

/** A worker with room for eight jobs. */
const ROOM = { concurrency: 8, credit: 8 };

/** Submits so many, and gives their ids. */
async function submitAll(c: TestCoordinator, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await c.submit());
  return ids;
}

/** How a flow ended, and what it was blamed for. */
async function stateOf(c: TestCoordinator, id: string) {
  const [job] = (await c.operations.status(id)).jobs;
  return [job!.state, job!.kills];
}

test("a poison job dies alone, and its neighbours complete", async (t) => {
  const c = await coordinate(t);
  c.join("w0", ROOM);
  const ids = await submitAll(c, 8);
  const poison = ids[5]!;
  // The worker dies whenever it has got the poison; else it does what it has.
  let losses = 0;
  for (let round = 0; round < 60; round++) {
    const worker = `w${losses}`;
    const jobs = await c.jobs(worker);
    if (jobs.length === 0) break;
    if (jobs.some(({ id }) => id === poison)) {
      c.coordinator.workerManager.giveUp(worker, "killed");
      c.join(`w${++losses}`, ROOM);
    } else for (const job of jobs) c.succeed(worker, job, 1);
  }
  for (const id of ids) {
    const isPoison = id === poison;
    assertEquals(
      await stateOf(c, id),
      isPoison ? ["dead", 3] : ["completed", 0],
    );
  }
  assert(losses <= 6, `${losses} losses`); // of 8, 4, 2, and 3 of it alone
});

test("jobs that only fail together are separated until they do not", async (t) => {
  const c = await coordinate(t);
  c.join("w0", ROOM);
  const ids = await submitAll(c, 6);
  let losses = 0;
  for (let round = 0; round < 60; round++) {
    const worker = `w${losses}`;
    const jobs = await c.jobs(worker);
    if (jobs.length === 0) break;
    if (jobs.length > 1) { // as when memory runs out
      c.coordinator.workerManager.giveUp(worker, "killed");
      c.join(`w${++losses}`, ROOM);
    } else c.succeed(worker, jobs[0]!, 1);
  }
  assertEquals(
    await Promise.all(ids.map((id) => stateOf(c, id))),
    ids.map(() => ["completed", 0]),
  );
});

test("suspects have a worker to themselves; others go on", async (t) => {
  const c = await coordinate(t);
  c.join("w1", { concurrency: 2, credit: 2 });
  const [a, b] = await submitAll(c, 2);
  assertEquals((await c.jobs("w1")).length, 2);
  c.coordinator.workerManager.giveUp("w1", "killed");
  c.join("w2", { concurrency: 2, credit: 2 });
  c.join("w3", { concurrency: 2, credit: 2 });
  const others = await submitAll(c, 2);
  await c.takeSent();
  const workerOf = (id: string) => c.coordinator.scheduler.job(id)?.worker;
  const [first, second] = [a!, b!].map((id) =>
    c.coordinator.scheduler.job(id)!
  );
  const active = first!.state === "active" ? first! : second!;
  const waiting = active === first ? second! : first!;
  assertEquals([active.state, waiting.state], ["active", "waiting"]);
  for (const id of others) assert(workerOf(id) !== active.worker);
  c.succeed(active.worker!, active, 1);
  await c.takeSent();
  assertEquals([waiting.state, waiting.worker], ["active", active.worker]);
  c.succeed(active.worker!, waiting, 1);
  await submitAll(c, 2); // now it may do anything again
  await c.takeSent();
  assertEquals(c.coordinator.workers.get(active.worker!)!.jobs.size, 2);
});

test("a busy worker gets no more jobs until it can try a suspect", async (t) => {
  const c = await coordinate(t);
  const two = { concurrency: 2, credit: 2 };
  c.join("w1", two);
  const [a, b] = await submitAll(c, 2);
  await c.takeSent();
  c.coordinator.workerManager.giveUp("w1", "killed");
  await c.takeSent();
  c.join("w2", { ...two, draining: true });
  c.join("w3", two);
  const tried = await c.jobs("w3");
  assertEquals(tried.length, 1);
  c.succeed("w3", tried[0]!, 1);
  assertEquals((await c.jobs("w3")).length, 1);
  assert([a, b].includes(tried[0]!.id));
});

test("workers of one process are lost together, and so are their jobs", async (t) => {
  const c = await coordinate(t);
  const beside = { host: "one", pid: 77 };
  c.join("w1", beside);
  c.join("w2", { ...beside, jobType: "b" });
  const graph = { id: "b1", name: "chain", payload: "1" };
  const a = await c.submit();
  await c.operations.submit(graph);
  await c.takeSent("w1");
  c.succeed("w1", { id: a, attempt: 1 }, 1);
  const [head] = await c.jobs("w1");
  c.succeed("w1", head!, 1); // the chain's second job is of type b
  const other = await c.submit();
  await c.takeSent();
  assertEquals(c.coordinator.workers.get("w2")!.jobs.size, 1);
  c.coordinator.workerManager.giveUp("w1", "killed");
  c.coordinator.workerManager.giveUp("w2", "killed");
  assertEquals(await stateOf(c, other), ["waiting", 0]);
  const jobs = (await c.operations.status("b1")).jobs;
  assertEquals(jobs.map(({ kills }) => kills), [0, 0]);
});

test("suspicion survives a restart of the pipeline", async (t) => {
  const store = memoryStore();
  const before = await coordinate(t, { store });
  before.join("w1", ROOM);
  const ids = await submitAll(before, 4);
  await before.takeSent();
  before.coordinator.workerManager.giveUp("w1", "killed");
  await before.takeSent();
  const jobs = ids.map((id) => before.coordinator.scheduler.job(id)!);
  assertEquals(jobs.map(({ isolationLimit }) => isolationLimit), [2, 2, 2, 2]);
  await before.stop();
  const after = await coordinate(t, { store });
  after.join("w2", ROOM);
  assertEquals((await after.jobs("w2")).length, 2);
});

test("a job that was alone with its lost worker is charged, also when a lease expires", async (t) => {
  const c = await coordinate(t, { maxKills: 2 });
  for (const worker of ["w1", "w2"]) {
    c.join(worker);
    if (worker === "w1") await c.submit();
    const [job] = await c.jobs(worker);
    c.coordinator.workerManager.giveUp(worker, "killed");
    await c.takeSent();
    const expected = worker === "w1" ? ["waiting", 1] : ["dead", 2];
    assertEquals(await stateOf(c, job!.id), expected);
  }
});
