/**
 * Layer: pipeline/client. The options of a submission as on the wire.
 *
 * @module
 */
import type { SubmitOptions } from "../model/submit_options.ts";
import { RETRY, toWire } from "../protocol/names.ts";

/** The members of a submission, without its flow, its id and its payload. */
export function submissionFields(
  { key, delayMs, priority, retry, jobTimeoutMs, traceparent }: SubmitOptions,
): Record<string, unknown> {
  return {
    key,
    delay_ms: delayMs,
    priority,
    retry: retry && toWire(retry, RETRY),
    timeout_ms: jobTimeoutMs,
    traceparent,
  };
}
