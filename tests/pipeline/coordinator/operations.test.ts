/** Unit: what can be asked of a pipeline. */
import { assertEquals, assertRejects } from "@std/assert";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import { eventually } from "../../support/harness.ts";
import { batchOf, flowOf, jobOf } from "../store/records.ts";
import { coordinate, TestCoordinator } from "./fixture.ts";
import { testOver } from "../support/store_kinds.ts";

async function code(run: () => unknown): Promise<string> {
  const error = await assertRejects(
    async () => await run(),
    PipelineError,
  );
  return error.code;
}

/** A store in this process, and one that answers as over a network. */
for (const isRemote of [false, true]) {
  const test = testOver(isRemote);

  test("a submission is answered once it is committed", async (t) => {
    const c = await coordinate(t, { isRemote });
    const { id, isNew } = await c.operations.submit({
      name: "a",
      payload: '"x"',
    });
    assertEquals([isNew, c.store.flow(id)!.state], [true, "running"]);
    assertEquals(c.store.job(id)!.payload, '"x"');
  });

  test("the same id is the same flow, running or finished", async (t) => {
    const c = await coordinate(t, { isRemote });
    c.join("w");
    const request = { name: "a", payload: "1", id: "mine" };
    assertEquals((await c.operations.submit(request)).isNew, true);
    assertEquals((await c.operations.submit(request)).isNew, false);
    c.succeed("w", (await c.jobs())[0]!, 1);
    assertEquals((await c.operations.submit(request)).isNew, false); // not kept yet
    await c.takeSent();
    assertEquals(await c.operations.submit(request), {
      id: "mine",
      isNew: false,
    });
  });

  test("the store looks for an id once, and not for a flow that ends", async (t) => {
    const c = await coordinate(t, { isRemote });
    c.join("w");
    const looked: string[] = [];
    const flow = c.store.flow.bind(c.store);
    c.store.flow = (id) => {
      looked.push(id);
      return flow(id);
    };
    await c.operations.submit({ name: "a", payload: "1", id: "mine" });
    const ended = c.operations.wait("mine", 10_000);
    c.succeed("w", (await c.jobs())[0]!, 1);
    assertEquals((await ended).result, "1");
    assertEquals(looked, ["mine"]);
  });

  test("what a job logs is kept with it, also if it arrives late", async (t) => {
    const c = await coordinate(t, { isRemote });
    c.join("w");
    c.join("other");
    await c.operations.submit({ name: "a", payload: "1", id: "x" });
    const job = (await c.jobs())[0]!;
    const worker = c.store.job("x")!.worker!;
    const keep = (msg: string, more: object = {}) =>
      c.coordinator.keepLog({
        ...{ msg, level: 20, time: "t", name: "a", jobId: "x" },
        ...{ worker, ...more },
      });
    const messages = async () =>
      (await c.operations.logs("x")).map(({ msg }) => msg);
    keep("first");
    assertEquals(await messages(), ["first"]);
    const stranger = worker === "w" ? "other" : "w";
    keep("of another worker", { worker: stranger });
    keep("of no worker", { worker: "none" });
    keep("of no job", { jobId: "none" });
    keep("of the step", { jobId: undefined });
    c.succeed(worker, job, 1);
    await c.takeSent();
    keep("late");
    assertEquals(await messages(), ["first", "late"]);
    const logs = code(() => c.operations.logs("none"));
    assertEquals(await logs, "ERR_PIPELINE_UNKNOWN");
    assertEquals(c.warnings, []);
  });

  test("a delayed job is promoted: it starts at once", async (t) => {
    const c = await coordinate(t, { isRemote });
    c.join("w");
    const request = { name: "a", payload: "1", id: "later", delayMs: 60_000 };
    await c.operations.submit(request);
    assertEquals(await c.jobs(), []);
    assertEquals(await c.operations.promote("later"), 1);
    assertEquals((await c.jobs()).map(({ id }) => id), ["later"]);
    const promote = (id: string) => code(() => c.operations.promote(id));
    assertEquals(await promote("later"), "ERR_PIPELINE_STATE");
    assertEquals(await promote("none"), "ERR_PIPELINE_UNKNOWN");
  });

  test("the priority of a flow that waits can be changed", async (t) => {
    const c = await coordinate(t, { isRemote });
    for (const id of ["one", "two", "three"]) {
      await c.operations.submit({ name: "chain", payload: "1", id });
    }
    assertEquals(await c.operations.setPriority("three", 5), 1);
    assertEquals(c.store.flow("three")!.priority, 5);
    assertEquals(c.store.job("three")!.priority, 5);
    c.join("w");
    const job = (await c.jobs())[0]!;
    assertEquals(job.id, "three");
    c.succeed("w", job, 1);
    await c.takeSent();
    // The jobs that come later have it too.
    assertEquals((await c.operations.job("three.1")).priority, 5);
    const set = (id: string, priority: number) =>
      code(() => c.operations.setPriority(id, priority));
    assertEquals(await set("two", 0.5), "ERR_PIPELINE_INVALID");
    assertEquals(await set("none", 1), "ERR_PIPELINE_UNKNOWN");
    await c.operations.cancel("two");
    assertEquals(await set("two", 1), "ERR_PIPELINE_STATE");
  });

  test("a flow is removed, with its jobs and their history", async (t) => {
    const c = await coordinate(t, { isRemote });
    await c.operations.submit({ name: "a", payload: "1", id: "waits" });
    const ended = c.operations.wait("waits", 10_000);
    await c.operations.remove("waits");
    assertEquals((await ended).state, "cancelled");
    c.join("w");
    await c.operations.submit({ name: "chain", payload: "1", id: "runs" });
    const remove = (id: string) => code(() => c.operations.remove(id));
    assertEquals(await remove("runs"), "ERR_PIPELINE_STATE");
    c.succeed("w", (await c.jobs())[0]!, 1);
    await c.operations.submit({ name: "a", payload: "1", id: "other" });
    await c.operations.remove("runs.1");
    for (const id of ["waits", "runs", "runs.1"]) {
      assertEquals([c.store.flow(id), c.store.job(id)], [undefined, undefined]);
      assertEquals(c.store.events(id), []);
      assertEquals(await remove(id), "ERR_PIPELINE_UNKNOWN");
    }
    assertEquals(c.store.flows({ limit: 9 }).map(({ id }) => id), ["other"]);
    // The id is free again.
    const again = { name: "a", payload: "2", id: "runs" };
    assertEquals((await c.operations.submit(again)).isNew, true);
    c.succeed("w", (await c.jobs())[0]!, 1);
  });

  test("a flow of many jobs is removed, and one while others are retried", async (t) => {
    const c = await coordinate(t, { isRemote });
    const ids = Array.from({ length: 700 }, (_, item) => item);
    await c.store.commit(batchOf({
      flows: [flowOf("big", {
        state: "failed",
        expiresAt: 1e15,
        graph: [
          { jobType: "a", after: [] },
          { jobType: "b", after: [0], each: true },
        ],
      })],
      jobs: ids.map((item) =>
        jobOf("big", { node: 1, item, jobType: "b", state: "dead" })
      ),
    }));
    const outcomes = await Promise.allSettled([
      c.operations.remove("big"),
      c.operations.remove("big"),
      c.operations.retryAll(),
    ]);
    const removed = c.store.flow("big") === undefined;
    const isRetried = outcomes[2]!.status === "fulfilled" &&
      (outcomes[2] as PromiseFulfilledResult<number>).value > 0;
    assertEquals(removed, !isRetried);
    if (removed) assertEquals(c.store.counts(), []);
  });

  test("many submissions are one commit, and the same ids the same flows", async (t) => {
    const c = await coordinate(t, { isRemote });
    c.join("w");
    await c.operations.submit({ name: "a", payload: "0", id: "done" });
    c.succeed("w", (await c.jobs())[0]!, 1);
    await c.takeSent();
    const requests = ["done", "one", "two", "one"].map((id) => ({
      name: "a",
      payload: "1",
      id,
    }));
    // At the same time, so that both look for the ids before either commits.
    const [first, second] = await Promise.all([
      c.operations.submitMany([...requests, { name: "chain", payload: "2" }]),
      c.operations.submitMany(requests),
    ]);
    assertEquals(first.map(({ isNew }) => isNew), [
      false,
      true,
      true,
      false,
      true,
    ]);
    assertEquals(second, requests.map(({ id }) => ({ id, isNew: false })));
    assertEquals(c.store.flows({ limit: 9 }).length, 4);
  });

  test("of many submissions all are accepted, or none", async (t) => {
    const c = await coordinate(t, { isRemote, maxQueued: 3 });
    const submit = (...more: object[]) =>
      code(() =>
        c.operations.submitMany(
          more.map((one) => ({ name: "a", payload: "1", ...one })),
        )
      );
    assertEquals(await submit({}, { name: "b" }), "ERR_PIPELINE_UNKNOWN");
    assertEquals(await submit({}, { id: "." }), "ERR_PIPELINE_INVALID");
    assertEquals(await submit({}, {}, {}, {}), "ERR_PIPELINE_FULL");
    assertEquals(c.store.flows({ limit: 9 }), []);
    await c.operations.submit({ name: "a", payload: "1", id: "there" });
    const ids = ["there", "x", "y"]; // the first needs no room
    await c.operations.submitMany(
      ids.map((id) => ({ name: "a", payload: "1", id })),
    );
    assertEquals(c.store.flows({ limit: 9 }).length, 3);
    assertEquals(await c.operations.submitMany([]), []);
  });

  test("invalid arguments are refused with a clear error", async (t) => {
    const c = await coordinate(t, { isRemote });
    const submit = (more: object) =>
      code(() => c.operations.submit({ name: "a", payload: "1", ...more }));
    assertEquals(await submit({ name: "b" }), "ERR_PIPELINE_UNKNOWN");
    const retry = { attempts: 1, delayMs: 1, maxDelayMs: 1 };
    for (
      const wrong of [
        { id: "" },
        { id: "a.b" },
        { id: "x".repeat(129) },
        { key: "" },
        { delayMs: -1 },
        { delayMs: 0.5 },
        { priority: NaN },
        { timeoutMs: 0 },
        { retry: { ...retry, attempts: 0 } },
        { retry: { ...retry, delayMs: -1 } },
      ]
    ) assertEquals(await submit(wrong), "ERR_PIPELINE_INVALID");
    assertEquals(c.store.flows({ limit: 9 }), []);
  });

  test("a wait for a flow resolves once its end is committed", async (t) => {
    const c = await coordinate(t, { isRemote });
    c.join("w");
    const id = await c.submit();
    const waiting = c.operations.wait(id, 5000);
    c.succeed("w", (await c.jobs())[0]!, 42);
    const late = c.operations.wait(id, 5000); // over, and not committed yet
    for (const flow of [await waiting, await late]) {
      assertEquals([flow.state, flow.result], ["completed", "42"]);
      assertEquals(c.store.flow(id)!.state, "completed");
    }
    assertEquals((await c.operations.wait(id, 5000)).state, "completed");
  });

  test("a wait resolves with the current flow at its timeout, or rejects when aborted", async (t) => {
    const c = await coordinate(t, { isRemote });
    const id = await c.submit();
    assertEquals((await c.operations.wait(id, 1)).state, "running");
    assertEquals((await c.operations.wait(id, 0)).state, "running");
    const controller = new AbortController();
    const waiting = c.operations.wait(id, Infinity, controller.signal);
    controller.abort(new Error("enough"));
    await assertRejects(() => waiting, Error, "enough");
    assertEquals(
      await code(() => c.operations.wait("unknown", 1)),
      "ERR_PIPELINE_UNKNOWN",
    );
  });

  test("a pending wait rejects when the pipeline is closed", async () => {
    const c = await new TestCoordinator().start();
    const id = await c.submit();
    const waiting = code(() => c.operations.wait(id, 5000));
    await c.stop();
    assertEquals(await waiting, "ERR_PIPELINE_CLOSED");
    assertEquals(await code(() => c.submit()), "ERR_PIPELINE_CLOSED");
  });

  test("operations are refused before it listens", async () => {
    assertEquals(
      await code(() => new TestCoordinator().submit()),
      "ERR_PIPELINE_CLOSED",
    );
  });

  test("status covers running and finished flows", async (t) => {
    const c = await coordinate(t, { isRemote });
    c.join("w");
    const id = await c.submit("chain");
    const states = async () =>
      (await c.operations.status(id)).jobs.map(({ state }) => state);
    assertEquals(await states(), ["active"]);
    c.succeed("w", (await c.jobs())[0]!, 1);
    await c.takeSent();
    assertEquals(await states(), ["completed", "waiting"]);
    await c.operations.cancel(`${id}.1`); // of a job: of its flow
    await c.takeSent();
    assertEquals(c.coordinator.scheduler.flow(id), undefined);
    assertEquals(await states(), ["completed", "cancelled"]);
    assertEquals(
      await code(() => c.operations.cancel(id)),
      "ERR_PIPELINE_STATE",
    );
    assertEquals(
      (await assertRejects(() => c.operations.status("unknown"), PipelineError))
        .code,
      "ERR_PIPELINE_UNKNOWN",
    );
  });

  test("a dead job can be retried by hand, also much later", async (t) => {
    const c = await coordinate(t, { isRemote });
    c.join("w");
    const id = await c.submit();
    const [job] = await c.jobs();
    c.coordinator.receive(
      {
        type: "failed",
        worker: "w",
        id: job!.id,
        attempt: job!.attempt,
        error: { name: "E", message: "no", retryable: false },
      },
    );
    await c.takeSent();
    assertEquals(c.coordinator.scheduler.flow(id), undefined);
    assertEquals(c.store.flow(id)!.state, "failed");
    assertEquals(await c.operations.retry(id), 1);
    c.succeed("w", (await c.jobs())[0]!, 1);
    await c.takeSent();
    assertEquals(c.store.flow(id)!.state, "completed");
    assertEquals(
      await code(() => c.operations.retry(id)),
      "ERR_PIPELINE_STATE",
    );
  });

  test("drain asks one worker, a type, or all", async (t) => {
    const c = await coordinate(t, { isRemote });
    c.join("w1");
    c.join("w2", { jobType: "b" });
    await c.takeSent();
    assertEquals([c.operations.drain("w1"), c.operations.drain("b")], [1, 1]);
    assertEquals([c.operations.drain(), c.operations.drain("unknown")], [2, 0]);
    assertEquals((await c.takeSent()).length, 4);
  });

  test("with a failing store new flows are refused, and the failure is reported", async (t) => {
    let isBroken = false;
    const c = new TestCoordinator();
    const commit = c.store.commit.bind(c.store);
    c.store.commit = (batch) =>
      isBroken ? Promise.reject(new Error("no room")) : commit(batch);
    t.cleanup(() => {
      isBroken = false;
      return c.stop();
    });
    await c.start();
    await c.submit();
    isBroken = true;
    const first = c.submit(); // waits for the store
    while (c.warnings.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assertEquals(await code(() => c.submit()), "ERR_STORE_FAILED");
    isBroken = false;
    const id = await first;
    assertEquals(c.store.flow(id)!.state, "running");
  });

  test("a flow accepted before the store failed is not refused when it is submitted again", async (t) => {
    const c = await coordinate(t, { isRemote });
    const commit = c.store.commit.bind(c.store);
    c.store.commit = () => Promise.reject(new Error("no room"));
    t.cleanup(() => c.store.commit = commit);
    const request = { name: "a", payload: "1", id: "mine" };
    const first = c.operations.submit(request);
    await eventually(() => c.warnings.length > 0);
    const again = c.operations.submit(request);
    assertEquals(
      await code(() => c.operations.submit({ ...request, id: "other" })),
      "ERR_STORE_FAILED",
    );
    c.store.commit = commit;
    assertEquals(await first, { id: "mine", isNew: true });
    assertEquals(await again, { id: "mine", isNew: false });
    assertEquals(c.store.flows({ limit: 9 }).map(({ id }) => id), ["mine"]);
  });

  test("a flow that the store refuses is rejected, and does not delay others", async (t) => {
    const c = await coordinate(t, { isRemote });
    const commit = c.store.commit.bind(c.store);
    c.store.commit = (batch) => {
      if (!batch.flows.has("bad")) return commit(batch);
      const details = { id: "bad" };
      const why = "cannot store TEXT value in REAL column";
      return Promise.reject(
        new PipelineError("ERR_STORE_FAILED", why, details),
      );
    };
    const submissions = ["before", "bad", "after"].map((id) =>
      c.operations.submit({ name: "a", payload: "1", id })
    );
    assertEquals(await code(() => submissions[1]!), "ERR_STORE_FAILED");
    assertEquals([(await submissions[0]!).id, (await submissions[2]!).id], [
      "before",
      "after",
    ]);
    assertEquals(c.operations.trouble, undefined);
    assertEquals(c.warnings.length, 1);
    assertEquals(c.store.flow("bad"), undefined);
    await assertRejects(
      () => c.operations.status("bad"),
      PipelineError,
      "Unknown job",
    );
    assertEquals((await c.submit()).length > 0, true);
  });
}
