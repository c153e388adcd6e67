/**
 * Layer: pipeline/coordinator. Flows that are submitted at scheduled times. No
 * I/O and no timers: the owner asks when the next is due, and calls `tick`.
 *
 * Each time is submitted exactly once, even if the pipeline restarts: the
 * submission and the next time are in one commit, and the flow's id consists of
 * the schedule's and the time.
 *
 * @module
 */
import type { Report } from "../model/faults.ts";
import type { FlowRecord } from "../model/records.ts";
import type { JobScheduler } from "../scheduler/job_scheduler.ts";
import { type DueEntry, DueHeap } from "../scheduler/queues/heap.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import type { Graph } from "../model/graph.ts";
import { checkSchedule } from "../model/check_schedule.ts";
import { requireSize } from "../model/payload.ts";
import type { Awaitable } from "../store/job_store.ts";
import {
  type Cron,
  cronOf,
  invalid,
  lastRun,
  nextRun,
  requireFloor,
} from "./cron.ts";
import {
  fromStored,
  isSame,
  nothingToCome,
  runIdOf,
  type Schedule,
  type ScheduleEntry,
  type ScheduleStatus,
  statusOf,
  tooManySchedules,
  toStored,
  unknownFlow,
} from "./schedule_entry.ts";
import { TurnBudget } from "./turn_budget.ts";

/** The flows, limits and listeners of schedules. */
export interface ScheduleOptions {
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** The graph of each flow, by its name. */
  readonly flows: ReadonlyMap<string, Graph>;
  /** Finds a flow in the store. */
  readonly findFlow: (id: string) => Awaitable<FlowRecord | undefined>;
  /** Called when something is due now. */
  readonly changed?: () => void;
  /** A monotonic clock, in milliseconds. Without one, slices are counted. */
  readonly monotonicNow?: () => number;
  /** The schedules of the program; those that it no longer declares are removed. */
  readonly schedules?: readonly Schedule[];
  /** The maximum size of a payload, in bytes of JSON. */
  readonly maxPayloadBytes?: number;
  /** The maximum number of schedules; those of the program are never refused. */
  readonly maxSchedules?: number;
  /** How often a schedule may be due, on average, in milliseconds; those of the program are not limited. */
  readonly minScheduleMs?: number;
  /** Called for a time that could not be submitted. */
  readonly onWarning?: Report;
  /** Submits, as part of a trace if there is one. */
  readonly tracing?: SubmitTracing;
}

/** Starts a trace for a submission. */
export type SubmitTracing = (
  about: {
    readonly schedule: string;
    readonly flow: string;
    readonly id: string;
  },
  submit: (traceparent?: string) => void,
) => void;

const PREFIX = "schedule:";
/** A submission that is later than this was missed, in milliseconds. */
const LATE_MS = 10_000;
/** How soon a submission is retried that a full queue refused, in milliseconds. */
const AGAIN_MS = 1000;
/** How often refused submissions are reported, in milliseconds. */
const WARN_MS = 1000;
/** The maximum number of schedules that one tick handles, and for how long, in milliseconds. */
const PER_TICK = 100;
const TICK_MS = 4;
/** How many schedules of the program are ready when the pipeline has started; the next times of others are searched later. */
const READY_AT_START = 1000;

/** The schedules of a pipeline. */
export class Schedules {
  readonly #scheduler: JobScheduler;
  readonly #options: ScheduleOptions;
  readonly #entries: Map<string, ScheduleEntry> = new Map();
  readonly #due: DueHeap<ScheduleEntry> = new DueHeap();
  /** The place of each in the heap, by id. */
  readonly #armed: Map<string, DueEntry<ScheduleEntry>> = new Map();
  /** The schedules of the program whose next time has not been searched yet, by id. */
  readonly #declared: Map<string, Schedule> = new Map();
  /** Which flows the store has, where it answers with a promise. */
  readonly #lookups: WeakMap<ScheduleEntry, { id: string; isKnown: boolean }> =
    new WeakMap();
  readonly #zones: Set<string> = new Set();
  /** The size of all payloads, in characters of JSON. */
  #size = 0;
  readonly #refused: { count: number; warnedAt: number } = {
    count: 0,
    warnedAt: -Infinity,
  };

  /** @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN` for those of the program. */
  constructor(scheduler: JobScheduler, options: ScheduleOptions) {
    this.#scheduler = scheduler;
    this.#options = options;
    for (const one of options.schedules ?? []) this.#check(one);
  }

  /** When the next is due; `undefined` for never. */
  get nextAt(): number | undefined {
    return this.#declared.size > 0 ? this.#options.now() : this.#due.nextAt;
  }

  /** All that have a next time, the next one first. */
  list(): ScheduleStatus[] {
    const all: ScheduleStatus[] = [];
    for (const entry of this.#entries.values()) {
      const { nextAt } = entry;
      if (nextAt !== undefined) all.push(statusOf({ ...entry, nextAt }));
    }
    return all.sort((a, b) => a.nextAt - b.nextAt);
  }

  /** Restores the stored schedules, and adds those of the program. */
  async restore(settings: ReadonlyMap<string, string>): Promise<void> {
    const budget = new TurnBudget();
    for (const [name, json] of settings) {
      if (name.startsWith(PREFIX)) this.#store(fromStored(json));
      await budget.spend();
    }
    const ids = new Set<string>();
    for (const one of this.#options.schedules ?? []) {
      ids.add(one.id);
      const stored = this.#entries.get(one.id);
      const isStored = stored?.isDeclared === true &&
        isSame(stored.schedule, one);
      if (!isStored) this.#declared.set(one.id, one);
      await budget.spend();
    }
    for (const { schedule: { id }, isDeclared } of this.#entries.values()) {
      if (isDeclared && !ids.has(id)) this.remove(id);
      await budget.spend();
    }
    for (let n = 0; n < READY_AT_START && this.#declared.size > 0; n++) {
      this.#declareNext();
      await budget.spend(10);
    }
  }

  /**
   * Adds a schedule, or replaces the one with its id. An equal one changes
   * nothing.
   *
   * @returns When it is due.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN`,
   *   `ERR_PIPELINE_FULL`.
   */
  put(schedule: Schedule): number {
    const { maxSchedules = Infinity, minScheduleMs = 0, now } = this.#options;
    const cron = this.#check(schedule);
    this.#declareNow(schedule.id);
    const before = this.#entries.get(schedule.id);
    const next = nextRun(cron, now());
    if (minScheduleMs > 0) requireFloor(schedule, cron, next, minScheduleMs);
    const count = this.#count();
    if (before === undefined && count >= maxSchedules) {
      throw tooManySchedules(schedule, count);
    }
    this.#requireRoom(schedule, before);
    const nextAt = this.#put(schedule, false, () => next);
    if (nextAt === undefined) {
      throw invalid(schedule, `"${schedule.cron}" has no time to come`);
    }
    return nextAt;
  }

  /** Removes a schedule. Returns whether there was one. */
  remove(id: string): boolean {
    this.#declareNow(id);
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.delete(id);
    this.#size -= entry.schedule.payload.length;
    this.#disarm(id);
    this.#scheduler.set(PREFIX + id, null);
    return true;
  }

  /**
   * Pauses or resumes a schedule. What would have been due meanwhile is skipped.
   *
   * @returns Whether there is one.
   * @throws {PipelineError} `ERR_PIPELINE_STATE` if it cannot be resumed, as it has
   *   no time to come.
   */
  pause(id: string, isPaused: boolean): boolean {
    this.#declareNow(id);
    const entry = this.#entries.get(id);
    if (entry?.nextAt === undefined) return false;
    if ((entry.isPaused ?? false) === isPaused) return true;
    if (isPaused) this.#save({ ...entry, isPaused });
    else {
      const { schedule } = entry;
      const nextAt = nextRun(this.#cronOf(schedule), this.#options.now());
      if (nextAt === undefined) throw nothingToCome(schedule);
      this.#save({ ...entry, nextAt, isPaused: undefined });
    }
    return true;
  }

  /** Submits what is due, a slice of it if that is much: the rest stays due. */
  tick(): void {
    const { now, monotonicNow } = this.#options;
    const at = now();
    const until = (monotonicNow?.() ?? 0) + TICK_MS;
    for (let n = 0; n < PER_TICK; n++) {
      const entry = this.#due.take(at);
      if (entry !== undefined) this.#run(entry, at);
      else if (this.#declared.size > 0) this.#declareNext();
      else break;
      if (monotonicNow !== undefined && monotonicNow() >= until) break;
    }
    this.#warn(at);
  }

  /** How many there are, with those whose next time has not been searched. */
  #count(): number {
    let count = this.#entries.size;
    for (const id of this.#declared.keys()) {
      if (!this.#entries.has(id)) count++;
    }
    return count;
  }

  /** Adds the next schedule of the program whose time has not been searched. */
  #declareNext(): void {
    const [id] = this.#declared.keys();
    this.#declareNow(id!);
  }

  /**
   * Adds a schedule of the program. One without a next time is stored as over,
   * so that it is neither submitted nor reported again at the next start.
   */
  #declareNow(id: string): void {
    const schedule = this.#declared.get(id);
    if (schedule === undefined) return;
    this.#declared.delete(id);
    const search = () => nextRun(this.#cronOf(schedule), this.#options.now());
    if (this.#put(schedule, true, search) !== undefined) return;
    const entry = this.#entries.get(id);
    const isKnown = entry !== undefined && isSame(entry.schedule, schedule);
    if (isKnown && entry.isDeclared && entry.nextAt === undefined) return;
    this.#save({ schedule, isDeclared: true, lastAt: entry?.lastAt });
    this.#options.onWarning?.(
      invalid(schedule, `"${schedule.cron}" has no time to come`),
      "schedule",
    );
  }

  /** Adds it, if it has a next time. */
  #put(
    schedule: Schedule,
    isDeclared: boolean,
    search: () => number | undefined,
  ): number | undefined {
    const before = this.#entries.get(schedule.id);
    if (
      before?.isDeclared === isDeclared && isSame(before.schedule, schedule)
    ) {
      return before.nextAt;
    }
    // A time of the version before that has not been submitted yet counts.
    const isSameTime = before?.schedule.cron === schedule.cron &&
      before.schedule.timezone === schedule.timezone;
    const nextAt = search() ?? (isSameTime ? before.nextAt : undefined);
    if (nextAt === undefined) return undefined;
    const { lastAt, isPaused } = before ?? {};
    this.#save({ schedule, nextAt, isDeclared, isPaused, lastAt });
    return nextAt;
  }

  #run(entry: ScheduleEntry, now: number): void {
    const { schedule } = entry;
    const { dueAt, nextAt } = this.#timesOf(entry, now);
    const isMissed = now - dueAt > LATE_MS;
    let { lastAt } = entry;
    if (!isMissed || schedule.missed !== "skip") {
      const outcome = this.#submit(entry, dueAt);
      if (outcome === "pending") return;
      if (outcome === "full") return this.#arm(entry, now + AGAIN_MS);
      if (outcome === "submitted") lastAt = dueAt;
    }
    if (nextAt === undefined && !entry.isDeclared) this.remove(schedule.id);
    else this.#save({ ...entry, nextAt, lastAt });
  }

  /** The time to submit, which is the last of those that were missed, and the next one. */
  #timesOf(
    { schedule, nextAt = 0 }: ScheduleEntry,
    now: number,
  ): { dueAt: number; nextAt: number | undefined } {
    const cron = this.#cronOf(schedule);
    const following = nextRun(cron, nextAt);
    if (following === undefined || following > now) {
      return { dueAt: nextAt, nextAt: following };
    }
    const dueAt = Math.max(nextAt, lastRun(cron, now) ?? 0);
    return { dueAt, nextAt: nextRun(cron, now) };
  }

  #submit(
    entry: ScheduleEntry,
    dueAt: number,
  ): "submitted" | "full" | "failed" | "pending" {
    const { id, flow, payload, priority } = entry.schedule;
    const flowId = runIdOf(id, dueAt);
    const graph = this.#options.flows.get(flow);
    try {
      if (graph === undefined) throw unknownFlow(id, flow);
      const isKnown = this.#isKnown(entry, flowId);
      if (isKnown === undefined) return "pending";
      if (isKnown) return "submitted";
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
        this.#refused.count++;
        return "full";
      }
      this.#options.onWarning?.(error as Error, "schedule");
      return "failed";
    }
  }

  /** Whether the store has a flow; `undefined` while it looks, and the schedule is due again then. */
  #isKnown(entry: ScheduleEntry, flowId: string): boolean | undefined {
    const known = this.#lookups.get(entry);
    if (known?.id === flowId) return known.isKnown;
    const found = this.#options.findFlow(flowId);
    if (!(found instanceof Promise)) return found !== undefined;
    const { now, changed, onWarning } = this.#options;
    found.then((flow) => {
      const isKnown = flow !== undefined;
      this.#lookups.set(entry, { id: flowId, isKnown });
      this.#arm(entry, now());
    }, (error) => {
      onWarning?.(error as Error, "schedule");
      this.#arm(entry, now() + AGAIN_MS);
    }).finally(() => changed?.());
    return undefined;
  }

  /** Reports submissions that a full queue refused: once in a while, all together. */
  #warn(now: number): void {
    const { count, warnedAt } = this.#refused;
    if (count === 0 || Math.abs(now - warnedAt) < WARN_MS) return;
    this.#refused.count = 0;
    this.#refused.warnedAt = now;
    this.#options.onWarning?.(
      new PipelineError(
        "ERR_PIPELINE_FULL",
        `The queue is full: ${count} submissions of schedules were refused; they are retried every second`,
      ),
      "schedule",
    );
  }

  /** All of them go into one answer. */
  #requireRoom({ id, payload }: Schedule, before?: ScheduleEntry): void {
    const { maxPayloadBytes = Infinity } = this.#options;
    const replaced = before?.schedule.payload.length ?? 0;
    if (this.#size - replaced + payload.length <= maxPayloadBytes) return;
    throw new PipelineError(
      "ERR_PIPELINE_FULL",
      `Cannot add schedule "${id}": the payloads of all schedules together would exceed ${maxPayloadBytes} bytes of JSON (maxPayloadBytes)`,
      { id },
    );
  }

  #save(entry: ScheduleEntry): void {
    this.#scheduler.set(PREFIX + entry.schedule.id, toStored(entry));
    this.#store(entry);
  }

  #store(entry: ScheduleEntry): void {
    const { id, payload } = entry.schedule;
    const before = this.#entries.get(id);
    this.#size += payload.length - (before?.schedule.payload.length ?? 0);
    this.#entries.set(id, entry);
    this.#disarm(id);
    if (entry.nextAt === undefined || entry.isPaused) return;
    this.#arm(entry, entry.nextAt);
  }

  /** Makes a schedule due at a time, unless it was replaced or removed. */
  #arm(entry: ScheduleEntry, at: number): void {
    const { id } = entry.schedule;
    if (this.#entries.get(id) !== entry) return;
    this.#disarm(id);
    this.#armed.set(id, this.#due.add(at, entry));
  }

  #disarm(id: string): void {
    const armed = this.#armed.get(id);
    if (armed === undefined) return;
    this.#armed.delete(id);
    this.#due.remove(armed);
  }

  #check(schedule: Schedule): Cron {
    checkSchedule(schedule);
    if (!this.#options.flows.has(schedule.flow)) {
      throw unknownFlow(schedule.id, schedule.flow);
    }
    const { maxPayloadBytes = Infinity } = this.#options;
    requireSize(schedule.payload, maxPayloadBytes, "The payload");
    return this.#cronOf(schedule);
  }

  #cronOf(schedule: Schedule): Cron {
    return cronOf(schedule, this.#options.now(), this.#zones);
  }
}
