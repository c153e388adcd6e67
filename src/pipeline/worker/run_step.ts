/**
 * Layer: pipeline/worker. Runs a step for a pipeline, whether that has shards or not:
 * the worker learns it when it has found the pipeline.
 *
 * @module
 */
import { checkRunOptions, type RunOptions } from "./run_options.ts";
import { SteppedShards } from "./stepped_shards.ts";
import { pauseInThread } from "./threads/thread_start.ts";
import type { AnyStep, StepRun } from "./types.ts";
import { RunningStep } from "./worker.ts";
import { ShardedPipeline } from "./worker_connection.ts";

/**
 * Runs a step; see {@link RunOptions}.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_INSECURE`,
 *   `ERR_PIPELINE_REFUSED` if the pipeline does not accept our keys or token,
 *   `ERR_PIPELINE_FORBIDDEN` if our key has not the role of a worker,
 *   `ERR_PIPELINE_MODULE` if a thread cannot load the step.
 */
export async function runStep(
  step: AnyStep,
  options: RunOptions,
): Promise<StepRun> {
  const paused = pauseInThread();
  if (paused !== undefined) return await paused;
  checkRunOptions(options);
  const running = new RunningStep(step, options);
  try {
    await running.join();
    return running;
  } catch (error) {
    if (!(error instanceof ShardedPipeline)) throw error;
    const sharded = new SteppedShards(step, options, error.shards);
    await sharded.join();
    return sharded;
  }
}
