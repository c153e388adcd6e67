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
  for (
    const [name, value, least] of [
      ["priority", priority, -Number.MAX_SAFE_INTEGER],
      ["delayMs", delayMs, 0],
      ["timeoutMs", timeoutMs, 1],
      ["retry.attempts", retry?.attempts, 1],
      ["retry.delayMs", retry?.delayMs, 0],
      ["retry.maxDelayMs", retry?.maxDelayMs, 0],
    ] as const
  ) {
    if (value === undefined || isWhole(value, least)) continue;
    const from = name === "priority" ? "" : ` from ${least}`;
    throw invalid(`${name} must be a whole number${from}, not ${value}`);
  }
}

function isWhole(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}

function invalid(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_INVALID", message);
}
