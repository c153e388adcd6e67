/**
 * Layer: pipeline/coordinator. Whether a submission can be what it says.
 *
 * @module
 */
import type { Submission } from "../board/new_records.ts";
import { PipelineError } from "../model/errors.ts";
import { requireSize } from "../model/payload.ts";

const ID = /^[\w-]{1,128}$/;
const MAX_KEY = 1024;

/**
 * Checks a submission, whoever it comes from.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`.
 */
export function checkSubmission(
  s: Partial<Submission>,
  { maxPayloadBytes }: { readonly maxPayloadBytes: number },
): void {
  const { id, key, delayMs, priority, retry, timeoutMs } = s;
  requireSize(s.instructions ?? "", maxPayloadBytes, "What is submitted");
  if (id !== undefined && !ID.test(id)) {
    throw invalid(
      `An id has 1 to 128 letters, digits, "-" and "_"; "${id}" has not`,
    );
  }
  if (key !== undefined && (key.length === 0 || key.length > MAX_KEY)) {
    throw invalid(`A key has 1 to ${MAX_KEY} characters`);
  }
  requireWhole("priority", priority);
  requireWhole("delayMs", delayMs, 0);
  requireWhole("timeoutMs", timeoutMs, 1);
  requireWhole("retry.attempts", retry?.attempts, 1);
  requireWhole("retry.delayMs", retry?.delayMs, 0);
  requireWhole("retry.maxDelayMs", retry?.maxDelayMs, 0);
}

function requireWhole(
  name: string,
  value: number | undefined,
  least = -Number.MAX_SAFE_INTEGER,
): void {
  if (value === undefined) return;
  if (Number.isSafeInteger(value) && value >= least) return;
  const from = least < 0 ? "" : ` from ${least}`;
  throw invalid(`${name} must be a whole number${from}, not ${value}`);
}

function invalid(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_INVALID", message);
}
