/**
 * Layer: pipeline/coordinator. Flows that are submitted by the clock. No I/O,
 * no timers: whoever owns it asks when the next is due, and lets it tick.
 *
 * Each time is submitted exactly once, also when the pipeline is started again:
 * the submission and the time of the next one are kept in one transaction, and
 * the flow's id is made of the schedule's and the time.
 *
 * @module
 */
import type { Report } from "../model/faults.ts";
import { Cron } from "croner";
import type { Board } from "../board/board.ts";
import { PipelineError } from "../model/errors.ts";
import type { Graph } from "../model/graph.ts";
import { checkSchedule } from "../model/check_schedule.ts";
import { requirePayload } from "../model/payload.ts";

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
  /** JSON text. */
  readonly instructions: string;
  /** What becomes of times at which the pipeline was not there: the last of them is made up for, or they are skipped. Default `"once"`. */
  readonly missed?: "once" | "skip";
  /** The higher, the sooner. Default 0. */
  readonly priority?: number;
}

/** A schedule, and when it is due; times are in milliseconds since 1970. */
export interface ScheduleStatus extends Schedule {
  /** When it is due. */
  readonly nextAt: number;
  /** Whether the program has it, rather than that it was asked for. */
  readonly isDeclared: boolean;
  /** The time that was submitted last; `undefined` before the first. */
  readonly lastAt?: number;
  /** The id of the flow that was submitted then. */
  readonly lastId?: string;
}

/** What schedules are told once. */
export interface ScheduleOptions {
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** The graph of each flow, by its name. */
  readonly flows: ReadonlyMap<string, Graph>;
  /** Whether there is a flow with this id, finished or not. */
  readonly hasFlow: (id: string) => boolean;
  /** Those that the program has; they go when it has them no more. */
  readonly schedules?: readonly Schedule[];
  /** How large instructions may be, in bytes of JSON. */
  readonly maxPayloadBytes?: number;
  /** Told of a time that could not be submitted. */
  readonly onWarning?: Report;
  /** Submits, as part of a trace if there is one. */
  readonly tracing?: SubmitTracing;
}

/** Gives a submission the trace that it is the beginning of. */
export type SubmitTracing = (
  about: {
    readonly schedule: string;
    readonly flow: string;
    readonly id: string;
  },
  submit: (traceparent?: string) => void,
) => void;

/** As it is kept. */
interface Entry {
  readonly schedule: Schedule;
  /** Absent when it is over: one of the program that has no time to come. */
  readonly nextAt?: number;
  readonly isDeclared: boolean;
  readonly lastAt?: number;
}

const PREFIX = "schedule:";
/** A submission that is later than this was missed, in milliseconds. */
const LATE_MS = 10_000;
/** How soon a submission is tried again that a full queue refused, in milliseconds. */
const AGAIN_MS = 1000;

/** The schedules of a pipeline. */
export class Schedules {
  readonly #board: Board;
  readonly #options: ScheduleOptions;
  readonly #entries: Map<string, Entry> = new Map();
  /** When those are tried again that a full queue refused. */
  readonly #again: WeakMap<Entry, number> = new WeakMap();
  #nextAt: number | undefined;

  /** @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN` for those of the program. */
  constructor(board: Board, options: ScheduleOptions) {
    this.#board = board;
    this.#options = options;
    for (const one of options.schedules ?? []) this.#check(one);
  }

  /** When the next is due; `undefined` for never. */
  get nextAt(): number | undefined {
    return this.#nextAt;
  }

  /** All that have a time to come, the next one first. */
  list(): ScheduleStatus[] {
    const all: ScheduleStatus[] = [];
    for (
      const { schedule, nextAt, isDeclared, lastAt } of this.#entries.values()
    ) {
      if (nextAt === undefined) continue;
      const lastId = lastAt === undefined
        ? undefined
        : flowIdOf(schedule.id, lastAt);
      const last = lastAt === undefined ? {} : { lastAt, lastId };
      all.push({ ...schedule, nextAt, isDeclared, ...last });
    }
    return all.sort((a, b) => a.nextAt - b.nextAt);
  }

  /** Takes up those that are kept, and those of the program. */
  restore(settings: ReadonlyMap<string, string>): void {
    for (const [name, json] of settings) {
      if (!name.startsWith(PREFIX)) continue;
      const entry = JSON.parse(json) as Entry;
      this.#entries.set(entry.schedule.id, entry);
    }
    const declared = this.#options.schedules ?? [];
    const ids = new Set(declared.map(({ id }) => id));
    for (const { schedule: { id }, isDeclared } of this.#entries.values()) {
      if (isDeclared && !ids.has(id)) this.remove(id);
    }
    for (const one of declared) this.#declare(one);
    this.#arm();
  }

  /**
   * Adds a schedule, or replaces that with its id; the same one again changes
   * nothing.
   *
   * @returns When it is due.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN`.
   */
  put(schedule: Schedule): number {
    const nextAt = this.#put(schedule, false);
    if (nextAt === undefined) {
      throw invalid(schedule, `"${schedule.cron}" has no time to come`);
    }
    this.#arm();
    return nextAt;
  }

  /** Removes a schedule; tells whether there was one. */
  remove(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.delete(id);
    this.#again.delete(entry);
    this.#board.set(PREFIX + id, null);
    this.#arm();
    return true;
  }

  /** Submits what is due. */
  tick(): void {
    const now = this.#options.now();
    if (this.#nextAt === undefined || this.#nextAt > now) return;
    for (const entry of [...this.#entries.values()]) {
      if (this.#timeOf(entry) <= now) this.#run(entry, now);
    }
    this.#arm();
  }

  /**
   * A schedule of the program. One without a time to come is kept as over: so
   * it is neither submitted again nor warned of at the next start.
   */
  #declare(schedule: Schedule): void {
    if (this.#put(schedule, true) !== undefined) return;
    const entry = this.#entries.get(schedule.id);
    const isKnown = entry !== undefined && isSame(entry.schedule, schedule);
    if (isKnown && entry.isDeclared && entry.nextAt === undefined) return;
    this.#keep({ schedule, isDeclared: true, lastAt: entry?.lastAt });
    this.#options.onWarning?.(
      invalid(schedule, `"${schedule.cron}" has no time to come`),
      "schedule",
    );
  }

  /** Adds it, if it has a time to come. */
  #put(schedule: Schedule, isDeclared: boolean): number | undefined {
    const cron = this.#check(schedule);
    const before = this.#entries.get(schedule.id);
    if (
      before?.isDeclared === isDeclared && isSame(before.schedule, schedule)
    ) {
      return before.nextAt;
    }
    // The one time of an older version that has not been submitted yet counts.
    const isSameTime = before?.schedule.cron === schedule.cron &&
      before.schedule.timezone === schedule.timezone;
    const nextAt = cron.nextRun(new Date(this.#options.now()))?.getTime() ??
      (isSameTime ? before.nextAt : undefined);
    if (nextAt === undefined) return undefined;
    this.#keep({ schedule, nextAt, isDeclared, lastAt: before?.lastAt });
    return nextAt;
  }

  #run(entry: Entry, now: number): void {
    const { schedule } = entry;
    const cron = cronOf(schedule);
    this.#again.delete(entry);
    // Of several that were missed, the last.
    const last = cron.previousRuns(1, new Date(now + 1))[0]?.getTime();
    const dueAt = Math.max(entry.nextAt ?? 0, last ?? 0);
    const isMissed = now - dueAt > LATE_MS;
    let { lastAt } = entry;
    if (!isMissed || schedule.missed !== "skip") {
      const outcome = this.#submit(schedule, dueAt);
      if (outcome === "full") {
        this.#again.set(entry, now + AGAIN_MS);
        return;
      }
      if (outcome === "submitted") lastAt = dueAt;
    }
    const nextAt = cron.nextRun(new Date(now))?.getTime();
    if (nextAt === undefined && !entry.isDeclared) this.remove(schedule.id);
    else this.#keep({ ...entry, nextAt, lastAt });
  }

  #submit(
    { id, flow, ...rest }: Schedule,
    dueAt: number,
  ): "submitted" | "full" | "failed" {
    const flowId = flowIdOf(id, dueAt);
    const graph = this.#options.flows.get(flow);
    try {
      if (graph === undefined) throw unknownFlow(id, flow);
      if (this.#options.hasFlow(flowId)) return "submitted";
      const { instructions, priority } = rest;
      const submit = (traceparent?: string) =>
        void this.#board.submit({
          id: flowId,
          name: flow,
          graph,
          instructions,
          priority,
          traceparent,
        });
      const { tracing } = this.#options;
      if (tracing === undefined) submit();
      else tracing({ schedule: id, flow, id: flowId }, submit);
      return "submitted";
    } catch (error) {
      this.#options.onWarning?.(error as Error, "schedule");
      const { code } = error as PipelineError;
      return code === "ERR_PIPELINE_FULL" ? "full" : "failed";
    }
  }

  #keep(entry: Entry): void {
    const { id } = entry.schedule;
    this.#entries.set(id, entry);
    this.#board.set(PREFIX + id, JSON.stringify(entry));
  }

  #arm(): void {
    let nextAt = Infinity;
    for (const entry of this.#entries.values()) {
      nextAt = Math.min(nextAt, this.#timeOf(entry));
    }
    this.#nextAt = nextAt === Infinity ? undefined : nextAt;
  }

  #timeOf(entry: Entry): number {
    return this.#again.get(entry) ?? entry.nextAt ?? Infinity;
  }

  #check(schedule: Schedule): Cron {
    checkSchedule(schedule);
    if (!this.#options.flows.has(schedule.flow)) {
      throw unknownFlow(schedule.id, schedule.flow);
    }
    const { maxPayloadBytes = Infinity } = this.#options;
    requirePayload(schedule.instructions, maxPayloadBytes, "What is submitted");
    return cronOf(schedule);
  }
}

function isSame(a: Schedule, b: Schedule): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
function cronOf(schedule: Schedule): Cron {
  try {
    const cron = new Cron(schedule.cron, { timezone: schedule.timezone });
    cron.nextRun(); // only now it looks at the time zone
    return cron;
  } catch (cause) {
    throw invalid(schedule, (cause as Error).message, cause);
  }
}

/** `nightly-20250131T120000Z`. */
function flowIdOf(id: string, at: number): string {
  const stamp = new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
  return `${id}-${stamp}`;
}

function invalid(
  { id }: Schedule,
  why: string,
  cause?: unknown,
): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_INVALID",
    `The schedule "${id}" cannot be kept: ${why}`,
    { id, cause },
  );
}

function unknownFlow(id: string, flow: string): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_UNKNOWN",
    `The schedule "${id}" is for a flow "${flow}", which there is not`,
    { id },
  );
}
