/** Integration: searching flows and jobs, over every kind of store. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import {
  defineStep,
  flow,
  type JobStore,
  memoryStore,
  PipelineError,
  sqliteStore,
} from "@agentzero/agentzero/pipeline";
import { postgresStore } from "@agentzero/agentzero/pipeline/postgres";
import { Searches } from "../../../src/pipeline/coordinator/searches.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import {
  noPostgres,
  postgresServer,
  uniqueName,
} from "../store/postgres_server.ts";
import { batchOf, flowOf, jobOf } from "../store/records.ts";
import { noSqlite } from "../store/sqlite_support.ts";
import { clientOf, codeOf, open } from "../support/pipelines.ts";

const load = defineStep("load", (_: { file: string }) => [1, 2]);
const part = defineStep("part", (n: number) => n);

interface Kind {
  readonly name: string;
  readonly skip?: string | false;
  store(t: TestContext): Promise<JobStore>;
}

const KINDS: readonly Kind[] = [
  { name: "memory", store: () => Promise.resolve(memoryStore()) },
  {
    name: "sqlite",
    skip: noSqlite,
    store: async (t) => sqliteStore(join(await t.tempDir(), "jobs.db")),
  },
  {
    name: "postgres",
    skip: noPostgres,
    store: async () => {
      const { url } = await postgresServer();
      return postgresStore(url, { name: uniqueName() });
    },
  },
];

for (const { name, skip, store } of KINDS) {
  test(`${name}: a client searches flows and jobs`, {
    skip,
    timeoutMs: 30_000,
  }, async (t) => {
    const { requests, pipeline } = await open(t, {
      flows: [flow(load, "files").each(part), flow(part)],
      store: await store(t),
    });
    const client = clientOf(t, requests);
    for (let i = 0; i < 5; i++) {
      const key = i < 3 ? `file-${i % 2}` : undefined;
      await client.submit("files", { file: `Cat ${i}.png` }, {
        id: `f${i}`,
        key,
      });
      if (i === 0) await client.cancel("f0");
    }
    await client.submit("part", 7, { id: "p", key: "file-0x" });
    const jobs = async (query: object) =>
      (await client.jobs(query)).map(({ id }) => id).join(" ");
    const flows = async (query: object) =>
      (await client.flows(query)).map(({ id }) => id).join(" ");
    assertEquals(await flows({ key: "file-0" }), "f2 f0");
    assertEquals(await jobs({ key: "file-0" }), "f2 f0");
    assertEquals(await jobs({ key: "file-0", states: ["cancelled"] }), "f0");
    assertEquals(await jobs({ search: "cat 3.PNG" }), "f3");
    assertEquals(await flows({ search: "cat", limit: 2 }), "f4 f3");
    assertEquals(
      await jobs({ search: "cat", limit: 2, before: "f3" }),
      "f2 f1",
    );
    assertEquals(await jobs({ search: "cat", name: "part" }), "");
    assertEquals(await jobs({ key: "file-0", search: "cat 0" }), "f0");
    const [whole] = await client.jobs({ search: "cat 1", payloads: true });
    assertEquals(whole!.payload, { file: "Cat 1.png" });
    const [head] = await client.jobs({ search: "cat 1" });
    assertEquals(head!.payload, undefined);
    const all = await client.jobs({ search: "cat", payloads: true });
    assertEquals(all.map(({ id }) => id).join(" "), "f4 f3 f2 f1 f0");
    const found = await pipeline.operations.searchFlows({
      key: "file-0",
      limit: 1,
    });
    assertEquals(found.records.map(({ id }) => id), ["f2"]);
    const rest = await pipeline.operations.searchFlows({
      key: "file-0",
      limit: 1,
      cursor: found.cursor,
    });
    assertEquals(rest.records.map(({ id }) => id), ["f0"]);
  });
}

test("the jobs of a key are found flow by flow, with a cursor within a flow", async () => {
  const store = memoryStore();
  await store.open();
  const ids = ["a", "b"];
  await store.commit(batchOf({
    flows: ids.map((id) => flowOf(id, { key: "k" })),
    jobs: ids.flatMap((id) =>
      Array.from({ length: 70 }, (_, item) => jobOf(id, { node: 1, item }))
    ),
  }));
  const searches = new Searches(store);
  const all: string[] = [];
  let cursor: string | undefined;
  do {
    const part = await searches.jobs({ key: "k", limit: 9, cursor });
    for (const { id } of part.records) all.push(id);
    ({ cursor } = part);
  } while (cursor !== undefined);
  assertEquals(all.length, 140);
  assertEquals([all[0], all[69], all[70], all[139]], [
    "b.1.0",
    "b.1.69",
    "a.1.0",
    "a.1.69",
  ]);
});

test(
  "a search of many records leaves others their turn, and answers in parts",
  {
    timeoutMs: 60_000,
  },
  async (t) => {
    const store = memoryStore();
    await store.open();
    const payload = JSON.stringify("x".repeat(60_000));
    for (let n = 0; n < 8; n++) {
      const ids = Array.from({ length: 2000 }, (_, i) => `f${n}-${i}`);
      await store.commit(batchOf({
        flows: ids.map((id) => flowOf(id)),
        jobs: ids.map((id) => jobOf(id, { payload })),
      }));
    }
    const searches = new Searches(store);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    t.cleanup(() => clearInterval(timer));
    // The slowest there is: each character begins what may be a match.
    const text = `${"x".repeat(199)}y`;
    const part = await within(
      searches.jobs({ search: text, limit: 10 }),
      20_000,
      "a part",
    );
    assertEquals(part.records, []);
    assert(part.cursor !== undefined, "it has not seen everything");
    assert(turns > 1, `${turns} turns`);
  },
);

test("searches that wait have a maximum", async () => {
  const store = memoryStore();
  await store.open();
  const searches = new Searches(store);
  const all = Array.from({ length: 101 }, () => searches.jobs({ limit: 1 }));
  const outcomes = await Promise.allSettled(all);
  const failed = outcomes.filter(({ status }) => status === "rejected");
  assertEquals(failed.length, 1);
  assertEquals(
    ((failed[0] as PromiseRejectedResult).reason as PipelineError).code,
    "ERR_PIPELINE_FULL",
  );
});

test("a malformed search is refused", async (t) => {
  const { requests, pipeline } = await open(t, { steps: [part] });
  const client = clientOf(t, requests);
  for (
    const query of [
      { search: "" },
      { search: "x".repeat(201) },
      { key: "x".repeat(1025) },
      { key: "k", limit: 0 },
      { search: "x", before: "unknown" },
      { key: "k", before: "id" },
      { cursor: "1; DROP TABLE" },
    ]
  ) {
    const code = await codeOf(client.request({ type: "search", ...query }));
    assert(code === "ERR_PIPELINE_INVALID" || code === "ERR_PIPELINE_UNKNOWN");
  }
  await assertRejects(
    () => pipeline.operations.searchJobs({ limit: 1, cursor: "-1" }),
    PipelineError,
    "cursor",
  );
});
