/**
 * Layer: pipeline/model. How to submit a flow. Many submissions have
 * options in common.
 *
 * @module
 */
import type { RetryPolicy } from "./records.ts";

/** How to submit; times are in milliseconds. */
export interface SubmitOptions {
  /** An id of your own, 1 to 128 letters, digits, `-` and `_`: submitting it again does nothing, and gives the same flow. Default: a new UUID. */
  readonly id?: string;
  /** While a flow of this name and key runs, submitting it again does nothing. */
  readonly key?: string;
  /** How long to wait before the first job begins. */
  readonly delayMs?: number;
  /** The higher, the sooner; a whole number. Default 0. */
  readonly priority?: number;
  /** Instead of what the steps say, for all jobs of the flow. */
  readonly retry?: Partial<RetryPolicy>;
  /** How long each attempt may take, instead of what the steps say. */
  readonly jobTimeoutMs?: number;
  /** W3C Trace Context to go on with. */
  readonly traceparent?: string;
}

/** How to submit many flows; what is not for one of them applies to all. */
export interface SubmitManyOptions<I = unknown>
  extends Omit<SubmitOptions, "id" | "key"> {
  /** The options of one submission, such as its id, by its payload and its place in the list. */
  readonly optionsOf?: (payload: I, index: number) => SubmitOptions;
}

/** The options of one submission of many: its own, and those that hold for all. */
export function withShared(
  shared: SubmitOptions,
  own: SubmitOptions | undefined,
): SubmitOptions {
  if (own === undefined) return shared;
  const all: Record<string, unknown> = { ...own };
  for (const [name, value] of Object.entries(shared)) all[name] ??= value;
  return all;
}

/** When to submit a flow by the clock. */
export interface ScheduleOptions {
  /** A cron pattern of five parts, or of six with seconds first, or one time in ISO 8601. */
  readonly cron: string;
  /** In which time zone, such as `Europe/Berlin`. Default: that of the pipeline's process. */
  readonly timezone?: string;
  /** Times that passed while the pipeline was not running: the last of them is submitted late, or all are skipped. Default `"once"`. */
  readonly missed?: "once" | "skip";
  /** The higher, the sooner; a whole number. Default 0. */
  readonly priority?: number;
}
