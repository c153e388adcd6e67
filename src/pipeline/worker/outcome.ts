/**
 * Layer: pipeline/worker. The outcome of an attempt: a result, or a failure.
 * Outcomes are plain data, so that they can be sent to another thread.
 *
 * @module
 */
import { serializedException } from "../../util/mod.ts";
import { memberOf } from "../model/foreign.ts";
import { requireSize } from "../model/payload.ts";
import { cutFailure, type FailureMessage } from "../protocol/messages.ts";

/** The outcome of an attempt. */
export type Outcome =
  | {
    readonly type: "success";
    /** JSON text. */
    readonly result: string;
  }
  | {
    readonly type: "failed";
    readonly error: FailureMessage;
    readonly retry_after_ms?: number;
  };

/** The outcome, or the failure that it is too large to be sent. */
export function bounded(outcome: Outcome, maxPayloadBytes: number): Outcome {
  if (outcome.type !== "success") return outcome;
  try {
    requireSize(outcome.result, maxPayloadBytes, "The result");
    return outcome;
  } catch (error) {
    return failed(error);
  }
}

/** The failure that an error causes, whatever was thrown: nothing of it can be trusted to be readable. */
export function failed(error: unknown): Outcome {
  const code = memberOf(error, "code");
  return {
    type: "failed",
    error: cutFailure({
      ...serializedException(error),
      ...typeof code === "string" && { code },
      retryable: isRetryable(memberOf(error, "name"), code),
    }),
    retry_after_ms: delayOf(memberOf(error, "retryAfterMs")),
  };
}

function isRetryable(name: unknown, code: unknown): boolean {
  return name !== "NonRetryableError" && code !== "ERR_PIPELINE_INVALID" &&
    code !== "ERR_PIPELINE_TOO_LARGE";
}

function delayOf(retryAfterMs: unknown): number | undefined {
  if (typeof retryAfterMs !== "number" || Number.isNaN(retryAfterMs)) {
    return undefined;
  }
  const ms = Math.round(Math.max(0, retryAfterMs));
  return Math.min(ms, Number.MAX_SAFE_INTEGER);
}
