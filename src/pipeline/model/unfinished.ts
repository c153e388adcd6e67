/**
 * Layer: pipeline/model. The error of a flow that has no result.
 *
 * @module
 */
import { PipelineError } from "./pipeline_error.ts";
import type { FlowFailure } from "./records.ts";

/** The error of a flow that has no result. */
export function unfinished(
  id: string,
  state: string,
  failure: FlowFailure | undefined,
): PipelineError {
  switch (state) {
    case "failed":
      return new PipelineError(
        "ERR_PIPELINE_FAILED",
        `The flow "${id}" failed${placeOf(failure)}: ${failure?.message}`,
        { id, failure },
      );
    case "cancelled":
      return new PipelineError(
        "ERR_PIPELINE_CANCELLED",
        `The flow "${id}" was cancelled`,
        { id },
      );
  }
  return new PipelineError(
    "ERR_PIPELINE_TIMEOUT",
    `Timed out waiting for flow "${id}"`,
    { id },
  );
}

/** ` at "thumb" (f.1.0, 3 attempts)`. */
function placeOf({ jobId, jobType, attempts }: Partial<FlowFailure> = {}) {
  if (jobId === undefined) return "";
  const count = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  return ` at "${jobType}" (${jobId}, ${count})`;
}
