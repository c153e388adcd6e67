/**
 * Layer: pipeline/model. Whether a question for a list can be answered.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import {
  invalid,
  requireBoolean,
  requireOptions,
  requireText,
  requireWhole,
  shown,
} from "./check.ts";

/** What can be wrong with it. */
interface Checked {
  readonly states?: unknown;
  readonly name?: unknown;
  readonly limit?: unknown;
  readonly before?: unknown;
  readonly payloads?: unknown;
}

const NAMES = optionNames<Checked>({
  states: true,
  name: true,
  limit: true,
  before: true,
  payloads: true,
});

/**
 * Checks which flows or jobs are asked for.
 *
 * @param known The states that there are.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function checkList(query: Checked, known: readonly string[]): void {
  requireOptions(query, NAMES, "a list");
  const { states, name, limit, before, payloads } = query;
  requireText("name", name);
  requireText("before", before);
  requireWhole("limit", limit, 0);
  requireBoolean("payloads", payloads);
  if (states === undefined) return;
  const isKnown = (one: unknown) => known.includes(one as string);
  if (Array.isArray(states) && states.every(isKnown)) return;
  throw invalid(
    `states must be a list of ${known.join(", ")}, not ${shown(states)}`,
  );
}
