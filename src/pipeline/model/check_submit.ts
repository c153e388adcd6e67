/**
 * Layer: pipeline/model. Validates submissions from any source: every member has
 * its type, and is within its bounds.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import {
  checkOptionalText,
  invalid,
  requireBoolean,
  requireOptions,
  requireWhole,
  shown,
} from "./check.ts";
import { PipelineError } from "./pipeline_error.ts";
import { BACKOFFS, type RetryPolicy } from "./records.ts";
import type { SubmitManyOptions, SubmitOptions } from "./submit_options.ts";
import { readTraceparent } from "./traceparent.ts";

const ID = /^[\w-]{1,128}$/;
const MAX_KEY = 1024;

const RETRY = optionNames<RetryPolicy>({
  attempts: true,
  delayMs: true,
  maxDelayMs: true,
  backoff: true,
  jitter: true,
});

/** The names of {@link SubmitOptions}. */
export const SUBMIT_OPTIONS: Readonly<Record<keyof SubmitOptions, true>> = {
  id: true,
  key: true,
  delayMs: true,
  priority: true,
  retry: true,
  jobTimeoutMs: true,
  traceparent: true,
};

/** The names of {@link SubmitManyOptions}. */
export const SUBMIT_MANY_OPTIONS: Readonly<
  Record<keyof SubmitManyOptions, true>
> = {
  delayMs: true,
  priority: true,
  retry: true,
  jobTimeoutMs: true,
  traceparent: true,
  optionsOf: true,
};

/** What can be wrong with a submission, beside its flow and its payload. */
type Checked = Omit<SubmitOptions, "jobTimeoutMs">;

/**
 * Checks a submission.
 *
 * @param timeoutMs How long each attempt may take, under the name that the caller gave it.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function checkSubmitted(
  { id, key, delayMs, priority, retry, traceparent }: Checked,
  timeoutMs: Readonly<Record<string, unknown>>,
): void {
  if (id !== undefined && (typeof id !== "string" || !ID.test(id))) {
    throw invalid(
      `An id has 1 to 128 letters, digits, "-" and "_"; ${shown(id)} has not`,
    );
  }
  checkOptionalText("key", key, 1, MAX_KEY);
  requireWhole("priority", priority);
  requireWhole("delayMs", delayMs, 0);
  for (const name in timeoutMs) requireWhole(name, timeoutMs[name], 1);
  checkRetry(retry, "retry");
  checkOptionalText("traceparent", traceparent);
  if (traceparent === undefined) return;
  if (readTraceparent(traceparent) === undefined) {
    throw invalid(
      `traceparent must be as W3C Trace Context has it ("00-<32 hex digits>-<16 hex digits>-01"), not ${
        shown(traceparent)
      }`,
    );
  }
}

/**
 * Does something with one submission of many; an error says which one it was.
 *
 * @param index Its place, from 0.
 */
export function atSubmission<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof PipelineError)) throw cause;
    const { code, message, id } = cause;
    const text = `Submission ${index}: ${message}`;
    throw new PipelineError(code, text, { id, cause });
  }
}

/**
 * Checks how often, and when, something is tried again.
 *
 * @param what It is called, such as `retry`, or `retry of the step "a"`.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function checkRetry(
  retry: Partial<RetryPolicy> | undefined,
  what: string,
): void {
  if (retry === undefined) return;
  requireOptions(retry, RETRY, what);
  const [name, of = ""] = what.split(/(?= of )/, 2);
  requireWhole(`${name}.attempts${of}`, retry.attempts, 1);
  requireWhole(`${name}.delayMs${of}`, retry.delayMs, 0);
  requireWhole(`${name}.maxDelayMs${of}`, retry.maxDelayMs, 0);
  requireBoolean(`${name}.jitter${of}`, retry.jitter);
  const { backoff = "exponential" } = retry;
  if (BACKOFFS.includes(backoff)) return;
  throw invalid(
    `${name}.backoff${of} must be "exponential" or "fixed", not ${
      shown(backoff)
    }`,
  );
}
