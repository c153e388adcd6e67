/**
 * Layer: pipeline/scheduler. Which job pays when a worker is lost. Of several jobs
 * that it had nobody knows which one was the cause: none of them pays, and each
 * is tried again with half as many others beside it, until the loss repeats
 * with one alone. So a job that kills its workers is found after a few losses,
 * and costs no other job anything.
 *
 * @module
 */
import type { JobFailure, JobRecord } from "../model/records.ts";

/**
 * A worker was lost that had a job.
 *
 * @param together How many jobs it had.
 */
export function blame(job: JobRecord, together: number): void {
  if (together <= 1) {
    job.kills++;
    job.together = 1;
    return;
  }
  job.together = Math.min(job.together ?? Infinity, Math.ceil(together / 2));
}

/** As many workers died with a job as may; gives the job, with its error. */
export function condemn(job: JobRecord): JobRecord {
  job.error = {
    name: "WorkerLost",
    message: `${job.kills} workers were lost with this job alone`,
    retryable: false,
  };
  return job;
}

/**
 * A job came to an end without the loss of its worker: it is suspected no more.
 *
 * @param error Why its handler failed, if it did.
 */
export function acquit(job: JobRecord, error: JobFailure | undefined): void {
  job.together = undefined;
  job.error = error;
}

/** A dead job is tried again with fresh budgets; if workers were lost with it, alone at first. */
export function pardon(job: JobRecord): void {
  job.together = job.kills > 0 ? 1 : undefined;
  job.kills = 0;
  job.failures = 0;
  job.finishedAt = undefined;
}
