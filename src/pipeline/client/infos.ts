/**
 * Layer: pipeline/client. What a pipeline tells its clients.
 * Types only; times are in milliseconds since 1970.
 *
 * @module
 */
import type {
  FlowFailure,
  FlowState,
  JobEvent,
  JobFailure,
  JobState,
} from "../model/records.ts";

/** A flow. */
export interface FlowInfo {
  /** Its id. */
  readonly id: string;
  /** The name under which it was submitted. */
  readonly name: string;
  /** Where it is. */
  readonly state: FlowState;
  /** The key that was given for deduplication. */
  readonly key?: string;
  /** The higher, the sooner. */
  readonly priority: number;
  /** What the last step gave; not in lists, unless they are asked for with payloads. */
  readonly result?: unknown;
  /** Why it failed, and which job of it. */
  readonly error?: FlowFailure;
  /** When it was made. */
  readonly createdAt: number;
  /** When it came to its end. */
  readonly finishedAt?: number;
  /** When the pipeline may forget it. */
  readonly expiresAt?: number;
}

/** A job. */
export interface JobInfo {
  /** Its id. */
  readonly id: string;
  /** The flow that it belongs to. */
  readonly flowId: string;
  /** The type of the jobs. */
  readonly jobType: string;
  /** Where it is. */
  readonly state: JobState;
  /** What its step got; in lists only if asked for with `payloads: true`. */
  readonly payload?: unknown;
  /** @deprecated Use `payload`. */
  readonly instructions?: unknown;
  /** The higher, the sooner. */
  readonly priority: number;
  /** Which attempt this is, or was; 0 before the first. */
  readonly attempt: number;
  /** How many attempts have failed. */
  readonly failures: number;
  /** How many workers have died with it. */
  readonly kills: number;
  /** Not before this time. */
  readonly runAt?: number;
  /** From 0 to 1. */
  readonly progress?: number;
  /** The worker that has it, or had it last. */
  readonly worker?: string;
  /** What its step gave; not in lists, unless they are asked for with payloads. */
  readonly result?: unknown;
  /** Why it failed. */
  readonly error?: JobFailure;
  /** When it was made. */
  readonly createdAt: number;
  /** When its last attempt began. */
  readonly startedAt?: number;
  /** When it came to its end. */
  readonly finishedAt?: number;
}

/** A flow and its jobs. */
export interface FlowStatusInfo extends FlowInfo {
  /** How many jobs it has. */
  readonly jobCount: number;
  /** The jobs, oldest first; not more than were asked for. */
  readonly jobs: readonly JobInfo[];
}

/** A line of a job's timeline. */
export interface EventInfo {
  /** The job's. */
  readonly id: string;
  /** When. */
  readonly at: number;
  /** The state it came into, or what else happened. */
  readonly type: JobEvent["type"];
  /** Which attempt it was. */
  readonly attempt: number;
  /** The worker that has it, or had it last. */
  readonly worker?: string;
  /** For a person. */
  readonly detail?: string;
}

/** A worker: one run of one step in one process. */
export interface WorkerInfo {
  /** Its id. */
  readonly id: string;
  /** The type of the jobs. */
  readonly jobType: string;
  /** A name for people. */
  readonly stepName: string;
  /** Where it takes jobs. */
  readonly address: string;
  /** The machine. */
  readonly host: string;
  /** The process. */
  readonly pid: number;
  /** Such as `"deno 2.9.6"`. */
  readonly runtime: string;
  /** How many jobs it works on at a time. */
  readonly concurrency: number;
  /** How many it wants to have; less while handlers that ignored their signals keep places. */
  readonly credit: number;
  /** Whether it takes no new work. */
  readonly draining: boolean;
  /** The jobs that it has. */
  readonly jobs: readonly string[];
  /** When it was heard last. */
  readonly heardAt: number;
  /** Whether jobs can be sent to it. */
  readonly linked: boolean;
  /** Whether it has been silent for long. */
  readonly suspect: boolean;
}

/** A pipeline at a glance. */
export interface StatsInfo {
  /** How many jobs of a type are in a state, as far as it is kept. */
  readonly counts: readonly {
    /** The type of the jobs. */
    readonly jobType: string;
    /** Where it is. */
    readonly state: JobState;
    /** How many. */
    readonly count: number;
  }[];
  /** What waits and runs, by job type. */
  readonly jobTypes: readonly {
    /** The type of the jobs. */
    readonly jobType: string;
    /** How many wait for a worker. */
    readonly waiting: number;
    /** How many workers have. */
    readonly running: number;
    /** Whether none may begin. */
    readonly paused: boolean;
  }[];
  /** Who works. */
  readonly workers: readonly WorkerInfo[];
  /** How many errors of a kind there were since the pipeline's start, such as `unreadable`: messages that could not be read. */
  readonly errors: Readonly<Record<string, number>>;
}

/** A flow that is submitted by the clock. */
export interface ScheduleInfo {
  /** Its id. */
  readonly id: string;
  /** The name of the flow. */
  readonly flow: string;
  /** The pattern. */
  readonly cron: string;
  /** The time zone of the pattern; that of the pipeline where it is absent. */
  readonly timezone?: string;
  /** What its first step gets, each time. */
  readonly payload: unknown;
  /** @deprecated Use `payload`. */
  readonly instructions?: unknown;
  /** What becomes of times at which the pipeline was not there. */
  readonly missed: "once" | "skip";
  /** The higher, the sooner. */
  readonly priority: number;
  /** Whether the pipeline's program has it, rather than that it was asked for. */
  readonly declared: boolean;
  /** When it is due. */
  readonly nextAt: number;
  /** The time that was submitted last. */
  readonly lastAt?: number;
  /** The id of the flow that was submitted then. */
  readonly lastId?: string;
}
