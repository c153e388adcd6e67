/**
 * Example: the file pipeline. What its processes tell each other, as MessagePack.
 *
 *     step  ── PUB ──▶ SUB ── pipeline    events: may be lost, so nothing depends on one
 *     step  ─ PUSH ──▶ PULL ─ pipeline    results: each ends a job
 *     step  ─ PULL ◀── PUSH ─ pipeline    jobs: one PUSH for each worker
 *     client ─ REQ ──▶ REP ── pipeline    requests: submit, status, stats, stop
 *
 * Names are in snake_case, as in Python AgentZero, so that a step can be
 * written in either. Types only, and the list of steps.
 *
 * @module
 */

/** The steps in their order. What one gives back is what the next one is told. */
export const STEPS = ["read-file", "calculate-hash", "write-result"] as const;

/** The name of a step. */
export type JobType = typeof STEPS[number];

/** What the processes run on. */
export type Runtime = "deno" | "node" | "bun";

/** PUB `available`, at first often, then every second: a worker tells of itself. */
export interface Available {
  readonly id: string;
  readonly job_type: JobType;
  /** Where its PULL socket waits for jobs. */
  readonly address: string;
  readonly runtime: Runtime;
  readonly pid: number;
  /** How many jobs it takes at a time. */
  readonly credit: number;
  /** The ids of the jobs that it has: their leases are renewed. */
  readonly working_on: readonly string[];
}

/** PUB `job:started|success|failed:<job type>:<id>`. */
export interface JobEvent {
  readonly worker: string;
  readonly attempt: number;
}

/** PUB `metric:<job type>:duration`. */
export interface Metric {
  readonly value_ms: number;
}

/** To a worker. */
export type ToWorker =
  | { readonly type: "hello" }
  | { readonly type: "stop" }
  | JobMessage;

/** A job for a worker. */
export interface JobMessage {
  readonly type: "job";
  readonly id: string;
  /** Grows each time that the job is given out; a result of an older attempt does not count. */
  readonly attempt: number;
  readonly instructions: unknown;
}

/** From a worker: the end of a job. */
export type Result =
  & { readonly id: string; readonly attempt: number }
  & (
    | { readonly type: "success"; readonly result: unknown }
    | { readonly type: "failed"; readonly error: string }
  );

/** From a client. */
export type PipelineRequest =
  | { readonly type: "submit"; readonly instructions: unknown }
  | { readonly type: "status"; readonly id: string }
  | { readonly type: "stats" }
  | { readonly type: "stop" };

/** To a client. 429: too many jobs wait, ask again; 400 and 404: it is your mistake. */
export interface PipelineReply {
  readonly status: 200 | 400 | 404 | 429;
}

/** The answer to `submit`. */
export interface SubmitReply extends PipelineReply {
  /** Ask for its `status` later. */
  readonly id: string;
}

/** The answer to `status`. */
export interface StatusReply extends PipelineReply {
  readonly id: string;
  readonly job_type: JobType;
  readonly state: JobState;
  /** Why the last attempt failed; empty if none did. */
  readonly error: string;
}

/** Where a job is. */
export type JobState =
  | "waiting"
  | "dispatched"
  | "active"
  | "retrying"
  | "completed"
  | "dead";

/** The answer to `stats`. */
export interface StatsReply extends PipelineReply {
  readonly completed: number;
  /** The ids of the jobs that were given up. */
  readonly dead: readonly string[];
  readonly steps: readonly StepStats[];
  readonly workers: readonly Available[];
}

/** How one step does. */
export interface StepStats {
  readonly job_type: JobType;
  /** Jobs done. */
  readonly jobs: number;
  /** The same, by what the worker runs on. */
  readonly jobs_by_runtime: Readonly<Partial<Record<Runtime, number>>>;
  /** Attempts that failed. */
  readonly failures: number;
  /** Jobs taken back from workers that were lost. */
  readonly taken_back: number;
  /** The median time of a job, from the metrics; null without one. */
  readonly p50_ms: number | null;
}

/** Where the pipeline listens: the first line that its process prints, as JSON. */
export interface PipelineAddresses {
  readonly events: string;
  readonly results: string;
  readonly requests: string;
}
