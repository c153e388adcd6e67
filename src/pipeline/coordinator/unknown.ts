/**
 * Layer: pipeline/coordinator. The error of what is asked for and not there.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";

/** @param what Such as `"job"`. */
export function unknown(what: string, id: string): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_UNKNOWN",
    `Unknown ${what} "${id}"`,
    { id },
  );
}
