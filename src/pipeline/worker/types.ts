/**
 * Layer: pipeline/worker. What a step is, what its handler gets, and what runs.
 * Types only.
 *
 * @module
 */
import type { Logger } from "../../manager/mod.ts";
import type { StepPolicy } from "../model/step_policy.ts";
import type { RunOptions } from "./run_options.ts";

/** What a handler is given beside its payload. */
export interface JobContext {
  /** The job's id. */
  readonly id: string;
  /** The flow that it belongs to. */
  readonly flowId: string;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** Aborted when the job is cancelled, takes too long, or the step is to end. */
  readonly signal: AbortSignal;
  /** When the attempt must be done, in milliseconds since 1970. */
  readonly deadline: number | undefined;
  /** Logs to the watchers of the pipeline. */
  readonly log: Logger;
  /**
   * Reports the progress of the job.
   *
   * @param part From 0 to 1.
   */
  progress(part: number): void;
  /**
   * Publishes a number to the watchers of the pipeline.
   *
   * @param name Such as `"bytes"`.
   */
  metric(name: string, value: number): void;
}

/** Does the jobs of a step. What it throws makes the attempt fail. */
export type Handler<I, O> = (
  payload: I,
  context: JobContext,
) => O | Promise<O>;

/** A step: what it is, and the way to run it. */
export interface Step<I, O> {
  /** The type of its jobs. */
  readonly jobType: string;
  /** Does them, and checks what goes in and out. */
  readonly handler: Handler<I, O>;
  /** How a pipeline treats its jobs. */
  readonly policy: StepPolicy;
  /**
   * Runs jobs for a pipeline in this process, until it is asked to stop. In a
   * thread of a worker it does not return: see `threads` of {@link RunOptions}.
   *
   * @returns Once it is known to the pipeline.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_INSECURE`,
   *   `ERR_PIPELINE_REFUSED` if the pipeline does not accept our keys or token,
   *   `ERR_PIPELINE_FORBIDDEN` if our key has not the role of a worker,
   *   `ERR_PIPELINE_MODULE` if a thread cannot load the step.
   */
  run(options: RunOptions): Promise<StepRun>;
}

/** Any step. */
export type AnyStep = Step<never, unknown>;

/** A step at work. */
export interface StepRun extends AsyncDisposable {
  /** The worker's id. */
  readonly id: string;
  /** Where it listens for jobs, with `bind` or `address`, or for a pipeline of the first release. */
  readonly address: string | undefined;
  /** How many jobs it has. */
  readonly running: number;
  /** Resolves once it has left. */
  readonly closed: Promise<void>;
  /** Takes no new work, finishes what it has within `drainMs`, aborts the rest and gives it back, and leaves. */
  drain(): Promise<void>;
  /** Aborts what it works on, gives it back, and leaves. */
  close(): Promise<void>;
}
