/**
 * Layer: pipeline/step. What a step is: a job type, the function that does its
 * jobs, and how they are treated. Types, and `defineStep`.
 *
 * @module
 */
import type { StepPolicy } from "../board/step_lane.ts";
import { DEFAULT_RETRY } from "../board/retry.ts";
import { PipelineError } from "../model/errors.ts";
import type { RetryPolicy } from "../model/records.ts";
import type { Logger, Schema } from "../../manager/mod.ts";
import type { RunOptions } from "./run_options.ts";
import { type RunningStep, runStep } from "./run_step.ts";

/** What a handler is given beside its instructions. */
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
  /** Logs to whoever watches the pipeline. */
  readonly log: Logger;
  /**
   * Tells how far the job is.
   *
   * @param part From 0 to 1.
   */
  progress(part: number): void;
  /**
   * Publishes a figure to whoever watches the pipeline.
   *
   * @param name Such as `"bytes"`.
   */
  metric(name: string, value: number): void;
}

/** Does the jobs of a step. What it throws makes the attempt fail. */
export type Handler<I, O> = (
  instructions: I,
  context: JobContext,
) => O | Promise<O>;

/** How the jobs of a step are treated; times are in milliseconds. */
export interface StepOptions<I = unknown, O = unknown> {
  /** Checks the instructions before the handler gets them; what does not pass is not tried again. */
  readonly input?: Schema<I>;
  /** Checks what the handler gave. */
  readonly output?: Schema<O>;
  /** How often, and when, a failed job is tried again. Default 5 attempts, from 1 s doubling up to 60 s, with full jitter. */
  readonly retry?: Partial<RetryPolicy>;
  /** How long one attempt may take. Default: as long as it likes. */
  readonly timeoutMs?: number;
  /** How many may run at a time, on all machines together. Default: what the workers take. */
  readonly limit?: number;
  /** How many may begin in a time, on all machines together. Default: no limit. */
  readonly rateLimit?: { readonly max: number; readonly perMs: number };
}

/** A step: what it is, and the way to run it. */
export interface Step<I, O> {
  /** The type of its jobs. */
  readonly jobType: string;
  /** Does them, and checks what goes in and out. */
  readonly handler: Handler<I, O>;
  /** How a pipeline treats its jobs. */
  readonly policy: StepPolicy;
  /**
   * Does jobs for a pipeline, here and now, until it is told to stop.
   *
   * @returns Once it is known to the pipeline.
   */
  run(options: RunOptions): Promise<RunningStep>;
}

/** Any step. */
export type AnyStep = Step<never, unknown>;

/** What a job type may be called: it is part of topics, which colons divide. */
const JOB_TYPE = /^[^\s:\0]{1,128}$/;

/**
 * Defines a step of a pipeline. Instructions and results are whatever JSON can
 * say.
 *
 * @param jobType The type of its jobs, such as `"resize-image"`.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID` for a definition with a fault.
 *
 * @example
 * ```ts
 * import { defineStep } from "@agentzero/agentzero/pipeline";
 *
 * export const measure = defineStep(
 *   "measure-text",
 *   ({ text }: { text: string }, context) => {
 *     context.log.info("%d characters", text.length);
 *     return { length: text.length };
 *   },
 *   { retry: { attempts: 3 }, timeoutMs: 10_000 },
 * );
 * ```
 */
export function defineStep<I, O>(
  jobType: string,
  handler: Handler<I, O>,
  options: StepOptions<I, O> = {},
): Step<I, O> {
  if (!JOB_TYPE.test(jobType)) {
    throw invalid(
      `A job type has 1 to 128 characters, none of them a space or a colon; "${jobType}" has not`,
    );
  }
  const { timeoutMs, limit, rateLimit } = options;
  const retry = { ...DEFAULT_RETRY, ...options.retry };
  for (
    const [name, value, min] of [
      ["retry.attempts", retry.attempts, 1],
      ["retry.delayMs", retry.delayMs, 0],
      ["retry.maxDelayMs", retry.maxDelayMs, 0],
      ["timeoutMs", timeoutMs, 1],
      ["limit", limit, 1],
      ["rateLimit.max", rateLimit?.max, 1],
      ["rateLimit.perMs", rateLimit?.perMs, 1],
    ] as const
  ) {
    if (value !== undefined && !(Number.isInteger(value) && value >= min)) {
      throw invalid(
        `${name} of the step "${jobType}" cannot be ${value}: expected an integer from ${min}`,
      );
    }
  }
  const step: Step<I, O> = {
    jobType,
    handler: checked(handler, options),
    policy: { retry, timeoutMs, limit, rateLimit },
    run: (options) => runStep(step, options),
  };
  return step;
}

function checked<I, O>(
  handler: Handler<I, O>,
  { input, output }: StepOptions<I, O>,
): Handler<I, O> {
  if (input === undefined && output === undefined) return handler;
  return async (instructions, context) => {
    const result = await handler(
      await check(input, instructions, "The instructions"),
      context,
    );
    return check(output, result, "The result");
  };
}

async function check<T>(
  schema: Schema<T> | undefined,
  value: T,
  what: string,
): Promise<T> {
  if (schema === undefined) return value;
  const checked = await schema["~standard"].validate(value);
  if (checked.issues === undefined) return checked.value;
  throw invalid(`${what} did not pass: ${checked.issues[0]?.message}`);
}

function invalid(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_INVALID", message);
}
