/**
 * Layer: pipeline/model. What a store keeps: flows, their jobs, and what
 * happened to them. Plain data, ready for JSON; no behaviour.
 *
 * A *flow* is one submission. It has a graph of steps, and a *job* for each
 * step that has been reached (for `each`, one job for each item). Times are in
 * milliseconds since 1970. Payloads (`payload`, `result`) are JSON text:
 * the pipeline passes them on and never looks inside.
 *
 * @module
 */
import type { Graph } from "./graph.ts";

/**
 * Where a job is.
 *
 *     scheduled → waiting → dispatched → active → completed
 *                    ▲                      ├──▶ retrying → waiting
 *                    └── requeued ──────────┤
 *                                           ├──▶ dead (retried by hand → waiting)
 *                                           └──▶ cancelled
 */
export type JobState =
  | "scheduled"
  | "waiting"
  | "dispatched"
  | "active"
  | "retrying"
  | "completed"
  | "dead"
  | "cancelled";

/** All of them, in the order of a job's life. */
export const JOB_STATES: readonly JobState[] = [
  "scheduled",
  "waiting",
  "dispatched",
  "active",
  "retrying",
  "completed",
  "dead",
  "cancelled",
];

/** Where a flow is: `failed` as long as one of its jobs is dead. */
export type FlowState = "running" | "completed" | "failed" | "cancelled";

/** All of them. */
export const FLOW_STATES: readonly FlowState[] = [
  "running",
  "completed",
  "failed",
  "cancelled",
];

/** Why an attempt failed, as it travels from the step. */
export interface JobFailure {
  /** The class of the error, such as `TypeError`. */
  readonly name: string;
  /** What happened, for a person. */
  readonly message: string;
  /** Its code, if it had one, such as `"ENOENT"`. */
  readonly code?: string;
  /** The stack, if there is one. */
  readonly traceback?: string;
  /** Whether another attempt makes sense. */
  readonly retryable: boolean;
}

/** Why a flow failed: the failure of a job of it, and which one that was. */
export interface FlowFailure extends JobFailure {
  /** The job's id. Absent in what an older version has kept, like the next two. */
  readonly jobId?: string;
  /** The type of the step that failed. */
  readonly jobType?: string;
  /** How many attempts at the job there were. */
  readonly attempts?: number;
}

/** How often, and when, a failed job is tried again. */
export interface RetryPolicy {
  /** Attempts that may fail before the job is dead. */
  readonly attempts: number;
  /** The wait before the second attempt. */
  readonly delayMs: number;
  /** The longest wait. */
  readonly maxDelayMs: number;
  /** Whether the wait doubles with each attempt, or stays `delayMs`. Default `"exponential"`. */
  readonly backoff?: Backoff;
  /** Whether each wait is chosen by chance, from 0 to what it would be without ("full jitter"). Default: true for an exponential back-off, false for a fixed one. */
  readonly jitter?: boolean;
}

/** How the waits between attempts grow. */
export type Backoff = "exponential" | "fixed";

/** All of them. */
export const BACKOFFS: readonly Backoff[] = ["exponential", "fixed"];

/** One submission. */
export interface FlowRecord {
  /** Letters, digits, `-` and `_`. */
  readonly id: string;
  /** The name of the flow, under which it was submitted. */
  readonly name: string;
  /** The steps, as they were when it was submitted. */
  readonly graph: Graph;
  /** Where it is. */
  state: FlowState;
  /** For deduplication: at most one flow of a name with this key is running. */
  readonly key?: string;
  /** The higher, the sooner. */
  priority: number;
  /** For all its jobs, instead of what their steps say. */
  readonly retry?: RetryPolicy;
  /** For all its jobs, instead of what their steps say. */
  readonly timeoutMs?: number;
  /** What the last step gave; JSON text. */
  result?: string;
  /** The failure of the job that made it fail. */
  error?: FlowFailure;
  /** Carried through all its jobs (W3C Trace Context). */
  readonly traceparent?: string;
  /** When it was submitted. */
  readonly createdAt: number;
  /** When it stopped running. */
  finishedAt?: number;
  /** When the store may forget it, once it is finished. */
  expiresAt?: number;
}

/** One execution of one step. */
export interface JobRecord {
  /** The flow's id for the first job of a flow; for others `flow.node` or `flow.node.item`. */
  readonly id: string;
  /** The flow that it belongs to. */
  readonly flowId: string;
  /** Which node of the flow's graph this is. */
  readonly node: number;
  /** Which item, for a node that runs once for each. */
  readonly item?: number;
  /** The type of the step that does it. */
  readonly jobType: string;
  /** Where it is. */
  state: JobState;
  /** What its handler is given; JSON text. */
  readonly payload: string;
  /** @deprecated Use `payload`. Only `Operations` returns it; stores have no such member. */
  readonly instructions?: string;
  /** The higher, the sooner. */
  priority: number;
  /** Counts up with every dispatch; fences late results. */
  attempt: number;
  /** Attempts that failed; see {@link RetryPolicy.attempts}. */
  failures: number;
  /** Workers that died while it was the only job that they had. */
  kills: number;
  /** Of a suspect: how many jobs its next worker may have, itself included, after workers died that had this job. Absent if the job is no suspect. */
  isolationLimit?: number;
  /** How often, and when, it is tried again. */
  readonly retry: RetryPolicy;
  /** How long one attempt may take; absent for as long as it likes. */
  readonly timeoutMs?: number;
  /** Not before this time, for `scheduled` and `retrying`. */
  runAt?: number;
  /** The worker that has it, or had it last. */
  worker?: string;
  /** From 0 to 1, as its handler reported. */
  progress?: number;
  /** What its handler gave; JSON text. */
  result?: string;
  /** The attempt that completed it, if it was traced (W3C Trace Context). */
  traceparent?: string;
  /** Why its last attempt failed. */
  error?: JobFailure;
  /** When it could begin, but for a delay. */
  readonly createdAt: number;
  /** When a worker took its last attempt up. */
  startedAt?: number;
  /** When it came into a state that it does not leave by itself. */
  finishedAt?: number;
}

/** One line of a job's timeline. */
export interface JobEvent {
  /** The job that it happened to. */
  readonly jobId: string;
  /** When it happened. */
  readonly at: number;
  /** The state it came into, or what else happened: `released`, `requeued`, `progress`, `late` (a fenced result). */
  readonly type: JobState | "released" | "requeued" | "progress" | "late";
  /** The attempt in which it happened. */
  readonly attempt: number;
  /** The worker that had the job. */
  readonly worker?: string;
  /** For a person: the message of a failure, the reason of a requeue. */
  readonly detail?: string;
}
