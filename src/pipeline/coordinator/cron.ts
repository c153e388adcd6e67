/**
 * Layer: pipeline/coordinator. The patterns of schedules. The library `croner`
 * computes when they are due.
 *
 * @module
 */
import { Cron } from "croner";
import { PipelineError } from "../model/pipeline_error.ts";

export type { Cron };

/** How many successive times are averaged. */
const SAMPLE = 10;

/** A schedule's pattern. */
interface Pattern {
  readonly id: string;
  readonly cron: string;
  readonly timezone?: string;
}

/** How many years before and after the present are searched. */
const YEARS = 50;

/**
 * Parses the pattern of a schedule; it searches for no time. A pattern that is
 * due at no time within 50 years has none: `croner` alone would search 8,000
 * years for a 31st of February, with each call.
 *
 * @param now In milliseconds since 1970.
 * @param zones The time zones that are known to exist.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function cronOf(
  schedule: Pattern,
  now: number,
  zones: Set<string>,
): Cron {
  const { cron: pattern, timezone } = schedule;
  try {
    const cron = parse(pattern, timezone, now);
    if (timezone !== undefined && !zones.has(timezone)) {
      // The library looks at the time zone only now; this search is short.
      new Cron("* * * * * *", { timezone }).nextRun(new Date(now));
      zones.add(timezone);
    }
    return cron;
  } catch (cause) {
    throw invalid(schedule, (cause as Error).message, cause);
  }
}

/** When a schedule is due after a time; `undefined` for never. */
export function nextRun(cron: Cron, after: number): number | undefined {
  return cron.nextRun(new Date(after))?.getTime();
}

/** When a schedule was due last by a time; `undefined` for never. */
export function lastRun(cron: Cron, by: number): number | undefined {
  return cron.previousRuns(1, new Date(by + 1))[0]?.getTime();
}

function parse(
  pattern: string,
  timezone: string | undefined,
  now: number,
): Cron {
  try {
    return new Cron(bounded(pattern, now), { timezone });
  } catch (error) {
    new Cron(pattern, { timezone }); // its error quotes the pattern as it was given
    throw error;
  }
}

/** The pattern with seconds and years; a nickname or a single time is unchanged. */
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
 * Refuses a schedule that is due too often, on average of its next times.
 *
 * @param first The next time.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireFloor(
  schedule: Pattern,
  cron: Cron,
  first: number | undefined,
  minMs: number,
): void {
  let last = first;
  for (let n = 1; last !== undefined && n < SAMPLE; n++) {
    last = nextRun(cron, last);
    // However close together the others are.
    if (last !== undefined && last - first! >= (SAMPLE - 1) * minMs) return;
  }
  if (last === undefined) return; // it ends before
  const meanMs = (last - first!) / (SAMPLE - 1);
  throw invalid(
    schedule,
    `"${schedule.cron}" is due every ${
      Number((meanMs / 1000).toFixed(1))
    } s; the minimum is ${minMs / 1000} s (minScheduleMs)`,
  );
}

/** The error of an invalid schedule. */
export function invalid(
  { id }: { readonly id: string },
  why: string,
  cause?: unknown,
): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_INVALID",
    `Cannot add schedule "${id}": ${why}`,
    { id, cause },
  );
}
