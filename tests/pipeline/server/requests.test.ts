/** Unit: the requests of the wire, and what is answered to those that are wrong. */
import { assertEquals, assertRejects } from "@std/assert";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import { statusOf } from "../../../src/pipeline/server/request_server.ts";
import { answer } from "../../../src/pipeline/server/requests.ts";
import { eventually } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";
import { coordinate, type TestCoordinator } from "../coordinator/fixture.ts";
import { testOver } from "../support/store_kinds.ts";

async function ask(c: TestCoordinator, request: Record<string, unknown>) {
  const { operations } = c;
  return await answer({ minor: 1, ...request }, {
    operations,
    lists: operations.bounded,
    host: { describe: () => ({ name: "me" }), requireWorker: () => {} },
  });
}

async function refuse(c: TestCoordinator, request: Record<string, unknown>) {
  const error = await assertRejects(() => ask(c, request), PipelineError);
  return error.message;
}

/** A store in this process, and one that answers as over a network. */
for (const isRemote of [false, true]) {
  const test = testOver(isRemote);

  const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  test("a request without a type is the guide's: it submits", async (t) => {
    const c = await coordinate(t, { isRemote });
    const { id, new: isNew } = await ask(c, {
      job_type: "a",
      payload: { path: "x" },
    });
    assertEquals(isNew, true);
    assertEquals(c.store.job(id as string)!.payload, '{"path":"x"}');
  });

  test("a submission accepts all its members", async (t) => {
    const c = await coordinate(t, { isRemote });
    await ask(c, {
      type: "submit",
      flow: "a",
      payload: null,
      id: "mine",
      key: "k",
      delay_ms: 500,
      priority: -3,
      retry: { attempts: 2 },
      timeout_ms: 10,
      traceparent: TRACEPARENT,
    });
    const job = c.store.job("mine")!;
    assertEquals([job.state, job.runAt, job.priority, job.timeoutMs], [
      "scheduled",
      c.now + 500,
      -3,
      10,
    ]);
    assertEquals(job.retry, { attempts: 2, delayMs: 1000, maxDelayMs: 60_000 });
    const { key, traceparent } = c.store.flow("mine")!;
    assertEquals([key, traceparent], ["k", TRACEPARENT]);
  });

  test("many submissions get what they do not say from the request", async (t) => {
    const c = await coordinate(t, { isRemote });
    const request = { type: "submit_many", flow: "a", priority: 3, id: "no" };
    const answered = await ask(c, {
      ...request,
      submissions: [{ id: "x", payload: 1 }, {
        id: "y",
        flow: "chain",
        priority: 4,
        instructions: 2,
      }, { id: "x" }],
    });
    assertEquals(answered, { ids: ["x", "y", "x"], new: [true, true, false] });
    const jobs = ["x", "y"].map((id) => c.store.job(id)!);
    assertEquals(jobs.map(({ priority }) => priority), [3, 4]);
    assertEquals(jobs.map(({ payload }) => payload), ["1", "2"]);
    assertEquals(c.store.flow("y")!.name, "chain");
    const wrong = (submissions: unknown) =>
      refuse(c, { ...request, submissions });
    assertEquals(
      await wrong(Array.from({ length: 1001 }, () => ({}))),
      '"submissions" must be a list of 1000 at most',
    );
    assertEquals(
      await wrong([{}, 7]),
      'Submission 1: "a submission" must be an object',
    );
    assertEquals(
      await wrong([{}, { priority: "high" }]),
      'Submission 1: "priority" must be a number',
    );
    assertEquals(c.store.flows({ limit: 9 }).length, 2);
  });

  test("status, result, timeline, list and stats show the current state", async (t) => {
    const c = await coordinate(t, { isRemote });
    c.join("w");
    await ask(c, { job_type: "a", payload: 1, id: "x" });
    c.succeed("w", (await c.jobs())[0]!, { done: true });
    await c.takeSent();
    const result = await ask(c, { type: "result", id: "x", wait_ms: 1000 });
    assertEquals([result.state, result.result], ["completed", { done: true }]);
    const { jobs, state } = await ask(c, { type: "status", id: "x" });
    assertEquals(
      [state, (jobs as { payload: unknown }[])[0]!.payload],
      [
        "completed",
        1,
      ],
    );
    const few = await ask(c, { type: "status", id: "x", limit: 0 });
    assertEquals([few.job_count, few.jobs], [1, []]);
    const { events } = await ask(c, { type: "timeline", id: "x" });
    assertEquals((events as { type: string }[]).map(({ type }) => type), [
      "dispatched",
      "completed",
    ]);
    const list = {
      type: "list",
      of: "flows",
      states: ["completed"],
      name: "a",
    };
    assertEquals((await ask(c, list)).flows instanceof Array, true);
    assertEquals((await ask(c, { ...list, states: ["failed"] })).flows, []);
    const { workers } = await ask(c, { type: "stats" });
    assertEquals((workers as { id: string }[])[0]!.id, "w");
    assertEquals((await ask(c, { type: "describe" })).name, "me");
  });

  test("schedules are added, listed and removed", async (t) => {
    const c = await coordinate(t, { isRemote });
    const { next_at } = await ask(c, {
      type: "schedule",
      id: "s",
      flow: "a",
      cron: "* * * * *",
      timezone: "UTC",
      payload: [1],
    });
    assertEquals(next_at, 1_020_000);
    const { schedules } = await ask(c, { type: "schedules" });
    assertEquals(schedules, [{
      id: "s",
      flow: "a",
      cron: "* * * * *",
      timezone: "UTC",
      payload: [1],
      missed: "once",
      priority: 0,
      declared: false,
      paused: false,
      next_at,
    }]);
    const paused = async () =>
      ((await ask(c, { type: "schedules" })).schedules as { paused: boolean }[])
        .map((one) => one.paused);
    await ask(c, { type: "pause_schedule", id: "s" });
    assertEquals(await paused(), [true]);
    await ask(c, { type: "resume_schedule", id: "s" });
    assertEquals(await paused(), [false]);
    assertEquals(
      await refuse(c, { type: "pause_schedule", id: "t" }),
      'Unknown schedule "t"',
    );
    await ask(c, { type: "unschedule", id: "s" });
    assertEquals((await ask(c, { type: "schedules" })).schedules, []);
    assertEquals(
      await refuse(c, { type: "unschedule", id: "s" }),
      'Unknown schedule "s"',
    );
  });

  test("a payload may be submitted under either name, and is answered by the name that the client knows", async (t) => {
    const c = await coordinate(t, { isRemote });
    await ask(c, { flow: "a", payload: [1], id: "new" });
    await ask(c, { flow: "a", instructions: [2], id: "old" });
    await ask(c, { flow: "a", payload: null, instructions: [3], id: "both" });
    const named = async (request: Record<string, unknown>) => {
      const { jobs, schedules } = await ask(c, request);
      const [one] = (jobs ?? schedules) as Record<string, unknown>[];
      return [one!.payload, one!.instructions];
    };
    for (const [id, value] of [["new", [1]], ["old", [2]], ["both", null]]) {
      const status = { type: "status", id };
      assertEquals(await named(status), [value, undefined]);
      assertEquals(await named({ ...status, minor: 0 }), [undefined, value]);
      assertEquals(await named({ ...status, minor: null }), [undefined, value]);
      assertEquals(await named({ ...status, minor: 7 }), [value, undefined]);
    }
    const list = { type: "list", states: ["waiting"], limit: 1 };
    assertEquals(await named({ ...list, minor: 0 }), [undefined, undefined]);
    const whole = { ...list, payloads: true };
    assertEquals(await named({ ...whole, minor: 0 }), [undefined, null]);
    const schedule = {
      type: "schedule",
      id: "s",
      flow: "a",
      cron: "* * * * *",
    };
    await ask(c, { ...schedule, payload: [4] });
    assertEquals(await named({ type: "schedules" }), [[4], undefined]);
    await ask(c, { ...schedule, instructions: [5] });
    assertEquals(await named({ type: "schedules", minor: 0 }), [undefined, [
      5,
    ]]);
    assertEquals(
      await refuse(c, { type: "schedules", minor: "1" }),
      '"minor" must be a whole number from 0',
    );
  });

  test("invalid requests are errors that say what was expected", async (t) => {
    const c = await coordinate(t, { isRemote });
    for (
      const [request, message] of [
        [{ type: "fly" }, 'Unknown request type "fly"'],
        [{}, '"job_type" must be text'],
        [{ job_type: "z" }, 'Unknown flow "z"; the pipeline has "a", "chain"'],
        [{ type: "status" }, '"id" must be text'],
        [{ type: "status", id: "z" }, 'Unknown job "z"'],
        [
          { type: "list", of: "cats" },
          '"of" must be "flows" or "jobs", not "cats"',
        ],
        [
          { type: "list", of: "flows", states: ["dead"] },
          '"states" must be a list of running, completed, failed, cancelled',
        ],
        [
          { job_type: "a", retry: { attempts: 0 } },
          "retry.attempts must be a whole number from 1, not 0",
        ],
        [{ type: "pause", job_type: "z" }, 'Unknown job type "z"'],
        [
          { type: "schedule", id: "s", flow: "a", cron: "x", missed: "all" },
          '"missed" must be "once" or "skip", not "all"',
        ],
      ] as const
    ) assertEquals(await refuse(c, request), message);
  });

  test("any request gets an answer or a clear error", async (t) => {
    const c = await coordinate(t, { isRemote });
    const types = [
      "submit",
      "status",
      "timeline",
      "logs",
      "cancel",
      "retry",
      "list",
      "stats",
      "pause",
      "resume",
      "drain",
      "schedule",
      "unschedule",
      "pause_schedule",
      "resume_schedule",
      "promote",
      "set_priority",
      "remove",
      "schedules",
    ];
    const names = [
      "id",
      "of",
      "states",
      "limit",
      "job_type",
      "payload",
      "retry",
      "cron",
      "key",
    ];
    await check(fc.asyncProperty(
      fc.constantFrom(...types),
      fc.dictionary(fc.constantFrom(...names), fc.jsonValue()),
      async (type, request) => {
        try {
          await ask(c, { ...request, type });
        } catch (error) {
          assertEquals(error instanceof PipelineError && statusOf(error), 400);
        }
      },
    ));
  });

  test("errors have the statuses of the guide, and 429", () => {
    const of = (code: string) => statusOf({ code });
    assertEquals(of("ERR_PIPELINE_FULL"), 429);
    assertEquals(of("ERR_STORE_FAILED"), 300);
    assertEquals(statusOf(new PipelineError("ERR_PIPELINE_UNKNOWN", "")), 400);
    assertEquals(statusOf(new RangeError("Invalid time value")), 400);
    assertEquals(statusOf(new TypeError("a bug")), 500);
  });

  const EACH = {
    each: [
      { jobType: "a", after: [] },
      { jobType: "b", after: [0], each: true },
    ],
  } as const;

  test("a flow with many jobs is answered in pages, however many are asked for", async (t) => {
    const c = await coordinate(t, { isRemote, graphs: EACH });
    c.join("w");
    await ask(c, { flow: "each", payload: 1, id: "x" });
    const [job] = await c.jobs("w");
    c.succeed("w", job!, Array.from({ length: 1200 }, (_, n) => n));
    const { scheduler } = c.coordinator;
    await eventually(() => scheduler.flow("x")?.jobs.size === 1201);
    await c.takeSent();
    const page = async (more: object) => {
      const { jobs, job_count } = await ask(c, {
        type: "status",
        id: "x",
        ...more,
      });
      assertEquals(job_count, 1201);
      return (jobs as { payload: unknown }[]).map(({ payload }) => payload);
    };
    assertEquals((await page({})).length, 100);
    assertEquals((await page({ limit: 5000 })).length, 1000);
    assertEquals(await page({ limit: 2, offset: 1199 }), [1198, 1199]);
    assertEquals(await page({ limit: 2, offset: 1201 }), []);
    const { events } = await ask(c, {
      type: "timeline",
      id: "x",
      limit: 1,
      offset: 1,
    });
    assertEquals((events as { type: string }[]).map(({ type }) => type), [
      "completed",
    ]);
  });

  test("an answer ends where its payloads are too large, and the next page continues there", async (t) => {
    const c = await coordinate(t, { isRemote, maxPayloadBytes: 1000 });
    const payload = "x".repeat(900);
    for (let n = 0; n < 5; n++) {
      await ask(c, { flow: "a", payload, id: `x${n}` });
    }
    const ids: string[] = [];
    let before: string | undefined;
    const sizes: number[] = [];
    for (;;) {
      const answer = await ask(c, { type: "list", payloads: true, before });
      const jobs = answer.jobs as { id: string }[];
      if (jobs.length === 0) break;
      sizes.push(jobs.length);
      for (const { id } of jobs) ids.push(id);
      before = ids.at(-1);
    }
    assertEquals(ids, ["x4", "x3", "x2", "x1", "x0"]);
    assertEquals(sizes, [3, 2]);
    const { jobs } = await ask(c, { type: "list" });
    assertEquals((jobs as unknown[]).length, 5);
  });

  test("the number of waiting requests is limited; others are answered", async (t) => {
    const c = await coordinate(t, { isRemote, maxWaiting: 2 });
    c.join("w");
    await ask(c, { flow: "a", payload: 1, id: "x" });
    const waiting = [1, 2].map(() =>
      ask(c, { type: "result", id: "x", wait_ms: 60_000 })
    );
    const error = await assertRejects(
      () => ask(c, { type: "result", id: "x", wait_ms: 60_000 }),
      PipelineError,
    );
    assertEquals(error.code, "ERR_PIPELINE_FULL");
    assertEquals((await ask(c, { type: "result", id: "x" })).state, "running");
    c.succeed("w", (await c.jobs())[0]!, 5);
    for (const { state } of await Promise.all(waiting)) {
      assertEquals(state, "completed");
    }
    await ask(c, { flow: "a", payload: 1, id: "y" });
    const room = ask(c, { type: "result", id: "y", wait_ms: 1 });
    assertEquals((await room).state, "running");
  });
}
