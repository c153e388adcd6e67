/**
 * Layer: pipeline/scheduler. Which job is blamed when a worker is lost. Of several
 * jobs that it had, it is unknown which was the cause: none is blamed, and each is
 * retried with half as many others beside it, until a loss repeats with one job
 * alone. So a job that kills its workers is found after a few losses, and costs
 * no other job anything.
 *
 * @module
 */
import type { JobFailure, JobRecord } from "../model/records.ts";

/**
 * A worker that had a job was lost.
 *
 * @param jobCount How many jobs its process had.
 */
export function blame(job: JobRecord, jobCount: number): void {
  if (jobCount <= 1) {
    job.kills++;
    job.isolationLimit = 1;
    return;
  }
  job.isolationLimit = Math.min(
    job.isolationLimit ?? Infinity,
    Math.ceil(jobCount / 2),
  );
}

/** Sets the error of a job with which too many workers were lost. */
export function setWorkerLost(job: JobRecord): JobRecord {
  job.error = {
    name: "WorkerLost",
    message: `${job.kills} workers were lost with this job alone`,
    retryable: false,
  };
  return job;
}

/**
 * An attempt ended without the loss of its worker: the job is no suspect.
 *
 * @param error Why its handler failed, if it did.
 */
export function clearSuspicion(
  job: JobRecord,
  error: JobFailure | undefined,
): void {
  job.isolationLimit = undefined;
  job.error = error;
}

/** A dead job is retried with fresh budgets; alone at first, if workers were lost with it. */
export function resetBudgets(job: JobRecord): void {
  job.isolationLimit = job.kills > 0 ? 1 : undefined;
  job.kills = 0;
  job.failures = 0;
  job.finishedAt = undefined;
}
