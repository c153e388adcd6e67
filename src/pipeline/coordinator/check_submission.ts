/**
 * Layer: pipeline/coordinator. Validates submissions.
 *
 * @module
 */
import type { Submission } from "../scheduler/new_records.ts";
import { invalid, requireText } from "../model/check.ts";
import { checkSubmitted } from "../model/check_submit.ts";
import { requireSize } from "../model/payload.ts";
import { RUN_ID } from "../model/shards.ts";

/**
 * Checks a submission from any source.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`.
 */
export function checkSubmission(
  s: Omit<Submission, "id" | "graph" | "name"> & { readonly id?: string },
  { maxPayloadBytes }: { readonly maxPayloadBytes: number },
): void {
  checkSubmitted(s, { timeoutMs: s.timeoutMs });
  requireText("payload", s.payload);
  requireSize(s.payload, maxPayloadBytes, "The payload");
}

/**
 * Refuses an id of the form that schedules use, such as
 * `nightly-20250131T120000Z`: it would prevent the scheduled flow.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireFreeId(id: string): void {
  if (!RUN_ID.test(id)) return;
  throw invalid(
    `Cannot submit id "${id}": ids that end in a time, such as "-20250131T120000Z", are reserved for schedules`,
  );
}
