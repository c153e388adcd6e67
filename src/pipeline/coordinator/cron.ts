/**
 * Layer: pipeline/coordinator. What the pattern of a schedule means; the library
 * `croner` says when it is due.
 *
 * @module
 */
import { Cron } from "croner";
import { PipelineError } from "../model/errors.ts";

export type { Cron };

/** So many times in a row say how often a schedule is due. */
const SAMPLE = 10;

/** What has a pattern. */
interface Pattern {
  readonly id: string;
  readonly cron: string;
  readonly timezone?: string;
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
export function cronOf(schedule: Pattern): Cron {
  try {
    const cron = new Cron(schedule.cron, { timezone: schedule.timezone });
    cron.nextRun(); // only now it looks at the time zone
    return cron;
  } catch (cause) {
    throw invalid(schedule, (cause as Error).message, cause);
  }
}

/**
 * Refuses a schedule that is due too often, on the average of its next times.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireFloor(
  schedule: Pattern,
  cron: Cron,
  now: number,
  minMs: number,
): void {
  const first = cron.nextRun(new Date(now))?.getTime();
  let last = first;
  for (let n = 1; last !== undefined && n < SAMPLE; n++) {
    last = cron.nextRun(new Date(last))?.getTime();
    // However soon the others are.
    if (last !== undefined && last - first! >= (SAMPLE - 1) * minMs) return;
  }
  if (last === undefined) return; // it ends before
  const meanMs = (last - first!) / (SAMPLE - 1);
  throw invalid(
    schedule,
    `"${schedule.cron}" is due every ${
      Number((meanMs / 1000).toFixed(1))
    } s, and the pipeline takes those that are due every ${
      minMs / 1000
    } s at most (minScheduleMs)`,
  );
}

/** The error of a schedule that cannot be what it says. */
export function invalid(
  { id }: { readonly id: string },
  why: string,
  cause?: unknown,
): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_INVALID",
    `The schedule "${id}" cannot be kept: ${why}`,
    { id, cause },
  );
}
