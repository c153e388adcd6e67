/**
 * Layer: pipeline/coordinator. The times and limits of a pipeline, and their
 * defaults.
 *
 * @module
 */
import { heapLimitBytes } from "../../util/heap_limit.ts";
import type { PipelineError } from "../model/pipeline_error.ts";
import type { SchedulerOptions } from "../scheduler/scheduler_options.ts";
import type { Faults, Report } from "../model/faults.ts";
import type { Schedule } from "./schedule_entry.ts";
import type { SubmitTracing } from "./schedules.ts";
import type { Graph } from "../model/graph.ts";

/** Times in milliseconds. */
export interface Limits {
  /** How many jobs of one type may wait before submissions are refused. Default 100,000. */
  readonly maxQueued: number;
  /** The total size of the payloads of unfinished flows at which submissions are refused, in characters of JSON. Default: a quarter of the runtime's heap limit, from 64 MiB to 1 GiB. */
  readonly maxQueuedBytes: number;
  /** How many requests may wait for the end of a flow. Default 10,000. */
  readonly maxWaiting: number;
  /** The maximum number of workers. Default 10,000. */
  readonly maxWorkers: number;
  /** The maximum number of items of an `each`; a flow with more fails. Default 100,000. */
  readonly maxItems: number;
  /** The maximum size of payloads and results, in bytes of JSON. Default 16 MiB. */
  readonly maxPayloadBytes: number;
  /** How many schedules there may be before clients cannot add others. Default 1,000. */
  readonly maxSchedules: number;
  /** The minimum average interval of a schedule that a client adds. Default 10,000. */
  readonly minScheduleMs: number;
  /** How many workers may die with a job before it is dead. Default 3. */
  readonly maxKills: number;
  /** How many jobs a worker may have at a time, whatever credit it asks for. Default 1,000. */
  readonly maxCredit: number;
  /** How many jobs a worker may have before it has completed any; each completed job adds one. Default 100. */
  readonly firstCredit: number;
  /** How long a completed or cancelled flow is retained. Default 24 hours. */
  readonly resultTtlMs: number;
  /** How long a failed flow is retained, so that it can be inspected and retried. Default 14 days. */
  readonly failedTtlMs: number;
  /** How long the connection of a worker may be down before the worker counts as dead. Default 250. */
  readonly graceMs: number;
  /** How long a worker may be silent before it gets no new jobs. Default 5,000. */
  readonly suspectMs: number;
  /** How long a worker may be silent before its jobs are requeued. Default 60,000. */
  readonly leaseMs: number;
  /** How long workers may take to claim their jobs after a restart of the pipeline. Default 3,000. */
  readonly claimMs: number;
}

/** The default limits. */
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

/** Where a worker of version 1 receives jobs. */
export interface WorkerPlace {
  /** The address of its PULL. */
  readonly address: string;
  /** The public key of that socket, if it is a CURVE server. */
  readonly publicKey?: string;
}

/** A share of the heap that leaves room for copies of the payloads. */
function queuedBytes(): number {
  const MIB = 1024 * 1024;
  const limit = heapLimitBytes() ?? 2048 * MIB;
  return Math.round(Math.min(Math.max(limit / 4, 64 * MIB), 1024 * MIB));
}

/** The limits, flows and listeners of a coordinator. */
export interface CoordinatorOptions extends SchedulerOptions, Limits {
  /** A monotonic clock, in milliseconds. */
  readonly monotonicNow?: () => number;
  readonly maxQueuedBytes: number;
  /** The schedules of the program. */
  readonly schedules?: readonly Schedule[];
  /** Called for problems that do not stop the pipeline. */
  readonly onWarning?: Report;
  /** Called once if another process has taken the store over. */
  readonly onFenced?: (error: PipelineError) => void;
  /** Counts errors. Default: a counter of its own. */
  readonly faults?: Faults;
  /**
   * Refuses a worker that the pipeline cannot use safely.
   *
   * @throws {PipelineError} With the reason.
   */
  readonly requireWorker?: (worker: WorkerPlace) => void;
  /** Traces scheduled submissions. */
  readonly tracing?: SubmitTracing;
  /** The graph of each flow, by its name. */
  readonly flows: ReadonlyMap<string, Graph>;
}
