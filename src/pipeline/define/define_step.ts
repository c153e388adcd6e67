/**
 * Layer: pipeline/define. Defines a step: a job type, the function that does its
 * jobs, and how they are treated.
 *
 * @module
 */
import { SchemaValidationError } from "../../errors.ts";
import { optionNames } from "../../util/check_options.ts";
import type { RateLimitOptions } from "../model/rate_limit.ts";
import { DEFAULT_RETRY } from "../model/retry.ts";
import {
  invalid,
  requireOptions,
  requireWhole,
  shown,
} from "../model/check.ts";
import { checkRetry } from "../model/check_submit.ts";
import type { RetryPolicy } from "../model/records.ts";
import type { Schema } from "../../manager/mod.ts";
import { serveThread } from "../worker/threads/serve_thread.ts";
import { offerStep } from "../worker/threads/thread_start.ts";
import { runStep } from "../worker/run_step.ts";
import type { Handler, Step } from "../worker/types.ts";

/** How the jobs of a step are treated; times are in milliseconds. */
export interface StepOptions<I = unknown, O = unknown> {
  /** Checks the payload before the handler gets it: in the worker, not on submission. A job whose payload does not pass is not tried again. */
  readonly input?: Schema<I>;
  /** Checks what the handler gave, in the worker. */
  readonly output?: Schema<O>;
  /** How often, and when, a failed job is tried again. Default 5 attempts, from 1 s doubling up to 60 s, with full jitter. `{ backoff: "fixed", delayMs: 5000 }` waits 5 s each time. */
  readonly retry?: Partial<RetryPolicy>;
  /** How long one attempt may take. Default: as long as it likes. */
  readonly timeoutMs?: number;
  /** How many may run at a time, on all machines together. Default: what the workers take. */
  readonly limit?: number;
  /** How many may begin in a time, on all machines together. Default: no limit. */
  readonly rateLimit?: RateLimitOptions;
}

const OPTIONS = optionNames<StepOptions>({
  input: true,
  output: true,
  retry: true,
  timeoutMs: true,
  limit: true,
  rateLimit: true,
});
const RATE_LIMIT = optionNames<RateLimitOptions>({ max: true, perMs: true });

/** What a job type may be called: it is part of topics, which colons divide. */
const JOB_TYPE = /^[^\s:\0]{1,128}$/;

/**
 * Defines a step of a pipeline. Payloads and results are whatever JSON can
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
  if (typeof jobType !== "string" || !JOB_TYPE.test(jobType)) {
    throw invalid(
      `A job type has 1 to 128 characters, none of them a space or a colon; ${
        shown(jobType)
      } has not`,
    );
  }
  const { timeoutMs, limit, rateLimit } = options ?? {};
  checkOptions(jobType, handler, options);
  const retry = { ...DEFAULT_RETRY, ...options.retry };
  const step: Step<I, O> = {
    jobType,
    handler: checked(handler, options),
    policy: { retry, timeoutMs, limit, rateLimit },
    run: (options) => runStep(step, options),
  };
  offerStep(step, () => serveThread(step));
  return step;
}

/** Schemas of whatever types. */
interface Schemas {
  readonly input?: { readonly "~standard"?: { readonly validate?: unknown } };
  readonly output?: { readonly "~standard"?: { readonly validate?: unknown } };
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
function checkOptions(
  jobType: string,
  handler: unknown,
  options: Omit<StepOptions, "input" | "output"> & Schemas,
): void {
  const step = `the step "${jobType}"`;
  if (typeof handler !== "function") {
    throw invalid(
      `The handler of ${step} must be a function, not ${shown(handler)}`,
    );
  }
  requireOptions(options, OPTIONS, step);
  const { input, output, retry, timeoutMs, limit, rateLimit } = options;
  checkRetry(retry, `retry of ${step}`);
  requireWhole(`timeoutMs of ${step}`, timeoutMs, 1);
  requireWhole(`limit of ${step}`, limit, 1);
  requireOptions(rateLimit, RATE_LIMIT, `rateLimit of ${step}`);
  for (const name of ["max", "perMs"] as const) {
    if (rateLimit === undefined) continue;
    requireWhole(`rateLimit.${name} of ${step}`, rateLimit[name] ?? NaN, 1);
  }
  for (const [name, schema] of Object.entries({ input, output })) {
    const { validate } = schema?.["~standard"] ?? {};
    if (schema === undefined || typeof validate === "function") continue;
    throw invalid(
      `${name} of ${step} must be a Standard Schema, as those of zod, valibot and arktype`,
    );
  }
}

function checked<I, O>(
  handler: Handler<I, O>,
  { input, output }: StepOptions<I, O>,
): Handler<I, O> {
  if (input === undefined && output === undefined) return handler;
  return async (payload, context) => {
    const result = await handler(
      await check(input, payload, "The payload"),
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
  const { reason } = new SchemaValidationError(checked.issues);
  throw invalid(`${what} did not pass: ${reason}`);
}
