/**
 * Layer: pipeline/model. Validates schedules, except for their patterns, which
 * the cron library validates.
 *
 * @module
 */
import {
  checkOptionalText,
  invalid,
  requireText,
  requireWhole,
  shown,
} from "./check.ts";

const ID = /^[\w-]{1,64}$/;
const MAX_CRON = 256;

/** The checked members of a schedule. */
interface Checked {
  readonly id: unknown;
  readonly flow: unknown;
  readonly cron: unknown;
  readonly payload: unknown;
  readonly timezone?: unknown;
  readonly missed?: unknown;
  readonly priority?: unknown;
}

/**
 * Checks a schedule from any source.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function checkSchedule(schedule: Checked): void {
  const { id, flow, cron, payload, timezone, missed, priority } = schedule;
  if (typeof id !== "string" || !ID.test(id)) {
    throw invalid(
      `The id of a schedule has 1 to 64 letters, digits, "-" and "_"; ${
        shown(id)
      } has not`,
    );
  }
  const of = `of the schedule "${id}"`;
  requireText(`flow ${of}`, flow);
  requireText(`cron ${of}`, cron);
  checkOptionalText(`cron ${of}`, cron, 1, MAX_CRON);
  requireText(`payload ${of}`, payload);
  checkOptionalText(`timezone ${of}`, timezone, 1, MAX_CRON);
  requireWhole(`priority ${of}`, priority);
  if (missed === undefined || missed === "once" || missed === "skip") return;
  throw invalid(`missed ${of} must be "once" or "skip", not ${shown(missed)}`);
}
