/** A dashboard of any process shows all shards of its pipeline. */
import { assert, assertEquals } from "@std/assert";
import { zmq } from "@agentzero/agentzero";
import { PipelineClient } from "@agentzero/agentzero/pipeline";
import { dashboard } from "@agentzero/agentzero/pipeline/http";
import { eventually, test, within } from "../../support/harness.ts";
import { noPostgres } from "../store/postgres_server.ts";
import { type Joined, twoMembers } from "../support/shard_members.ts";
import { square } from "../support/squares.ts";
import { ORIGIN, TOKEN } from "./fixture.ts";

const OPTIONS = { skip: noPostgres, timeoutMs: 90_000 };

/** Whether these processes have so many shards, in any order. */
function hasLed(joined: readonly Joined[], ...counts: number[]): boolean {
  const led = joined.map(({ member }) => member.led.size).sort();
  return led.join() === counts.join();
}

/** Asks a dashboard. */
function asker(handler: (request: Request) => Promise<Response>) {
  const ask = (path: string, init: RequestInit = {}) =>
    handler(
      new Request(ORIGIN + path, {
        ...init,
        headers: { authorization: `Bearer ${TOKEN}` },
      }),
    );
  // deno-lint-ignore no-explicit-any
  const json = async (path: string, init?: RequestInit): Promise<any> =>
    await (await ask(path, init)).json();
  const post = (path: string, body?: string) =>
    json(path, { method: "POST", body });
  return { ask, json, post };
}

test(
  "each process shows all shards, and does what is asked there",
  OPTIONS,
  async (t) => {
    const { first, second, pipeline } = await twoMembers(t);
    const handlers = [first, second].map(({ member }) =>
      t.use(dashboard(member, { token: TOKEN }))
    );
    const [one, other] = handlers.map(asker);
    const isSpread = () => hasLed([first, second], 1, 1);
    await eventually(isSpread, 45_000, "one shard at each");

    await one!.post("/api/pause");
    const lines = Array.from({ length: 30 }, (_, n) => `{"payload":${n}}`);
    const { ids, new: isNew } = await other!.post(
      "/api/flows/many?flow=square",
      lines.join("\n"),
    );
    assertEquals([ids.length, new Set(isNew)], [30, new Set([true])]);
    const paused = await other!.json("/api/overview");
    assertEquals([paused.steps[0].waiting, paused.steps[0].paused], [30, true]);
    const listed = await one!.json("/api/jobs?limit=500");
    const listedIds = listed.jobs.map(({ id }: { id: string }) => id);
    assertEquals(listedIds.toSorted(), ids.toSorted());

    t.use(await square.run({ pipeline, concurrency: 4 }));
    await other!.post("/api/resume");
    for (const [n, id] of ids.entries()) {
      const { result } = await one!.json(
        `/api/flows/${id}/result?wait_ms=20000`,
      );
      assertEquals(result, n * n);
    }
    const { id } = await one!.post(
      "/api/flows",
      '{"flow":"square","payload":7}',
    );
    await other!.json(`/api/flows/${id}/result?wait_ms=20000`);
    const job = await other!.json(`/api/jobs/${id}?minor=1`);
    assertEquals([job.state, job.payload, job.flow.name], [
      "completed",
      7,
      "square",
    ]);
    assert(
      job.timeline.some(({ type }: { type: string }) => type === "completed"),
    );
    const { workers } = await one!.json("/api/overview");
    assertEquals(workers.length, 1);
    assert(workers[0].joined_at > 0);
    const missing = await one!.ask("/api/jobs/no-such-job");
    assertEquals(missing.status, 404);
  },
);

test("searches go on where they ended, over all shards", OPTIONS, async (t) => {
  const { first, pipeline } = await twoMembers(t, 3);
  const { json } = asker(t.use(dashboard(first.member, { token: TOKEN })));
  const client = t.use(new PipelineClient({ pipeline }));
  const ids = await client.submitMany(
    square,
    Array.from({ length: 20 }, () => 4711),
  );
  await client.submitMany(square, [1, 2, 3]);
  const found: string[] = [];
  let cursor = "";
  do {
    const page = await json(`/api/jobs?search=4711&limit=7${cursor}`);
    found.push(...page.jobs.map(({ id }: { id: string }) => id));
    cursor = page.cursor === undefined ? "" : `&cursor=${page.cursor}`;
  } while (cursor !== "");
  assertEquals(found.toSorted(), ids.toSorted());
  const id = await client.submit(square, 1, { key: "a key" });
  const { jobs } = await json("/api/jobs?key=a%20key");
  assertEquals(jobs.map((one: { id: string }) => one.id), [id]);
});

test(
  "health and metrics are those of the process; events are those of all",
  OPTIONS,
  async (t) => {
    const { first, second, pipeline } = await twoMembers(t);
    const asked = [first, second].map(({ member }) =>
      asker(t.use(dashboard(member, { token: TOKEN })))
    );
    // The second one stands by until it gets its share, after some seconds.
    const isStandby = () => second.member.led.size === 0;
    const wasStandby = isStandby();
    const health = await asked[1]!.json("/healthz");
    const { status } = await asked[1]!.ask("/readyz");
    if (wasStandby && isStandby()) {
      assertEquals([health, status], [{ status: "standby" }, 503]);
    }
    const isSpread = () => hasLed([first, second], 1, 1);
    await eventually(isSpread, 45_000, "one shard at each");
    for (const { ask } of asked) {
      assertEquals((await ask("/healthz")).status, 200);
      assertEquals((await ask("/readyz")).status, 200);
    }

    const { body } = await asked[1]!.ask("/events?topic=job:completed");
    const wanted = new Set(["a", "b", "c", "d"]);
    const reader = body!.getReader();
    t.cleanup(() => reader.cancel().catch(() => {}));
    const reading = (async () => {
      const decoder = new TextDecoder();
      let text = "";
      while (wanted.size > 0) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`it ended without ${[...wanted]}`);
        text = text.slice(-100) + decoder.decode(value, { stream: true });
        for (const id of wanted) {
          if (text.includes(`job:completed:square:${id}"`)) wanted.delete(id);
        }
      }
    })();
    t.use(await square.run({ pipeline, concurrency: 4 }));
    const client = t.use(new PipelineClient({ pipeline }));
    // The events until it watches are missed.
    const submitting = async () => {
      while (wanted.size > 0) {
        for (const id of [...wanted]) {
          await client.submit(square, 1, { id });
          await client.result(id);
          await client.remove(id);
        }
      }
    };
    await within(
      Promise.all([submitting(), reading]),
      30_000,
      "the events of all",
    );

    const completed = await Promise.all(asked.map(async ({ ask }) => {
      const page = await (await ask("/metrics")).text();
      const value = /agentzero_job_events_total\{.*event="completed".*\} (\d+)/
        .exec(page)?.[1];
      return Number(value ?? 0);
    }));
    const [one, other] = completed;
    assert(one! + other! >= 4, `${completed}`);
    // Unless the lead has changed, as on a busy machine.
    if (isSpread()) assert(one! > 0 && other! > 0, `${completed}`);
  },
);

test(
  "with keys and roles, processes use the pipeline's own key",
  OPTIONS,
  async (t) => {
    const keys = zmq.curveKeyPair();
    const operator = zmq.curveKeyPair();
    const security = { ...keys, allow: { operators: [operator.publicKey] } };
    const { first, second } = await twoMembers(t, 2, { security });
    const { json, post } = asker(
      t.use(dashboard(second.member, { token: TOKEN })),
    );
    const isSpread = () => hasLed([first, second], 1, 1);
    await eventually(isSpread, 45_000, "one shard at each");
    for (const id of ["a", "b", "c", "d"]) {
      await post(
        "/api/flows",
        JSON.stringify({ flow: "square", payload: 1, id }),
      );
    }
    const { steps: [step] } = await json("/api/overview");
    assertEquals(step.waiting, 4);
  },
);
