/**
 * Layer: pipeline/coordinator. Whether a submission can be what it says.
 *
 * @module
 */
import type { Submission } from "../scheduler/new_records.ts";
import { demandText, invalid } from "../model/check.ts";
import { checkSubmitted } from "../model/check_submit.ts";
import { requirePayload } from "../model/payload.ts";

/** The ids of what schedules submit; years beyond 9999 have a sign and more digits. */
const RUN_ID = /-[+-]?\d{8,}T\d{6}Z$/;

/**
 * Checks a submission, whoever it comes from.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`.
 */
export function checkSubmission(
  s: Omit<Submission, "id" | "graph" | "name"> & { readonly id?: string },
  { maxPayloadBytes }: { readonly maxPayloadBytes: number },
): void {
  checkSubmitted(s, { timeoutMs: s.timeoutMs });
  demandText("payload", s.payload);
  requirePayload(s.payload, maxPayloadBytes, "What is submitted");
}

/**
 * Refuses an id as schedules give it to the flows that they submit, such as
 * `nightly-20250131T120000Z`: a flow that had it before would take their place.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireFreeId(id: string): void {
  if (!RUN_ID.test(id)) return;
  throw invalid(
    `The id "${id}" cannot be submitted: ids that end in a time, as in "-20250131T120000Z", are for what schedules submit`,
  );
}
