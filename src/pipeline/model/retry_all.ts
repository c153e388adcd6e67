/**
 * Layer: pipeline/model. Which dead jobs to try again.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import { checkOptionalText, requireOptions, requireWhole } from "./check.ts";

/** Which dead jobs to try again. */
export interface RetryAllOptions {
  /** Only those of this job type. Default: all. */
  readonly type?: string;
  /** How many at most. Default 1,000, up to 10,000. */
  readonly limit?: number;
}

const NAMES = optionNames<RetryAllOptions>({ type: true, limit: true });

/**
 * Checks the options.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function checkRetryAll(options: RetryAllOptions): void {
  requireOptions(options, NAMES, "retryAll()");
  checkOptionalText("type of retryAll()", options.type, 1);
  requireWhole("limit of retryAll()", options.limit, 1, 10_000);
}
