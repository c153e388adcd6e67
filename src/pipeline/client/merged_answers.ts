/**
 * Layer: pipeline/client. One answer from those of all shards, as on the wire.
 *
 * @module
 */
import type { Answer } from "../protocol/request_dealer.ts";

type Row = Readonly<Record<string, unknown>>;

/** The statistics of a pipeline from those of its shards. */
export function mergedStats(answers: readonly Answer[]): Answer {
  return {
    ...answers[0],
    counts: merged(answers, "counts", ["job_type", "state"], (a, b) => ({
      count: sum(a.count, b.count),
    })),
    job_types: merged(answers, "job_types", ["job_type"], (a, b) => ({
      waiting: sum(a.waiting, b.waiting),
      running: sum(a.running, b.running),
      paused: a.paused === true || b.paused === true,
    })),
    workers: merged(answers, "workers", ["id"], mergedWorker),
    errors: mergedErrors(answers),
    members: mergedMembers(answers),
  };
}

/** The schedules of all shards, the next one first. */
export function mergedSchedules(answers: readonly Answer[]): Answer {
  const schedules = answers.flatMap((answer) => rowsOf(answer, "schedules"));
  schedules.sort((a, b) => Number(a.next_at) - Number(b.next_at));
  return { schedules };
}

/** A worker has jobs of all shards. */
function mergedWorker(a: Row, b: Row): Row {
  return {
    credit: sum(a.credit, b.credit),
    jobs: [...a.jobs as string[], ...b.jobs as string[]],
    joined_at: Math.min(Number(a.joined_at), Number(b.joined_at)),
    heard_at: Math.max(Number(a.heard_at), Number(b.heard_at)),
    linked: a.linked === true && b.linked === true,
    suspect: a.suspect === true || b.suspect === true,
    draining: a.draining === true || b.draining === true,
  };
}

function mergedErrors(answers: readonly Answer[]): Row {
  const all: Record<string, number> = {};
  for (const { errors } of answers) {
    for (const [kind, count] of Object.entries(Object(errors) as Row)) {
      all[kind] = sum(all[kind], count);
    }
  }
  return all;
}

/** The processes, each with the shards that it leads; those that lead first. */
function mergedMembers(answers: readonly Answer[]): Row[] {
  const withShards = answers.map((answer, shard) => ({
    members: rowsOf(answer, "members").map((member) => ({
      ...member,
      shards: member.leads === true ? [shard] : [],
    })),
  }));
  const all = merged(
    withShards,
    "members",
    ["address", "host", "pid"],
    (a, b) => ({
      leads: a.leads === true || b.leads === true,
      since: Math.min(Number(a.since), Number(b.since)),
      shards: [...a.shards as number[], ...b.shards as number[]],
    }),
  );
  return all.sort((a, b) => Number(b.leads) - Number(a.leads));
}

/** The rows of all answers, those with the same members put together. */
function merged(
  answers: readonly Answer[],
  list: string,
  by: readonly string[],
  merge: (a: Row, b: Row) => Row,
): Row[] {
  const rows = new Map<string, Row>();
  for (const row of answers.flatMap((answer) => rowsOf(answer, list))) {
    const key = JSON.stringify(by.map((name) => row[name]));
    const before = rows.get(key);
    rows.set(
      key,
      before === undefined ? row : { ...before, ...merge(before, row) },
    );
  }
  return [...rows.values()];
}

function rowsOf(answer: Answer, list: string): Row[] {
  return (answer[list] ?? []) as Row[];
}

function sum(a: unknown, b: unknown): number {
  return Number(a ?? 0) + Number(b ?? 0);
}
