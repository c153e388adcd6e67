/**
 * Layer: pipeline/worker. Makes what the handlers of a step are called by, as its
 * options say: in the thread of the worker, or in others.
 *
 * @module
 */
import type { Executor } from "./executor.ts";
import { contextMaker, type ReportChannel } from "./job_context.ts";
import { LocalExecutor } from "./local_executor.ts";
import type { RunOptions } from "./run_options.ts";
import type { StepLog } from "./step_log.ts";
import { ThreadExecutor } from "./threads/thread_executor.ts";
import { typescriptLoader } from "./threads/thread_start.ts";
import type { AnyStep } from "./types.ts";
import type { WorkerProof } from "./worker_proof.ts";

/** What an executor needs of its worker. */
export interface ExecutorParts {
  readonly proof: WorkerProof;
  /** Where handlers report to. */
  readonly channel: ReportChannel;
  readonly log: StepLog;
  /** There are more places, or fewer. */
  readonly placesChanged: () => void;
}

/** Makes the executor of a worker. */
export function makeExecutor(
  step: AnyStep,
  { concurrency = 1, threads, module, killMs = 1000 }: RunOptions,
  { proof: { id, secret }, channel, log, placesChanged }: ExecutorParts,
): Executor {
  if (threads === undefined) {
    const contextOf = contextMaker(
      { id, secret },
      channel,
      (job) => log.of(job.id),
    );
    return new LocalExecutor(step, contextOf, concurrency);
  }
  const { jobType } = step;
  const loader = typescriptLoader();
  return new ThreadExecutor(
    { module: String(module), jobType, loader, id, secret },
    { threads, concurrency, killMs },
    { channel, placesChanged, failing: (error) => log.report(error) },
  );
}
