/** A pipeline with shards over PostgreSQL: clients and workers see one pipeline. */
import { assert, assertEquals } from "@std/assert";
import { PipelineClient, PipelineError } from "@agentzero/agentzero/pipeline";
import { zmq } from "@agentzero/agentzero";
import {
  eventually,
  test,
  type TestContext,
  within,
} from "../support/harness.ts";
import { noPostgres, uniqueName } from "./store/postgres_server.ts";
import { joinShards, twoMembers } from "./support/shard_members.ts";
import { ran, square, squareOn } from "./support/squares.ts";

const OPTIONS = { skip: noPostgres, timeoutMs: 60_000 };

/** Two members, with a worker and a client. */
async function scene(t: TestContext, shards = 2) {
  const { name, pipeline, ...joined } = await twoMembers(t, shards);
  const worker = t.use(await square.run({ pipeline, concurrency: 4 }));
  const client = t.use(new PipelineClient({ pipeline }));
  const { first, second } = joined;
  return { name, first, second, pipeline, worker, client };
}

test(
  "shards are spread over the processes, rebalanced and taken over, and nothing is lost",
  OPTIONS,
  async (t) => {
    const { first, second, client } = await scene(t);
    let isOver = false;
    const squaring = squareOn(client, () => isOver);
    // The second one has come later, and gets its share.
    await eventually(
      () => first.member.led.size === 1 && second.member.led.size === 1,
      30_000,
      "one shard at each",
    );
    // A lease that is renewed late, as on a busy machine, counts as over.
    const isListed = async () => {
      const { members = [] } = await client.stats();
      return members.every(({ shards }) => shards?.length === 1) &&
        members.length === 2;
    };
    await eventually(isListed, 20_000, "both in the list");
    const count = ran.size;
    await eventually(() => ran.size > count + 20, 20_000, "jobs at both");
    await first.end();
    await eventually(
      () => second.member.led.size === 2,
      20_000,
      "both at the second",
    );
    const more = ran.size;
    await eventually(() => ran.size > more + 20, 20_000, "jobs at the second");
    isOver = true;
    assertEquals(await squaring, ran.size);
    assertEquals([...ran.values()].filter((times) => times > 1), []);
  },
);

test("a client sees one pipeline", OPTIONS, async (t) => {
  const { client, pipeline } = await scene(t, 3);
  const payloads = Array.from({ length: 50 }, (_, n) => n);
  const ids = await client.submitMany(square, payloads);
  const results = await Promise.all(ids.map((id) => client.result(id)));
  assertEquals(results, payloads.map((n) => n * n));
  const { counts, workers } = await client.stats();
  assertEquals(counts, [{ jobType: "square", state: "completed", count: 50 }]);
  assertEquals(workers.length, 1);

  const another = t.use(new PipelineClient({ pipeline }));
  for (const list of ["jobs", "flows"] as const) {
    const listed: string[] = [];
    let before: string | undefined;
    for (;;) {
      const page = await client[list]({ limit: 7, before });
      if (page.length === 0) break;
      listed.push(...page.map(({ id }) => id));
      before = page.at(-1)!.id;
    }
    assertEquals(listed.toSorted(), ids.toSorted(), list);
    // One that has not read the pages before finds where to go on.
    const rest = await another[list]({ before: listed[20], limit: 1000 });
    assertEquals(rest.map(({ id }) => id), listed.slice(21), list);
  }

  const options = { key: "the only one", delayMs: 60_000 };
  const id = await client.submit(square, 7, options);
  assertEquals(await client.submit(square, 8, options), id);
  // One of its own may belong to another shard than the key.
  const given = await Promise.all(
    ["a", "b", "c", "d"].map((id) =>
      client.submit(square, 1, { id, key: `key of ${id}` })
    ),
  );
  assertEquals(given, ["a", "b", "c", "d"]);
  for (const id of given) assertEquals(await client.result(id), 1);
  await client.cancel(id);
  const { state } = await client.status(id);
  assertEquals(state, "cancelled");
  const unknown = await client.status("no-such-flow").catch((error) => error);
  assert(unknown instanceof PipelineError);
  assertEquals(unknown.code, "ERR_PIPELINE_UNKNOWN");
});

test("schedules and events are those of all shards", OPTIONS, async (t) => {
  const { client } = await scene(t);
  const names = ["a", "b", "c", "d"];
  for (const name of names) {
    await client.schedule(name, square, 1, { cron: "0 4 * * *" });
  }
  const schedules = await client.schedules();
  assertEquals(schedules.map(({ id }) => id).toSorted(), names);
  for (const name of names) await client.unschedule(name);
  assertEquals(await client.schedules(), []);

  const wanted = new Set(names);
  const seen = (async () => {
    for await (const { topic } of client.watch("job:completed:")) {
      wanted.delete(topic.split(":").at(-1)!);
      if (wanted.size === 0) return;
    }
  })();
  // The events until it watches are missed.
  while (wanted.size > 0) {
    const all = [...wanted].map(async (id) => {
      await client.submit(square, 1, { id });
      await client.result(id);
      await client.remove(id);
    });
    await within(Promise.all(all), 30_000, "all results");
  }
  await within(seen, 20_000, "the end of watching");
});

test(
  "who knows nothing of shards learns it, or uses one of them",
  OPTIONS,
  async (t) => {
    const { first, client } = await scene(t);
    const ask = async (address: string, request: object) => {
      const req = t.use(new zmq.Request());
      req.connect(address);
      await req.send(JSON.stringify(request));
      const [answer] = await within(req.receive(), 20_000, "the answer");
      return JSON.parse(String(answer));
    };
    const refused = await ask(first.address, { type: "describe" });
    assertEquals([refused.status, refused.code], [400, "ERR_PIPELINE_SHARDED"]);
    const [pipeline] = first.member.led.values();
    const { requests } = pipeline!.addresses!;
    const { id, status } = await ask(requests, { flow: "square", payload: 5 });
    assertEquals(status, 200);
    assertEquals(await client.result(String(id)), 25);
  },
);

test("the number of shards cannot be changed", OPTIONS, async (t) => {
  const name = uniqueName();
  const one = await joinShards(t, name, 2);
  await eventually(() => one.member.led.size === 2, 20_000, "all shards");
  const other = await joinShards(t, name, 3);
  const error = await other.running.then(() => undefined, (error) => error);
  assertEquals(error.code, "ERR_STORE_SHARDS");
});
