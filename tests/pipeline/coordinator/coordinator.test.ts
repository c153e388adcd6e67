/** Unit: who gets which job, what is kept before what, who is given up. */
import { assert, assertEquals } from "@std/assert";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import type { Claim } from "../../../src/pipeline/protocol/messages.ts";
import { test } from "../../support/harness.ts";
import { coordinate, TestCoordinator } from "./fixture.ts";

test("a job is committed as dispatched before it is sent", async (t) => {
  const store = memoryStore();
  const states: string[] = [];
  const watched = {
    ...bound(store),
    commit: (batch: Parameters<typeof store.commit>[0]) => {
      for (const { state } of batch.jobs.values()) states.push(state);
      if (states.at(-1) === "dispatched") assertEquals(c.sent.length, 1); // the hello
      return store.commit(batch);
    },
  };
  const c = await coordinate(t, { store: watched });
  c.join("w");
  await c.submit();
  const [, job] = await c.takeSent("w");
  assertEquals(job?.type, "job");
  assertEquals(states.slice(0, 1), ["dispatched"]);
});

test("a result that arrives during a commit is settled by the next one", async (t) => {
  for (const isRemote of [false, true]) {
    const c = await coordinate(t, { isRemote });
    c.join("w", { concurrency: 2, credit: 2 });
    await Promise.all([c.submit(), c.submit()]);
    const [first, second] = await c.jobs();
    const commit = c.store.commit.bind(c.store);
    c.store.commit = async (batch) => {
      c.store.commit = commit;
      c.succeed("w", second!, 2);
      await commit(batch);
    };
    c.succeed("w", first!, 1);
    const settled = (await c.takeSent()).flatMap((message) =>
      message.type === "settled" ? [message.jobs] : []
    );
    assertEquals(
      settled,
      [first!, second!].map(({ id, attempt }) => [{ id, attempt }]),
    );
  }
});

test("a result is committed before it is settled, and all of a turn are settled together", async (t) => {
  const c = await coordinate(t);
  c.join("w", { credit: 2 });
  const ids = [await c.submit(), await c.submit()];
  const jobs = await c.jobs();
  for (const job of jobs) c.succeed("w", job, 7);
  assertEquals(c.sent, []);
  assertEquals(await c.takeSent(), [{
    type: "settled",
    jobs: ids.map((id) => ({ id, attempt: 1 })),
  }]);
  assertEquals(ids.map((id) => c.store.job(id)!.result), ["7", "7"]);
});

test("jobs go to the worker with the most room, and never beyond its credit", async (t) => {
  const c = await coordinate(t);
  c.join("w1", { credit: 1 });
  c.join("w2", { credit: 3 });
  for (let i = 0; i < 6; i++) await c.submit();
  assertEquals(c.sent.filter(({ type }) => type === "job").length, 4);
  const counts = new Map<string, number>();
  for (const { worker, type } of c.sent) {
    if (type === "job") counts.set(worker, (counts.get(worker) ?? 0) + 1);
  }
  assertEquals([counts.get("w1"), counts.get("w2")], [1, 3]);
});

test("no job goes to a worker before it is connected, while its connection is broken, or when it drains", async (t) => {
  const c = await coordinate(t);
  c.available("w");
  const id = await c.submit();
  assertEquals(await c.jobs(), []);
  c.coordinator.workerManager.connected("w");
  const [job] = await c.jobs();
  assertEquals(job!.id, id);
  c.succeed("w", job!, 1);
  c.coordinator.workerManager.disconnected("w");
  await c.submit();
  assertEquals(await c.jobs(), []);
  c.available("w", { draining: true });
  c.coordinator.workerManager.connected("w");
  assertEquals(await c.jobs(), []);
  c.available("w");
  assertEquals((await c.jobs()).length, 1);
});

test("the jobs of a worker that died go to another", async (t) => {
  const c = await coordinate(t);
  c.join("w1");
  const id = await c.submit();
  await c.takeSent();
  c.join("w2");
  c.coordinator.workerManager.giveUp("w1", "killed");
  const [job] = await c.jobs("w2");
  assertEquals([job?.id, job?.attempt], [id, 2]);
  assertEquals(c.coordinator.scheduler.job(id)!.kills, 1);
  c.succeed("w1", { id, attempt: 1 }, "late");
  await c.takeSent();
  assertEquals(c.coordinator.scheduler.job(id)!.state, "active");
});

test("a leaving worker returns its jobs, which costs no attempt", async (t) => {
  const c = await coordinate(t);
  c.join("w1");
  const id = await c.submit();
  await c.takeSent();
  c.coordinator.receive({ type: "leave", worker: "w1" });
  c.join("w2");
  assertEquals((await c.jobs("w2"))[0]?.attempt, 2);
  assertEquals(c.coordinator.scheduler.job(id)!.kills, 0);
});

test("a job that a worker repeatedly does not name never arrived", async (t) => {
  const c = await coordinate(t);
  c.join("w");
  const id = await c.submit();
  await c.takeSent();
  const beat = (...running: Claim[]) => {
    c.now += 1000;
    c.available("w", { running });
  };
  for (let i = 0; i < 2; i++) beat();
  assertEquals(await c.jobs(), []);
  beat({ id, attempt: 1 }); // there it is
  for (let i = 0; i < 2; i++) beat();
  assertEquals(await c.jobs(), []);
  beat();
  assertEquals((await c.jobs()).map(({ attempt }) => attempt), [2]);
});

test("cancelling notifies the worker, whose place is free", async (t) => {
  const c = await coordinate(t);
  c.join("w");
  const one = await c.submit();
  const two = await c.submit();
  await c.takeSent();
  await c.operations.cancel(one);
  const sent = await c.takeSent();
  assertEquals(sent[0], { type: "cancel", id: one, attempt: 1 });
  assertEquals(sent[1]?.type === "job" && sent[1].id, two);
});

test("after a restart workers claim what they have; the rest waits again", async (t) => {
  const store = memoryStore();
  const before = await coordinate(t, { store });
  before.join("w", { credit: 2 });
  const [claimed, lost] = [await before.submit(), await before.submit()];
  await before.takeSent();
  await before.stop();

  const c = await coordinate(t, { store, claimMs: 0 });
  c.join("w", { credit: 2, running: [{ id: claimed, attempt: 1 }] });
  assert(c.coordinator.epoch !== before.coordinator.epoch);
  // The watchdog looks every 500 ms; then unclaimed jobs are dispatched.
  while (c.coordinator.scheduler.job(lost)!.attempt < 2) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assertEquals((await c.jobs()).map(({ id, attempt }) => [id, attempt]), [[
    lost,
    2,
  ]]);
  assertEquals(c.coordinator.scheduler.job(claimed)!.state, "active");
  c.succeed("w", { id: claimed, attempt: 1 }, 5);
  await c.takeSent();
  assertEquals(store.flow(claimed)!.result, "5");
});

test("a worker that claims an abandoned job gets a cancel", async (t) => {
  const c = await coordinate(t);
  c.join("w", { running: [{ id: "unknown", attempt: 3 }] });
  const cancels = (await c.takeSent()).filter(({ type }) => type === "cancel");
  assertEquals(cancels, [{ type: "cancel", id: "unknown", attempt: 3 }]);
});

test("an unreachable worker is reported once", async (t) => {
  const c = await coordinate(t, { suspectMs: 1000 });
  c.broken.add("bad");
  c.available("bad");
  await c.takeSent();
  assertEquals(c.warnings.map(({ message }) => message), [
    'Cannot reach worker "bad" at "tcp://127.0.0.1:1003": no way',
  ]);
  assertEquals(c.coordinator.workers.get("bad"), undefined);
});

test("a worker of a type that no flow has is reported", async (t) => {
  const c = await coordinate(t);
  c.join("w", { jobType: "unknown" });
  c.available("w", { jobType: "unknown" });
  assertEquals(c.warnings.map(({ message }) => message), [
    'Rejected worker "w": no flow has a step of type "unknown"',
  ]);
  // It costs no socket, and is shown nowhere.
  assertEquals([c.opened, c.coordinator.workers.size], [[], 0]);
});

test("many such workers are reported once a second", async (t) => {
  const c = await coordinate(t);
  for (let n = 0; n < 500; n++) c.available(`w${n}`, { jobType: `t${n}` });
  c.now += 1000;
  c.available("last", { jobType: "t" });
  assertEquals(c.warnings.map(({ message }) => message), [
    'Rejected worker "w0": no flow has a step of type "t0"',
    'Rejected worker "last": no flow has a step of type "t" (and 499 others before)',
  ]);
  assertEquals([c.opened, c.coordinator.workers.size], [[], 0]);
});

test("the oldest unreachable workers are dropped; working ones stay", async (t) => {
  const c = await coordinate(t);
  c.join("good");
  await c.submit();
  await c.takeSent();
  for (let n = 0; n < 1200; n++) c.available(`ghost${n}`);
  const { workers } = c.coordinator;
  assertEquals(workers.size, 1001);
  assertEquals(workers.get("good")?.jobs.size, 1);
  assertEquals([workers.get("ghost199"), workers.get("ghost200")?.id], [
    undefined,
    "ghost200",
  ]);
  assertEquals(c.warnings.length, 1);
});

test("the number of workers is limited", async (t) => {
  const c = await coordinate(t, { maxWorkers: 2 });
  c.join("a");
  c.join("b");
  c.join("c");
  assertEquals(
    [...c.coordinator.workers.values()].map(({ id }) => id),
    ["a", "b"],
  );
  assertEquals(c.warnings.map(({ message }) => message), [
    'Rejected worker "c": there are 2 workers already (maxWorkers)',
  ]);
  c.coordinator.workerManager.disconnected("a");
  c.join("c");
  assertEquals(
    [...c.coordinator.workers.values()].map(({ id }) => id),
    ["b", "c"],
  );
});

test("a pause survives a restart", async (t) => {
  const store = memoryStore();
  const before = await coordinate(t, { store });
  await before.operations.pause("a");
  await before.stop();
  const c = await coordinate(t, { store });
  c.join("w");
  await c.submit();
  assertEquals(await c.jobs(), []);
  await c.operations.resume();
  assertEquals((await c.jobs()).length, 1);
});

test("a stopped coordinator ignores messages and rejects requests", async () => {
  const c = await new TestCoordinator().start();
  c.join("w");
  const id = await c.submit();
  const [job] = await c.jobs();
  await c.stop();
  c.succeed("w", job!, 1);
  assertEquals(c.coordinator.scheduler.job(id)!.state, "active");
});

/** A store whose methods can be called without it. */
test("jobs of a worker that died go first, also when the pipeline was started again", async (t) => {
  const store = memoryStore();
  const first = await coordinate(t, { store });
  first.join("w1");
  const young = await first.submit();
  await first.jobs();
  const retried = await first.submit();
  first.coordinator.workerManager.giveUp("w1", "killed");
  await first.takeSent();
  first.join("w2");
  assertEquals((await first.jobs("w2"))[0]!.id, young);
  // One that failed before stands behind; one that came back, before all others.
  first.coordinator.receive({
    ...{ type: "failed", worker: "w2", id: young, attempt: 2 },
    error: { name: "E", message: "no", retryable: true },
    retry_after_ms: 1,
  });
  const [job] = await first.jobs("w2");
  assertEquals(job!.id, retried);
  first.now += 1;
  const last = await first.submit();
  await first.takeSent();
  first.coordinator.receive({
    ...{ type: "release", worker: "w2", id: retried, attempt: 1 },
  });
  first.coordinator.workerManager.giveUp("w2", "killed");
  await first.stop();

  const second = await coordinate(t, { store });
  const order = [];
  second.join("w3");
  for (let n = 0; n < 3; n++) {
    const [job] = await second.jobs("w3");
    order.push(job!.id);
    second.succeed("w3", job!, 1);
  }
  assertEquals(order, [retried, young, last]);
});

test("a rate limit survives a restart of the pipeline", async (t) => {
  const store = memoryStore();
  const limited = { a: { rateLimit: { max: 2, perMs: 1000 } } };
  const first = await coordinate(t, { store, policies: limited });
  first.join("w1", { credit: 10 });
  for (let n = 0; n < 5; n++) await first.submit();
  assertEquals((await first.jobs()).length, 2);
  await first.stop();

  const second = await coordinate(t, { store, policies: limited });
  second.now = first.now + 500; // in which one may begin
  second.join("w2", { credit: 10 });
  assertEquals((await second.jobs("w2")).length, 1);
  await second.stop();

  const third = await coordinate(t, { store });
  third.now = second.now;
  third.join("w3", { credit: 10 });
  assertEquals((await third.jobs("w3")).length, 2); // it has no limit any more
  assertEquals(store.settings(), new Map());
});

function bound<T extends object>(store: T): T {
  return new Proxy({} as T, {
    get: (_, name) => {
      const value = Reflect.get(store, name);
      return typeof value === "function" ? value.bind(store) : value;
    },
    ownKeys: () => Reflect.ownKeys(Object.getPrototypeOf(store)),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  });
}

test("repeated failures of one part are trouble, and do not affect other parts", async (t) => {
  let isBroken = false;
  const harness = await coordinate(t, {
    now: () => {
      if (isBroken) throw new TypeError("no time");
      return 1_000_000;
    },
  });
  const { operations } = harness;
  harness.join("w");
  await harness.submit();
  assertEquals((await harness.jobs("w")).length, 1);
  isBroken = true;
  harness.coordinator.changed();
  await harness.coordinator.commits.committed();
  assertEquals(operations.trouble?.code, "ERR_PIPELINE_STOPPED");
  assert(((await operations.stats()).errors.internal ?? 0) > 0);
  isBroken = false;
  harness.coordinator.changed();
  await harness.coordinator.commits.committed();
  assertEquals(operations.trouble, undefined);
});

test("faults caused by workers are counted by kind", async (t) => {
  const harness = await coordinate(t);
  harness.broken.add("far");
  harness.available("far");
  harness.available("odd", { jobType: "unheard-of" });
  await harness.takeSent();
  assertEquals((await harness.operations.stats()).errors, {
    useless: 1,
    unreachable: 1,
  });
  assertEquals(harness.warnings.length, 2);
});
