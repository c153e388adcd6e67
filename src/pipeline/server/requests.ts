/**
 * Layer: pipeline/server. Answers requests as they travel: finds the row of the
 * table, reads its members, runs its operation. It knows no sockets.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import { answerFor } from "../protocol/payload_name.ts";
import { natural, optional, text } from "../protocol/reader.ts";
import {
  type Fields,
  type ListLimit,
  type RequestContext,
  REQUESTS_BY_TYPE,
} from "./request_table.ts";
import type { View } from "./views.ts";

/** For requests without lists. */
const NO_LIST: ListLimit = { default: 0, most: 0 };

/**
 * Answers a request.
 *
 * @returns The answer, or a promise of it where it has to wait.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_FORBIDDEN`, and
 *   what its operation throws.
 */
export function answer(
  request: Fields,
  context: RequestContext,
): View | Promise<View> {
  // The guide's requests have no type: they submit.
  const type = optional(request, "type", text) ?? "submit";
  const row = REQUESTS_BY_TYPE.get(type);
  if (row === undefined) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `Unknown request type "${type}"`,
    );
  }
  context.host?.requireRole?.(row.roles, type);
  const input = row.input(request, row.limit ?? NO_LIST);
  const minor = optional(request, "minor", natural);
  const view = (result: unknown) => answerFor(minor, row.view(result, input));
  const result = row.run(input, context);
  return result instanceof Promise ? result.then(view) : view(result);
}
