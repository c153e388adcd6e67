/**
 * Layer: pipeline/coordinator. The times and limits of a pipeline, and their
 * defaults.
 *
 * @module
 */
import { heapLimitBytes } from "../../util/heap_limit.ts";
import type { SchedulerOptions } from "../scheduler/scheduler_options.ts";
import type { Faults, Report } from "../model/faults.ts";
import type { Schedule } from "./schedule_entry.ts";
import type { SubmitTracing } from "./schedules.ts";
import type { Graph } from "../model/graph.ts";

/** Times in milliseconds. */
export interface Limits {
  /** How many jobs of one type may wait before submissions are refused. Default 100,000. */
  readonly maxQueued: number;
  /** How large the payloads of unfinished flows may be together before submissions are refused, in characters of JSON. Default: a quarter of what the runtime's heap may have, from 64 MiB to 1 GiB. */
  readonly maxQueuedBytes: number;
  /** How many answers may be held back until a flow has ended. Default 10,000. */
  readonly maxWaiting: number;
  /** How many workers there may be. Default 10,000. */
  readonly maxWorkers: number;
  /** For how many items an `each` may run; a flow with more fails. Default 100,000. */
  readonly maxItems: number;
  /** How large payloads and results may be, in bytes of JSON. Default 16 MiB. */
  readonly maxPayloadBytes: number;
  /** How many schedules clients may add, beside those of the program. Default 1,000. */
  readonly maxSchedules: number;
  /** How often a schedule that a client adds may be due, on the average. Default 10,000. */
  readonly minScheduleMs: number;
  /** How many workers may die with a job before it is dead. Default 3. */
  readonly maxKills: number;
  /** How many jobs a worker may have at a time, whatever credit it asks for. Default 1,000. */
  readonly maxCredit: number;
  /** How many jobs a worker may have before it has done any; each that it does lets it have one more. Default 100. */
  readonly firstCredit: number;
  /** How long a flow is kept that was completed or cancelled. Default 24 hours. */
  readonly resultTtlMs: number;
  /** How long a flow is kept that has failed, so that it can be looked at and tried again. Default 14 days. */
  readonly failedTtlMs: number;
  /** How long a broken connection of a worker may take to be made again, before the worker counts as dead. Default 250. */
  readonly graceMs: number;
  /** After how long a silence a worker gets no new work. Default 5,000. */
  readonly suspectMs: number;
  /** After how long a silence the jobs of a worker are given to others. Default 60,000. */
  readonly leaseMs: number;
  /** How long workers may take, after a restart of the pipeline, to say what they work on. Default 3,000. */
  readonly claimMs: number;
}

/** The limits of a pipeline that is told none. */
export const DEFAULT_LIMITS: Limits = {
  maxQueued: 100_000,
  maxQueuedBytes: queuedBytes(),
  maxWaiting: 10_000,
  maxWorkers: 10_000,
  maxItems: 100_000,
  maxPayloadBytes: 16 * 1024 * 1024,
  maxSchedules: 1000,
  minScheduleMs: 10_000,
  maxKills: 3,
  maxCredit: 1000,
  firstCredit: 100,
  resultTtlMs: 24 * 60 * 60 * 1000,
  failedTtlMs: 14 * 24 * 60 * 60 * 1000,
  graceMs: 250,
  suspectMs: 5000,
  leaseMs: 60_000,
  claimMs: 3000,
};

/** Where a worker takes jobs. */
export interface WorkerPlace {
  /** The address of its PULL. */
  readonly address: string;
  /** The key of that, if it is a server of CURVE. */
  readonly publicKey?: string;
}

/** A share of the heap that leaves room for what is made of the payloads. */
function queuedBytes(): number {
  const MIB = 1024 * 1024;
  const limit = heapLimitBytes() ?? 2048 * MIB;
  return Math.round(Math.min(Math.max(limit / 4, 64 * MIB), 1024 * MIB));
}

/** What a coordinator is told. */
export interface CoordinatorOptions extends SchedulerOptions, Limits {
  /** A clock that nobody sets, in milliseconds. */
  readonly monotonicNow?: () => number;
  readonly maxQueuedBytes: number;
  /** What is submitted by the clock. */
  readonly schedules?: readonly Schedule[];
  /** Told of what does not stop the pipeline, for a person. */
  readonly onWarning?: Report;
  /** Counts what goes wrong. Default: counts for itself, and tells nobody. */
  readonly faults?: Faults;
  /**
   * Refuses a worker that the pipeline cannot use safely.
   *
   * @throws {PipelineError} Says why.
   */
  readonly requireWorker?: (worker: WorkerPlace) => void;
  /** Traces what is submitted by the clock. */
  readonly tracing?: SubmitTracing;
  /** The graph of each flow, by its name. */
  readonly flows: ReadonlyMap<string, Graph>;
}
