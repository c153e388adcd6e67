/** Random work on the stores that persist and on the one in memory: they say the same. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { jobIdOf } from "../../../src/pipeline/model/job_states.ts";
import type {
  FlowRecord,
  JobRecord,
} from "../../../src/pipeline/model/records.ts";
import type {
  Awaitable,
  JobStore,
} from "../../../src/pipeline/store/job_store.ts";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import { postgresStore } from "../../../src/pipeline/store/postgres_store.ts";
import { sqliteStore } from "../../../src/pipeline/store/sqlite_store.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";
import {
  batchOf,
  eventOf,
  flowOf,
  jobOf,
  type Parts,
  plain,
} from "./records.ts";
import { noPostgres, postgresServer, uniqueName } from "./postgres_server.ts";
import { noSqlite } from "./sqlite_support.ts";

const FLOWS = ["a", "b", "c", "d"];
const PLACES = [[0], [1], [2, 0], [2, 1]] as const;
const JOBS = FLOWS.flatMap((id) =>
  PLACES.map(([node, item]) => jobIdOf(id, node, item))
);

const flowState = fc.constantFrom(
  "running" as const,
  "completed" as const,
  "failed" as const,
  "cancelled" as const,
);
const jobState = fc.constantFrom(
  "scheduled" as const,
  "waiting" as const,
  "dispatched" as const,
  "active" as const,
  "retrying" as const,
  "completed" as const,
  "dead" as const,
  "cancelled" as const,
);
const text = fc.string({ unit: "binary", maxLength: 5 });
const number = fc.double({ noNaN: true, noDefaultInfinity: true })
  .map((n) => n === 0 ? 0 : n); // JSON has no -0 either
const maybe = <T>(value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined });
const failure = fc.record({
  name: text,
  message: text,
  retryable: fc.boolean(),
});

/** What never changes follows from the id. */
const flow: fc.Arbitrary<FlowRecord> = fc.record({
  id: fc.constantFrom(...FLOWS),
  state: flowState,
  result: maybe(text.map((value) => JSON.stringify(value))),
  error: maybe(failure),
  finishedAt: maybe(number),
  expiresAt: maybe(fc.integer({ min: 0, max: 20 })),
}).map(({ id, ...changes }) =>
  flowOf(id, { name: id < "c" ? "x" : "y", key: `"${id}`, ...changes })
);

const job: fc.Arbitrary<JobRecord> = fc.record({
  flowId: fc.constantFrom(...FLOWS),
  place: fc.constantFrom(...PLACES),
  state: jobState,
  attempt: fc.nat(),
  failures: fc.nat(9),
  kills: fc.nat(9),
  isolationLimit: maybe(fc.integer({ min: 1, max: 9 })),
  runAt: maybe(number),
  worker: maybe(text),
  progress: maybe(number),
  result: maybe(text.map((value) => JSON.stringify(value))),
  error: maybe(failure),
  startedAt: maybe(number),
  traceparent: maybe(text),
  finishedAt: maybe(number),
}).map(({ flowId, place: [node, item], ...changes }) =>
  jobOf(flowId, { node, item, jobType: `type-${node}`, ...changes })
);

const event = fc.record({
  jobId: fc.constantFrom(...JOBS),
  at: number,
  type: jobState,
  attempt: fc.nat(9),
  worker: maybe(text),
  detail: maybe(text),
}).map(({ jobId, type, ...more }) => eventOf(jobId, type, more));

const batch: fc.Arbitrary<Parts> = fc.record({
  flows: fc.array(flow, { maxLength: 4 }),
  jobs: fc.array(job, { maxLength: 8 }),
  events: fc.array(event, { maxLength: 4 }),
  settings: fc.dictionary(
    text.filter((name) => name !== "__proto__"),
    fc.option(fc.json({ depthSize: "small" })),
    { maxKeys: 2 },
  ),
});

const query = fc.record({
  limit: fc.nat(6),
  name: maybe(fc.constantFrom("x", "y", "type-0", "type-2", "nothing")),
  before: maybe(fc.constantFrom(...FLOWS, ...JOBS)),
});
const states = {
  flows: maybe(fc.array(flowState)),
  jobs: maybe(fc.array(jobState)),
};

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ batch }) },
  {
    weight: 1,
    arbitrary: fc.record({
      now: fc.integer({ min: 0, max: 20 }),
      limit: fc.nat(3),
    }),
  },
  { weight: 3, arbitrary: fc.record({ query, ...states }) },
);

test(
  "the store in SQLite behaves as that in memory, for any input",
  { skip: noSqlite, timeoutMs: 60_000 },
  async (t) => {
    const dir = await t.tempDir();
    let files = 0;
    await requireSame(() => sqliteStore(join(dir, `${files++}.db`)));
  },
);

test(
  "the store in PostgreSQL behaves as that in memory, for any input",
  { skip: noPostgres, timeoutMs: 120_000 },
  async () => {
    const { url } = await postgresServer();
    // Each needs a connection of its own, and asks over the network.
    await requireSame(() => postgresStore(url, { name: uniqueName() }), 15);
  },
);

/** Does the same to a store as to one in memory, many times over. */
async function requireSame(
  create: () => JobStore,
  runs?: number,
): Promise<void> {
  await check(
    fc.asyncProperty(
      fc.array(step, { maxLength: 20, size: "max" }),
      async (steps) => {
        const memory = memoryStore();
        const other = create();
        await memory.open();
        await other.open();
        try {
          for (const step of steps) {
            assertEquals(
              await outcome(other, step),
              await outcome(memory, step),
            );
            assertEquals(await everything(other), await everything(memory));
          }
        } finally {
          await other.close();
        }
      },
    ),
    runs,
  );
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What a store gives for a step. */
async function outcome(store: JobStore, step: Step): Promise<unknown> {
  if ("now" in step) return await store.prune(step.now, step.limit);
  if ("query" in step) {
    return plain([
      await store.flows({ ...step.query, states: step.flows }),
      await store.jobs({ ...step.query, states: step.jobs }),
    ]);
  }
  try {
    await store.commit(batchOf(step.batch));
    return "kept";
  } catch (error) {
    return (error as Error & { code: string }).code;
  }
}

/** All that a store can be asked for. */
async function everything(store: JobStore): Promise<unknown> {
  const counts = (await store.counts())
    .map(({ jobType, state, count }) => `${jobType} ${state} ${count}`).sort();
  const of = <T>(ids: readonly string[], ask: (id: string) => Awaitable<T>) =>
    Promise.all(ids.map(ask));
  const unfinished = [];
  for await (const flow of store.unfinished()) unfinished.push(flow);
  return plain({
    flows: await of(FLOWS, (id) => store.flow(id)),
    jobsOf: await of(FLOWS, (id) => store.jobsOf(id)),
    counted: await of(FLOWS, (id) => store.jobCountOf(id)),
    jobs: await of(JOBS, (id) => store.job(id)),
    events: await of(JOBS, (id) => store.events(id)),
    unfinished,
    settings: new Map([...await store.settings()].sort()),
    counts,
  });
}
