/**
 * Test support. An endless series of batches, each determined by its number: so
 * the reader of a store can say which of them it must have, and how.
 *
 * @module
 */
import type { JobRecord } from "../../../../src/pipeline/model/records.ts";
import type { Batch } from "../../../../src/pipeline/store/job_store.ts";
import { batchOf, eventOf, flowOf, jobOf } from "../records.ts";

/** How many jobs the batch with this number brings. */
export function jobCount(n: number): number {
  return 1 + (n * 7) % 40;
}

/** A job of batch `n`, as batch `now` leaves it. */
export function jobAt(n: number, node: number, now: number): JobRecord {
  const job = jobOf(`f${n}`, {
    node,
    payload: JSON.stringify("x".repeat((n * 31 + node * 17) % 5000)),
  });
  return now > n
    ? { ...job, state: "completed", attempt: 1, result: `[${n},${node}]` }
    : job;
}

/** Batch `n`: a flow and its jobs, and the end of those of the batch before. */
export function batchAt(n: number): Batch {
  const jobs: JobRecord[] = [];
  for (let i = 0; i < jobCount(n); i++) jobs.push(jobAt(n, i, n));
  const flows = [flowOf(`f${n}`)];
  if (n > 0) {
    for (let i = 0; i < jobCount(n - 1); i++) jobs.push(jobAt(n - 1, i, n));
    flows.push(flowOf(`f${n - 1}`, { state: "completed" }));
  }
  return batchOf({
    flows,
    jobs,
    events: jobs.map(({ id, state }) => eventOf(id, state, { at: n })),
    settings: { last: String(n) },
  });
}
