/**
 * Layer: pipeline/step. Defines a step: a job type, the function that does its
 * jobs, and how they are treated.
 *
 * @module
 */
import { DEFAULT_RETRY } from "../board/retry.ts";
import { PipelineError } from "../model/errors.ts";
import type { RetryPolicy } from "../model/records.ts";
import type { Schema } from "../../manager/mod.ts";
import { runStep } from "./run_step.ts";
import type { Handler, Step } from "./types.ts";

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
