/**
 * Layer: pipeline/coordinator. Schedules: their types, and how they are stored.
 *
 * @module
 */
import { renameMember } from "../model/former_names.ts";
import { PipelineError } from "../model/pipeline_error.ts";

/** A flow that is submitted by the clock. */
export interface Schedule {
  /** Letters, digits, `-` and `_`, 64 at most. */
  readonly id: string;
  /** The name of the flow. */
  readonly flow: string;
  /** When: a cron pattern of five parts, or of six with seconds first, or one time in ISO 8601. */
  readonly cron: string;
  /** In which time zone, such as `Europe/Berlin`. Default: that of the pipeline's process. */
  readonly timezone?: string;
  /** What the first step gets, each time; JSON text. */
  readonly payload: string;
  /** Times that passed while the pipeline was not running: the last of them is submitted late, or all are skipped. Default `"once"`. */
  readonly missed?: "once" | "skip";
  /** The higher, the sooner. Default 0. */
  readonly priority?: number;
}

/** A schedule, and when it is due; times are in milliseconds since 1970. */
export interface ScheduleStatus extends Schedule {
  /** @deprecated Use `payload`. */
  readonly instructions?: string;
  /** When it is due; of a paused one, when it would have been due first. */
  readonly nextAt: number;
  /** Whether the program declares it; otherwise a client added it. */
  readonly isDeclared: boolean;
  /** Whether it is paused. */
  readonly isPaused?: true;
  /** The time that was submitted last; `undefined` before the first. */
  readonly lastAt?: number;
  /** The id of the flow that was submitted then. */
  readonly lastId?: string;
}

/** A schedule as it is stored. */
export interface ScheduleEntry {
  /** The schedule. */
  readonly schedule: Schedule;
  /** Absent when it is over: a schedule of the program without a next time. */
  readonly nextAt?: number;
  /** Whether the program declares it. */
  readonly isDeclared: boolean;
  /** Whether it is paused: nothing is submitted. It stays so if it is replaced. */
  readonly isPaused?: true;
  /** The time that was submitted last. */
  readonly lastAt?: number;
}

/** A schedule as others see it. */
export function statusOf(
  { schedule, nextAt, isDeclared, isPaused, lastAt }: ScheduleEntry & {
    nextAt: number;
  },
): ScheduleStatus {
  const paused = isPaused && { isPaused };
  const last = lastAt === undefined
    ? {}
    : { lastAt, lastId: runIdOf(schedule.id, lastAt) };
  return { ...schedule, nextAt, isDeclared, ...paused, ...last };
}

/** Whether two schedules are equal. */
export function isSame(a: Schedule, b: Schedule): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * JSON text for the store. There a payload is called `instructions`, as in the
 * first release, so that either version can read the file.
 */
export function toStored({ schedule, ...entry }: ScheduleEntry): string {
  const renamed = renameMember(schedule, "payload", "instructions");
  return JSON.stringify({ schedule: renamed, ...entry });
}

/** The inverse of {@link toStored}. */
export function fromStored(json: string): ScheduleEntry {
  const { schedule, ...entry } = JSON.parse(json) as ScheduleEntry;
  const renamed = renameMember(schedule, "instructions", "payload");
  return { schedule: renamed as unknown as Schedule, ...entry };
}

/** The id of the flow of one time, such as `nightly-20250131T120000Z`. */
export function runIdOf(id: string, at: number): string {
  const stamp = new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
  return `${id}-${stamp}`;
}

/** The error of a schedule beyond the limit. */
export function tooManySchedules(
  { id }: Schedule,
  count: number,
): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_FULL",
    `Cannot add schedule "${id}": there are ${count} already (maxSchedules)`,
    { id },
  );
}

/** The error of a schedule that is resumed too late. */
export function nothingToCome({ id, cron }: Schedule): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_STATE",
    `Cannot resume schedule "${id}": "${cron}" has no time to come`,
    { id },
  );
}

/** The error of a schedule for a flow that the pipeline does not have. */
export function unknownFlow(id: string, flow: string): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_UNKNOWN",
    `Schedule "${id}" refers to unknown flow "${flow}"`,
    { id },
  );
}
