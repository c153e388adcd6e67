/**
 * Layer: pipeline/coordinator. Whether a submission can be what it says.
 *
 * @module
 */
import type { Submission } from "../board/new_records.ts";
import { demandText } from "../model/check.ts";
import { checkSubmitted } from "../model/check_submit.ts";
import { requirePayload } from "../model/payload.ts";

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
  demandText("instructions", s.instructions);
  requirePayload(s.instructions, maxPayloadBytes, "What is submitted");
}
