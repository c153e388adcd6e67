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

/** So many years before and after the present a time is looked for. */
const YEARS = 50;

/**
 * A pattern that is due at no time within 50 years has none: `croner` alone would
 * look through 8,000 years for a 31st of February, with each call.
 *
 * @param now In milliseconds since 1970.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function cronOf(schedule: Pattern, now: number): Cron {
  const { cron: pattern, timezone } = schedule;
  try {
    new Cron(pattern, { timezone }); // its errors quote the pattern as it was given
    const cron = new Cron(bounded(pattern, now), { timezone });
    cron.nextRun(new Date(now)); // only now it looks at the time zone
    return cron;
  } catch (cause) {
    throw invalid(schedule, (cause as Error).message, cause);
  }
}

/** The pattern with seconds and with years; a nickname or a time as it is. */
function bounded(pattern: string, now: number): string {
  const parts = pattern.trim().split(/\s+/);
  if (parts.length < 5) return pattern;
  if (parts.length > 6) {
    throw new RangeError(`"${pattern}" has ${parts.length} parts, not 5 or 6`);
  }
  const year = new Date(now).getUTCFullYear();
  // The library knows the years 1 to 9999.
  const first = Math.min(Math.max(1, year - YEARS), 9999);
  const last = Math.min(Math.max(1, year + YEARS), 9999);
  const withSeconds = parts.length === 5 ? ["0", ...parts] : parts;
  return [...withSeconds, `${first}-${last}`].join(" ");
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
