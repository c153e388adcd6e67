/**
 * Layer: pipeline/coordinator. Reports about workers that the pipeline cannot use.
 * It continues without them.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import type { Faults } from "../model/faults.ts";
import type { Available } from "../protocol/messages.ts";

/** The pipeline cannot connect to a worker. */
export function reportUnreachable(
  faults: Faults,
  { id, address }: Available,
  cause?: Error,
): void {
  const why = cause === undefined ? "" : `: ${cause.message}`;
  faults.report(
    new PipelineError(
      "ERR_PIPELINE_INVALID",
      `Cannot reach worker "${id}"${
        address === undefined ? "" : ` at "${address}"`
      }${why}`,
      { options: ["bind", "address"], cause },
    ),
    "unreachable",
  );
}

/** A message is not from the worker that it names. */
export function reportForged(
  faults: Faults,
  id: string,
  type: string,
  why: string,
): void {
  const message =
    `Refused a message "${type}" in the name of worker "${id}": it came ${why}`;
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
