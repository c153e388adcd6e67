/**
 * Layer: pipeline/server. Reads what is submitted, at once or on a schedule.
 *
 * @module
 */
import type { SubmitRequest } from "../coordinator/submitter.ts";
import type { Schedule } from "../coordinator/schedule_entry.ts";
import { MAX_SUBMISSIONS, MAX_SUBMISSIONS_LENGTH } from "../model/bounds.ts";
import { atSubmission } from "../model/check_submit.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import type { RetryPolicy } from "../model/records.ts";
import { DEFAULT_RETRY } from "../model/retry.ts";
import { payloadIn } from "../protocol/payload_name.ts";
import { JsonText, payloadText } from "../protocol/payload_text.ts";
import {
  asObject,
  natural,
  number,
  optional,
  text,
} from "../protocol/reader.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a submission.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function readSubmission(m: Fields): SubmitRequest {
  return {
    name: flowName(m),
    payload: payloadText(payloadIn(m), "The payload").text,
    id: optional(m, "id", text),
    key: optional(m, "key", text),
    delayMs: optional(m, "delay_ms", natural),
    priority: optional(m, "priority", number),
    retry: optional(m, "retry", readRetry),
    timeoutMs: optional(m, "timeout_ms", natural),
    traceparent: optional(m, "traceparent", text),
  };
}

/**
 * Reads many submissions. What the request itself says holds for those that do
 * not say it.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`.
 */
export function readSubmissions(m: Fields): SubmitRequest[] {
  const submissions = listIn(m.submissions);
  if (!Array.isArray(submissions) || submissions.length > MAX_SUBMISSIONS) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `"submissions" must be a list of ${MAX_SUBMISSIONS} at most`,
    );
  }
  const shared: Record<string, unknown> = {};
  for (const name of SHARED) {
    if (m[name] !== undefined) shared[name] = m[name];
  }
  return submissions.map((one, index) =>
    atSubmission(index, () => {
      const own = asObject(one, "a submission");
      return readSubmission({ ...shared, ...own });
    })
  );
}

/** The list in a message, which is text if the message is large. */
function listIn(list: unknown): unknown {
  if (!(list instanceof JsonText)) return list;
  if (list.text.length <= MAX_SUBMISSIONS_LENGTH) return JSON.parse(list.text);
  throw new PipelineError(
    "ERR_PIPELINE_TOO_LARGE",
    `"submissions" has ${list.text.length} characters of JSON; the maximum is ${MAX_SUBMISSIONS_LENGTH}`,
  );
}

/** What many submissions can have in common. */
const SHARED = [
  "flow",
  "job_type",
  "delay_ms",
  "priority",
  "retry",
  "timeout_ms",
  "traceparent",
] as const;

/**
 * Reads a schedule.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function readSchedule(m: Fields): Schedule {
  const missed = optional(m, "missed", text);
  if (missed !== undefined && missed !== "once" && missed !== "skip") {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `"missed" must be "once" or "skip", not "${missed}"`,
    );
  }
  return {
    id: text(m, "id"),
    flow: flowName(m),
    cron: text(m, "cron"),
    timezone: optional(m, "timezone", text),
    payload: payloadText(payloadIn(m), "The payload").text,
    missed,
    priority: optional(m, "priority", number),
  };
}

/** `flow`, or as AgentZero's guide calls it, `job_type`. */
function flowName(m: Fields): string {
  return optional(m, "flow", text) ?? text(m, "job_type");
}

function readRetry(m: Fields, name: string): RetryPolicy {
  const retry = asObject(m[name], name);
  return {
    attempts: optional(retry, "attempts", natural) ?? DEFAULT_RETRY.attempts,
    delayMs: optional(retry, "delay_ms", natural) ?? DEFAULT_RETRY.delayMs,
    maxDelayMs: optional(retry, "max_delay_ms", natural) ??
      DEFAULT_RETRY.maxDelayMs,
    // Checked with the submission.
    ...given("backoff", retry.backoff),
    ...given("jitter", retry.jitter),
  };
}

/** A member, if it has a value. */
function given(name: string, value: unknown): object {
  return value === undefined || value === null ? {} : { [name]: value };
}
