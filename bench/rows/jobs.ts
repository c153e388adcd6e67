/**
 * Benchmarks. Jobs through a pipeline: how many a second, and how soon one
 * reaches its handler; beside BullMQ.
 *
 * @module
 */
import type { Contender } from "../lib/contenders.ts";
import { type Durability, Redis } from "../lib/redis.ts";
import { type Row, type Stage, start } from "../lib/row.ts";
import type { Rounds, Sample } from "../lib/rounds.ts";
import { type Column, hundredths, table } from "../lib/table.ts";

/** How many jobs are under way at a time. */
const WINDOW = 500;
/** How many of them the worker takes at a time. */
const CONCURRENCY = 100;

const BULLMQ: readonly [Durability, string][] = [
  ["default", "Redis as it comes"],
  ["everysec", "Redis, appendfsync everysec"],
  ["always", "Redis, appendfsync always"],
];

/** How many jobs are sent at first, to see how many fill the time. */
export const FIRST = 3000;

/** What one measurement gives: how long the jobs took, and how soon a lone one began. */
export type Result = Sample & { readonly ms: number };
type Measure = (contender: Contender, count: number) => Promise<Result>;

/** A row. */
export const jobs: Row = {
  name: "jobs",
  async run(stage) {
    const { rounds, field, workshop } = stage;
    const how = new Map<string, Measure>();
    const named = (
      contender: Contender,
      what: string,
      measure: Measure,
    ): Contender => {
      const name = `${contender.name}, ${what}`;
      how.set(name, measure);
      return { ...contender, name };
    };
    const contenders = [
      ...field.jobs.map((one) =>
        named(
          one,
          "in memory",
          (one, count) => throughPipeline(one, rounds, count),
        )
      ),
      ...field.jobsInSqlite.map((one) =>
        named(
          one,
          "SQLite NORMAL",
          (one, count) => throughPipeline(one, rounds, count, workshop.path()),
        )
      ),
      ...BULLMQ.map(([durability, what]) =>
        named(
          field.bullmq,
          what,
          (one, count) => throughRedis(one, stage, count, durability),
        )
      ),
    ];
    const samples = await rounds.rates(
      "jobs",
      contenders,
      FIRST,
      (contender, count) => how.get(contender.name)!(contender, count),
    );
    const other = (name: string) =>
      `${field.bullmq.name}, ${BULLMQ[name.endsWith("NORMAL") ? 1 : 0]![1]}`;
    return {
      title: "Jobs",
      text:
        `No-op jobs, ${WINDOW} in progress at a time, of which a worker runs ${CONCURRENCY}; the ` +
        "client waits for each result. Then one job at a time: from `submit` to its " +
        "handler. The pipeline (or Redis), the worker and the client are separate " +
        "processes. BullMQ runs on Node, over a Unix socket; its results arrive by " +
        "`QueueEvents`. The memory store is compared with a Redis that takes occasional " +
        "snapshots, SQLite NORMAL with `appendfsync everysec`: both of the latter " +
        "survive the end of the process, and may lose the last commits when the power " +
        "fails.",
      chart: {
        title: "Jobs: more is better",
        unit: "jobs/s",
        value: "rate",
        samples,
      },
      tables: [{
        title: "Jobs per second, and milliseconds from submission to handler",
        table: table("", samples, [
          ...COLUMNS,
          {
            title: "jobs/s against BullMQ",
            value: "rate",
            against: (name) => name.startsWith("BullMQ") ? name : other(name),
          },
        ]),
      }],
    };
  },
};

/** What is reported of jobs. */
export const COLUMNS: readonly Column[] = [
  { title: "jobs/s", value: "rate", isSpread: true },
  { title: "p50", value: "p50", show: hundredths },
  { title: "p99", value: "p99", show: hundredths },
];

/** Sends jobs through a pipeline, a worker and a client of a contender. */
export async function throughPipeline(
  contender: Contender,
  rounds: Rounds,
  count: number,
  path?: string,
): Promise<Result> {
  await using pipeline = start(contender, "pipeline", { path });
  const connect = await pipeline.endpoint();
  const sample = await through(contender, rounds, count, connect);
  await pipeline.end();
  return sample;
}

async function throughRedis(
  contender: Contender,
  { rounds, workshop }: Stage,
  count: number,
  durability: Durability,
): Promise<Result> {
  await using redis = await Redis.start(workshop.path(), durability);
  return await through(contender, rounds, count, redis.socket);
}

/**
 * Sends jobs through a worker and a client of a contender.
 *
 * @param connect Where these connect to.
 * @param lone How many are sent alone in the end.
 */
export async function through(
  contender: Contender,
  rounds: Rounds,
  count: number,
  connect: string,
  lone: number = rounds.count(500, 10),
): Promise<Result> {
  await using worker = start(contender, "worker", {
    connect,
    concurrency: CONCURRENCY,
  });
  await using client = start(contender, "client", {
    connect,
    count,
    warm: 2 * count, // until all is compiled
    window: WINDOW,
    lone,
  });
  const { ms, p50, p99 } = await client.answer();
  await Promise.all([client.end(), worker.end()]);
  return {
    ms: Number(ms),
    p50: Number(p50) / 1000,
    p99: Number(p99) / 1000,
  };
}
