/**
 * Layer: pipeline/coordinator. What a pipeline says of workers that are of no
 * use to it. It goes on without them.
 *
 * @module
 */
import { PipelineError } from "../model/errors.ts";
import type { Faults } from "../model/faults.ts";
import type { Available } from "../wire/messages.ts";
import type { Worker } from "./worker_table.ts";

/** A worker talks to the pipeline, which cannot talk to it. */
export function tellUnreachable(
  faults: Faults,
  { id, info: { address } }: Worker,
  cause?: Error,
): void {
  const why = cause === undefined ? "" : `: ${cause.message}`;
  faults.report(
    new PipelineError(
      "ERR_PIPELINE_INVALID",
      `The worker "${id}" cannot be reached at "${address}"${why}`,
      { cause },
    ),
    "unreachable",
  );
}

/** A worker does jobs that there are none of. */
export function tellUseless(faults: Faults, { id, jobType }: Available): void {
  faults.report(
    new PipelineError(
      "ERR_PIPELINE_UNKNOWN",
      `The worker "${id}" does jobs of the type "${jobType}", which no flow has`,
      { id },
    ),
    "useless",
  );
}
