/**
 * Layer: pipeline/scheduler. Creates the records of a submitted flow, and of a job
 * that can start.
 *
 * @module
 */
import type { Graph } from "../model/graph.ts";
import { jobIdOf } from "../model/job_states.ts";
import type {
  FlowFailure,
  FlowRecord,
  JobRecord,
  RetryPolicy,
} from "../model/records.ts";
import type { JobSpec } from "./flow_progress.ts";
import type { StepPolicy } from "../model/step_policy.ts";

/** A submission. */
export interface Submission {
  /** Letters, digits, `-` and `_`. */
  readonly id: string;
  /** The name of the flow. */
  readonly name: string;
  /** Its steps. */
  readonly graph: Graph;
  /** JSON text. */
  readonly payload: string;
  /** While a flow of this name and key runs, no other is started. */
  readonly key?: string;
  /** How long to wait before the first job, in milliseconds. */
  readonly delayMs?: number;
  /** The higher, the sooner. */
  readonly priority?: number;
  /** Overrides the policy of the steps. */
  readonly retry?: RetryPolicy;
  /** Overrides the timeout of the steps, in milliseconds. */
  readonly timeoutMs?: number;
  /** W3C Trace Context. */
  readonly traceparent?: string;
}

/** The record of a flow. */
export function newFlow(s: Submission, now: number): FlowRecord {
  return {
    id: s.id,
    name: s.name,
    graph: s.graph,
    state: "running",
    key: s.key,
    priority: s.priority ?? 0,
    retry: s.retry,
    timeoutMs: s.timeoutMs,
    traceparent: s.traceparent,
    createdAt: now,
  };
}

/** The record of a job. */
export function newJob(
  flow: FlowRecord,
  { node, item, payload }: JobSpec,
  policy: StepPolicy,
  now: number,
): JobRecord {
  return {
    id: jobIdOf(flow.id, node, item),
    flowId: flow.id,
    node,
    item,
    jobType: flow.graph[node]!.jobType,
    state: "waiting",
    payload,
    priority: flow.priority,
    attempt: 0,
    failures: 0,
    kills: 0,
    retry: flow.retry ?? policy.retry,
    timeoutMs: flow.timeoutMs ?? policy.timeoutMs,
    createdAt: now,
  };
}

/** Why a flow failed, of the job that did. */
export function flowFailureOf(
  { id: jobId, jobType, attempt: attempts, error }: JobRecord,
): FlowFailure | undefined {
  return error && { ...error, jobId, jobType, attempts };
}
