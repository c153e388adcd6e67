/**
 * Layer: pipeline/model. Whether a question for a list can be answered.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import {
  checkOptionalText,
  invalid,
  requireBoolean,
  requireOptions,
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

const PAGE = optionNames<{ limit: number; offset: number }>({
  limit: true,
  offset: true,
});

/**
 * Checks which part of a list is asked for.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function checkPage(
  page: { readonly limit?: number; readonly offset?: number },
): void {
  requireOptions(page, PAGE, "a page");
  if (page.limit !== Infinity) requireWhole("limit", page.limit, 0);
  requireWhole("offset", page.offset, 0);
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
  checkOptionalText("name", name);
  checkOptionalText("before", before);
  requireWhole("limit", limit, 0);
  requireBoolean("payloads", payloads);
  if (states === undefined) return;
  const isKnown = (one: unknown) => known.includes(one as string);
  if (Array.isArray(states) && states.every(isKnown)) return;
  throw invalid(
    `states must be a list of ${known.join(", ")}, not ${shown(states)}`,
  );
}
