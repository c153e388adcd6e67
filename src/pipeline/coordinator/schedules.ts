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
import type { JobScheduler } from "../scheduler/job_scheduler.ts";
import { DueHeap } from "../scheduler/queues/heap.ts";
import { PipelineError } from "../model/errors.ts";
import type { Graph } from "../model/graph.ts";
import { checkSchedule } from "../model/check_schedule.ts";
import { renameMember } from "../model/former_names.ts";
import { requirePayload } from "../model/payload.ts";
import { type Cron, cronOf, invalid, requireFloor } from "./cron.ts";

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
  /** What becomes of times at which the pipeline was not there: the last of them is made up for, or they are skipped. Default `"once"`. */
  readonly missed?: "once" | "skip";
  /** The higher, the sooner. Default 0. */
  readonly priority?: number;
}

/** A schedule, and when it is due; times are in milliseconds since 1970. */
export interface ScheduleStatus extends Schedule {
  /** @deprecated Use `payload`. */
  readonly instructions?: string;
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
  /** How large a payload may be, in bytes of JSON. */
  readonly maxPayloadBytes?: number;
  /** How many there may be before others are refused; those of the program are not. */
  readonly maxSchedules?: number;
  /** How often one may be due, on the average, in milliseconds; those of the program as often as they like. */
  readonly minScheduleMs?: number;
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
/** How often it is told that a full queue has refused some, in milliseconds. */
const WARN_MS = 1000;
/** So many are submitted before others get their turn. */
const PER_TICK = 100;
/** So many times that are no more may be kept beside as many as are to come. */
const MAX_OVER = 1000;

/** The schedules of a pipeline. */
export class Schedules {
  readonly #scheduler: JobScheduler;
  readonly #options: ScheduleOptions;
  readonly #entries: Map<string, Entry> = new Map();
  /** When those are tried again that a full queue refused. */
  readonly #again: WeakMap<Entry, number> = new WeakMap();
  /** When each is due; also those that were replaced, until their time has come or they are too many. */
  readonly #due: DueHeap<Entry> = new DueHeap();
  #refusedRuns = 0;
  #warnedAt = -Infinity;

  /** @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN` for those of the program. */
  constructor(scheduler: JobScheduler, options: ScheduleOptions) {
    this.#scheduler = scheduler;
    this.#options = options;
    for (const one of options.schedules ?? []) this.#check(one);
  }

  /** When the next is due; `undefined` for never. */
  get nextAt(): number | undefined {
    for (;;) {
      const first = this.#due.peek();
      if (first === undefined) return undefined;
      if (this.#isCurrent(first)) return this.#due.nextAt;
      this.#due.take(Infinity);
    }
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
      const entry = fromStored(json);
      this.#entries.set(entry.schedule.id, entry);
      this.#arm(entry);
    }
    const declared = this.#options.schedules ?? [];
    const ids = new Set(declared.map(({ id }) => id));
    for (const { schedule: { id }, isDeclared } of this.#entries.values()) {
      if (isDeclared && !ids.has(id)) this.remove(id);
    }
    for (const one of declared) this.#declare(one);
  }

  /**
   * Adds a schedule, or replaces that with its id; the same one again changes
   * nothing.
   *
   * @returns When it is due.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN`,
   *   `ERR_PIPELINE_FULL`.
   */
  put(schedule: Schedule): number {
    const cron = this.#check(schedule);
    const { maxSchedules = Infinity, minScheduleMs = 0, now } = this.#options;
    if (minScheduleMs > 0) requireFloor(schedule, cron, now(), minScheduleMs);
    if (
      !this.#entries.has(schedule.id) && this.#entries.size >= maxSchedules
    ) throw full(schedule, this.#entries.size);
    this.#requireRoom(schedule);
    const nextAt = this.#put(schedule, cron, false);
    if (nextAt === undefined) {
      throw invalid(schedule, `"${schedule.cron}" has no time to come`);
    }
    return nextAt;
  }

  /** Removes a schedule; tells whether there was one. */
  remove(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.delete(id);
    this.#again.delete(entry);
    this.#scheduler.set(PREFIX + id, null);
    this.#tidy();
    return true;
  }

  /** Submits what is due; where that is much, the first of it: the rest stays due. */
  tick(): void {
    const now = this.#options.now();
    for (let n = 0; n < PER_TICK; n++) {
      const at = this.nextAt; // of one that is current
      if (at === undefined || at > now) break;
      this.#run(this.#due.take(now)!, now);
    }
    this.#warn(now);
  }

  /**
   * A schedule of the program. One without a time to come is kept as over: so
   * it is neither submitted again nor warned of at the next start.
   */
  #declare(schedule: Schedule): void {
    const cron = this.#check(schedule);
    if (this.#put(schedule, cron, true) !== undefined) return;
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
  #put(
    schedule: Schedule,
    cron: Cron,
    isDeclared: boolean,
  ): number | undefined {
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
    const cron = cronOf(schedule, now);
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
        return this.#arm(entry);
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
      const { payload, priority } = rest;
      const submit = (traceparent?: string) =>
        void this.#scheduler.submit({
          id: flowId,
          name: flow,
          graph,
          payload,
          priority,
          traceparent,
        });
      const { tracing } = this.#options;
      if (tracing === undefined) submit();
      else tracing({ schedule: id, flow, id: flowId }, submit);
      return "submitted";
    } catch (error) {
      const { code } = error as PipelineError;
      if (code === "ERR_PIPELINE_FULL") {
        this.#refusedRuns++;
        return "full";
      }
      this.#options.onWarning?.(error as Error, "schedule");
      return "failed";
    }
  }

  /** Tells of submissions that a full queue has refused: once in a while, of all of them. */
  #warn(now: number): void {
    const count = this.#refusedRuns;
    if (count === 0 || Math.abs(now - this.#warnedAt) < WARN_MS) return;
    this.#refusedRuns = 0;
    this.#warnedAt = now;
    this.#options.onWarning?.(
      new PipelineError(
        "ERR_PIPELINE_FULL",
        `The queue is full: ${count} submissions of schedules were refused, and are tried again every second`,
      ),
      "schedule",
    );
  }

  /** All of them go into one answer. */
  #requireRoom({ id, payload }: Schedule): void {
    const { maxPayloadBytes = Infinity } = this.#options;
    let size = payload.length;
    for (const { schedule } of this.#entries.values()) {
      if (schedule.id !== id) size += schedule.payload.length;
    }
    if (size <= maxPayloadBytes) return;
    throw new PipelineError(
      "ERR_PIPELINE_FULL",
      `Cannot add schedule "${id}": the payloads of all schedules together would exceed ${maxPayloadBytes} bytes of JSON (maxPayloadBytes)`,
      { id },
    );
  }

  #keep(entry: Entry): void {
    const { id } = entry.schedule;
    this.#entries.set(id, entry);
    this.#scheduler.set(PREFIX + id, toStored(entry));
    this.#arm(entry);
    this.#tidy();
  }

  #arm(entry: Entry): void {
    const at = this.#again.get(entry) ?? entry.nextAt;
    if (at !== undefined) this.#due.add(at, entry);
  }

  /** Lets go the times of those that were replaced or removed. */
  #tidy(): void {
    if (this.#due.size <= 2 * this.#entries.size + MAX_OVER) return;
    this.#due.keep((entry) => this.#isCurrent(entry));
  }

  /** Whether it has not been replaced or removed. */
  #isCurrent(entry: Entry): boolean {
    return this.#entries.get(entry.schedule.id) === entry;
  }

  #check(schedule: Schedule): Cron {
    checkSchedule(schedule);
    if (!this.#options.flows.has(schedule.flow)) {
      throw unknownFlow(schedule.id, schedule.flow);
    }
    const { maxPayloadBytes = Infinity } = this.#options;
    requirePayload(schedule.payload, maxPayloadBytes, "What is submitted");
    return cronOf(schedule, this.#options.now());
  }
}

function isSame(a: Schedule, b: Schedule): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * An entry as stores have it: there a payload is called `instructions`, as in
 * the first release, so that files can be read by either version.
 */
function toStored({ schedule, ...entry }: Entry): string {
  const renamed = renameMember(schedule, "payload", "instructions");
  return JSON.stringify({ schedule: renamed, ...entry });
}

function fromStored(json: string): Entry {
  const { schedule, ...entry } = JSON.parse(json) as Entry;
  const renamed = renameMember(schedule, "instructions", "payload");
  return { schedule: renamed as unknown as Schedule, ...entry };
}

/** `nightly-20250131T120000Z`. */
function flowIdOf(id: string, at: number): string {
  const stamp = new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
  return `${id}-${stamp}`;
}

function full({ id }: Schedule, count: number): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_FULL",
    `The schedule "${id}" cannot be kept: there are ${count} already (maxSchedules)`,
    { id },
  );
}

function unknownFlow(id: string, flow: string): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_UNKNOWN",
    `The schedule "${id}" is for a flow "${flow}", which there is not`,
    { id },
  );
}
