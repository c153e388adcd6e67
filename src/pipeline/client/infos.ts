/**
 * Layer: pipeline/client. What a pipeline tells its clients, as it is on the
 * wire. Types only; times are in milliseconds since 1970.
 *
 * @module
 */
import type {
  FlowState,
  JobEvent,
  JobFailure,
  JobState,
} from "../model/records.ts";

/** A flow. */
export interface FlowInfo {
  readonly id: string;
  /** The name under which it was submitted. */
  readonly name: string;
  readonly state: FlowState;
  readonly key?: string;
  readonly priority: number;
  readonly result?: unknown;
  readonly error?: JobFailure;
  readonly created_at: number;
  readonly finished_at?: number;
  /** When the pipeline may forget it. */
  readonly expires_at?: number;
}

/** A job. */
export interface JobInfo {
  readonly id: string;
  readonly flow_id: string;
  readonly job_type: string;
  readonly state: JobState;
  readonly instructions: unknown;
  readonly priority: number;
  /** Which attempt this is, or was; 0 before the first. */
  readonly attempt: number;
  /** How many attempts have failed. */
  readonly failures: number;
  /** How many workers have died with it. */
  readonly kills: number;
  /** Not before this time. */
  readonly run_at?: number;
  /** From 0 to 1. */
  readonly progress?: number;
  readonly worker?: string;
  readonly result?: unknown;
  readonly error?: JobFailure;
  readonly created_at: number;
  readonly started_at?: number;
  readonly finished_at?: number;
}

/** A line of a job's timeline. */
export interface EventInfo {
  /** The job's. */
  readonly id: string;
  readonly at: number;
  readonly type: JobEvent["type"];
  readonly attempt: number;
  readonly worker?: string;
  readonly detail?: string;
}

/** A worker: one run of one step in one process. */
export interface WorkerInfo {
  readonly id: string;
  readonly job_type: string;
  readonly step_name: string;
  /** Where it takes jobs. */
  readonly address: string;
  readonly host: string;
  readonly pid: number;
  /** Such as `"deno 2.9.6"`. */
  readonly runtime: string;
  readonly concurrency: number;
  readonly credit: number;
  readonly draining: boolean;
  /** The jobs that it has. */
  readonly jobs: readonly string[];
  readonly heard_at: number;
  /** Whether jobs can be sent to it. */
  readonly linked: boolean;
  /** Whether it has been silent for long. */
  readonly suspect: boolean;
}

/** A pipeline at a glance. */
export interface StatsInfo {
  /** How many jobs of a type are in a state, as far as it is kept. */
  readonly counts: readonly {
    readonly job_type: string;
    readonly state: JobState;
    readonly count: number;
  }[];
  readonly job_types: readonly {
    readonly job_type: string;
    readonly waiting: number;
    readonly running: number;
    readonly paused: boolean;
  }[];
  readonly workers: readonly WorkerInfo[];
}

/** A flow that is submitted by the clock. */
export interface ScheduleInfo {
  readonly id: string;
  readonly flow: string;
  readonly cron: string;
  readonly timezone?: string;
  readonly instructions: unknown;
  readonly missed: "once" | "skip";
  readonly priority: number;
  readonly next_at: number;
}
