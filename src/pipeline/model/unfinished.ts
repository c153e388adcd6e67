/**
 * Layer: pipeline/model. The error of a flow that has no result.
 *
 * @module
 */
import { PipelineError } from "./errors.ts";
import type { JobFailure } from "./records.ts";

/** The error of a flow that has no result. */
export function unfinished(
  id: string,
  state: string,
  failure: JobFailure | undefined,
): PipelineError {
  switch (state) {
    case "failed":
      return new PipelineError(
        "ERR_PIPELINE_FAILED",
        `The job "${id}" failed: ${failure?.message}`,
        { id, failure },
      );
    case "cancelled":
      return new PipelineError(
        "ERR_PIPELINE_CANCELLED",
        `The job "${id}" was cancelled`,
        { id },
      );
  }
  return new PipelineError(
    "ERR_PIPELINE_TIMEOUT",
    `The job "${id}" is not done in time`,
    { id },
  );
}
