/**
 * Layer: pipeline/coordinator. What a pipeline says of workers that are of no
 * use to it. It goes on without them.
 *
 * @module
 */
import { PipelineError } from "../model/errors.ts";
import type { Faults } from "../model/faults.ts";
import type { Available } from "../protocol/messages.ts";

/** A worker talks to the pipeline, which cannot talk to it. */
export function reportUnreachable(
  faults: Faults,
  { id, address }: Available,
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

/** A message names a worker that it is not from. */
export function reportForged(
  faults: Faults,
  id: string,
  type: string,
  why: string,
): void {
  const message =
    `Refused a message "${type}" in the name of the worker "${id}": it came ${why}`;
  faults.report(
    new PipelineError("ERR_PIPELINE_INVALID", message, { id }),
    "refused",
  );
}

/** A worker reports on a job that another one has. */
export function reportForeign(
  faults: Faults,
  worker: string,
  type: string,
  id: string,
): void {
  const message =
    `Refused a message "${type}" of the worker "${worker}": another worker has the job "${id}"`;
  faults.report(
    new PipelineError("ERR_PIPELINE_INVALID", message, { id }),
    "refused",
  );
}
