/**
 * Layer: pipeline/model. Where a pipeline takes requests: one address, or those of
 * all processes of which one leads it.
 *
 * @module
 */
import { invalid, shown } from "./check.ts";

/** One address for requests, or those of all processes that may lead the pipeline. */
export type PipelineAddress = string | readonly string[];

/** All addresses. */
export function addressList(pipeline: PipelineAddress): readonly string[] {
  return typeof pipeline === "string" ? [pipeline] : pipeline;
}

/** As messages show them. */
export function shownAddress(pipeline: PipelineAddress): string {
  return addressList(pipeline).join(", ");
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
export function requireAddress(name: string, value: unknown): void {
  const list = Array.isArray(value) ? value : [value];
  const isText = list.every((address) => typeof address === "string");
  if (isText && list.length > 0 && new Set(list).size === list.length) return;
  throw invalid(
    `${name} must be an address, or a list of different ones, not ${
      shown(value)
    }`,
  );
}
