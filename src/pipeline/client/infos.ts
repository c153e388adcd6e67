/**
 * Layer: pipeline/client. What a pipeline reports to its clients.
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
import type { PipelineMember } from "../store/job_store.ts";

/** A flow. */
export interface FlowInfo {
  /** Its id. */
  readonly id: string;
  /** The name under which it was submitted. */
  readonly name: string;
  /** Its state. */
  readonly state: FlowState;
  /** Its key for deduplication. */
  readonly key?: string;
  /** Higher values run first. */
  readonly priority: number;
  /** The result of the last step; in lists only if asked for with `payloads: true`. */
  readonly result?: unknown;
  /** Why it failed, and which of its jobs. */
  readonly error?: FlowFailure;
  /** When it was created. */
  readonly createdAt: number;
  /** When it ended. */
  readonly finishedAt?: number;
  /** When the pipeline may delete it. */
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
  /** Its state. */
  readonly state: JobState;
  /** The input of its step; in lists only if asked for with `payloads: true`. */
  readonly payload?: unknown;
  /** @deprecated Use `payload`. */
  readonly instructions?: unknown;
  /** Higher values run first. */
  readonly priority: number;
  /** The current or last attempt; 0 before the first. */
  readonly attempt: number;
  /** How many attempts it may have; in lists only, and absent from an older pipeline. */
  readonly attempts?: number;
  /** How many attempts have failed. */
  readonly failures: number;
  /** How many workers died while they worked on it alone. */
  readonly kills: number;
  /** Starts at this time at the earliest. */
  readonly runAt?: number;
  /** From 0 to 1. */
  readonly progress?: number;
  /** The worker that has it or had it last. */
  readonly worker?: string;
  /** The result of its step; in lists only if asked for with `payloads: true`. */
  readonly result?: unknown;
  /** Why it failed. */
  readonly error?: JobFailure;
  /** When it was created. */
  readonly createdAt: number;
  /** When its last attempt began. */
  readonly startedAt?: number;
  /** When it ended. */
  readonly finishedAt?: number;
}

/** A flow and its jobs. */
export interface FlowStatusInfo extends FlowInfo {
  /** How many jobs it has. */
  readonly jobCount: number;
  /** The jobs, oldest first; no more than were asked for. */
  readonly jobs: readonly JobInfo[];
}

/** A line of a job's timeline. */
export interface EventInfo {
  /** The id of the job. */
  readonly id: string;
  /** When. */
  readonly at: number;
  /** The state that the job entered, or another event. */
  readonly type: JobEvent["type"];
  /** The attempt. */
  readonly attempt: number;
  /** The worker that has it or had it last. */
  readonly worker?: string;
  /** A text for people. */
  readonly detail?: string;
}

/** A worker: one run of one step in one process. */
export interface WorkerInfo {
  /** Its id. */
  readonly id: string;
  /** The type of the jobs. */
  readonly jobType: string;
  /** A display name. */
  readonly stepName: string;
  /** The endpoint at which it receives jobs; empty if they come over its own connection. */
  readonly address: string;
  /** The host name of its machine. */
  readonly host: string;
  /** The id of its process. */
  readonly pid: number;
  /** Such as `"deno 2.9.6"`. */
  readonly runtime: string;
  /** How many jobs it works on at a time. */
  readonly concurrency: number;
  /** How many jobs it accepts; fewer while handlers that ignore their signals occupy slots. */
  readonly credit: number;
  /** Whether it accepts no new jobs. */
  readonly draining: boolean;
  /** The ids of its jobs. */
  readonly jobs: readonly string[];
  /** When it joined; absent from an older pipeline. */
  readonly joinedAt?: number;
  /** When its last message arrived. */
  readonly heardAt: number;
  /** Whether it is connected, so that jobs can be sent to it. */
  readonly linked: boolean;
  /** Whether it has been silent for long. */
  readonly suspect: boolean;
}

/** Counts, queues, workers and errors of a pipeline. */
export interface StatsInfo {
  /** How many jobs of each type are in each state, until they are deleted. */
  readonly counts: readonly {
    /** The type of the jobs. */
    readonly jobType: string;
    /** Its state. */
    readonly state: JobState;
    /** How many. */
    readonly count: number;
  }[];
  /** How many jobs wait and run, by job type. */
  readonly jobTypes: readonly {
    /** The type of the jobs. */
    readonly jobType: string;
    /** How many wait for a worker. */
    readonly waiting: number;
    /** How many are assigned to workers. */
    readonly running: number;
    /** Whether the type is paused. */
    readonly paused: boolean;
  }[];
  /** The workers. */
  readonly workers: readonly WorkerInfo[];
  /** How many errors of each kind occurred since the pipeline started, such as `unreadable`: messages that could not be read. */
  readonly errors: Readonly<Record<string, number>>;
  /**
   * The processes of which one leads the pipeline, that one first; none where the
   * store cannot be shared. Older pipelines do not say it.
   */
  readonly members?: readonly (PipelineMember & {
    /** The shards that it leads, of a pipeline with shards. */
    readonly shards?: readonly number[];
  })[];
}

/** A flow that is submitted on a schedule. */
export interface ScheduleInfo {
  /** Its id. */
  readonly id: string;
  /** The name of the flow. */
  readonly flow: string;
  /** The pattern. */
  readonly cron: string;
  /** The time zone of the pattern. Absent: that of the pipeline. */
  readonly timezone?: string;
  /** The input of its first step, each time. */
  readonly payload: unknown;
  /** @deprecated Use `payload`. */
  readonly instructions?: unknown;
  /** Whether times at which the pipeline did not run are made up for once, or skipped. */
  readonly missed: "once" | "skip";
  /** Higher values run first. */
  readonly priority: number;
  /** Whether the program of the pipeline declares it; otherwise a client added it. */
  readonly declared: boolean;
  /** Whether it is paused; absent from an older pipeline. */
  readonly paused?: boolean;
  /** When it is due next; of a paused one, when it would have been due first. */
  readonly nextAt: number;
  /** The time of the last submission. */
  readonly lastAt?: number;
  /** The id of the flow that was submitted then. */
  readonly lastId?: string;
}
