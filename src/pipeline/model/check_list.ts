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
import { MAX_TEXT } from "./bounds.ts";
import { MAX_SEARCH } from "./text_matcher.ts";

/** What can be wrong with it. */
interface Checked {
  readonly key?: unknown;
  readonly search?: unknown;
  readonly cursor?: unknown;
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

const LIST = {
  states: true,
  name: true,
  limit: true,
  before: true,
  payloads: true,
} as const;
const LIST_NAMES = optionNames<Omit<Checked, "key" | "search" | "cursor">>(
  LIST,
);
const SEARCH_NAMES = optionNames<Checked>({
  ...LIST,
  key: true,
  search: true,
  cursor: true,
});

/**
 * Checks which flows or jobs are asked for.
 *
 * @param known The states that there are.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function checkList(query: Checked, known: readonly string[]): void {
  requireOptions(query, LIST_NAMES, "a list");
  requireWhole("limit", query.limit, 0);
  check(query, known);
}

/**
 * Checks which flows or jobs are searched for.
 *
 * @param known The states that there are.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function checkSearch(query: Checked, known: readonly string[]): void {
  requireOptions(query, SEARCH_NAMES, "a search");
  const { key, search, cursor, limit } = query;
  checkOptionalText("key", key, 1, MAX_TEXT);
  checkOptionalText("search", search, 1, MAX_SEARCH);
  checkOptionalText("cursor", cursor, 1);
  requireWhole("limit", limit, 1);
  check(query, known);
}

function check(
  { states, name, before, payloads }: Checked,
  known: readonly string[],
): void {
  checkOptionalText("name", name);
  checkOptionalText("before", before);
  requireBoolean("payloads", payloads);
  if (states === undefined) return;
  const isKnown = (one: unknown) => known.includes(one as string);
  if (Array.isArray(states) && states.every(isKnown)) return;
  throw invalid(
    `states must be a list of ${known.join(", ")}, not ${shown(states)}`,
  );
}
