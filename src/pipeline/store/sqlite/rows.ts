/**
 * Layer: pipeline/store/sqlite. Records as rows, and rows as records.
 *
 * @module
 */
import { jobIdOf } from "../../model/job_states.ts";
import type { FlowRecord, JobEvent, JobRecord } from "../../model/records.ts";

/** What a column can hold. */
export type Value = string | number | null;

/** A row of `flows`. */
export type FlowRow = {
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  readonly graph: string;
  readonly state: FlowRecord["state"];
  readonly key: string | null;
  readonly priority: number;
  readonly retry: string | null;
  readonly timeout_ms: number | null;
  readonly traceparent: string | null;
  readonly created_at: number;
  readonly finished_at: number | null;
  readonly expires_at: number | null;
  readonly error: string | null;
  readonly result: string | null;
};

/** A row of `jobs`, with the id of its flow and its payload. */
export type JobRow = {
  readonly flow_id: string;
  readonly payload: string;
  readonly node: number;
  readonly item: number;
  readonly job_type: string;
  readonly state: JobRecord["state"];
  readonly priority: number;
  readonly attempt: number;
  readonly failures: number;
  readonly kills: number;
  readonly together: number | null;
  readonly retry: string;
  readonly timeout_ms: number | null;
  readonly run_at: number | null;
  readonly worker: string | null;
  readonly progress: number | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly traceparent: string | null;
  readonly error: string | null;
  readonly result: string | null;
};

/** A row of `events`. */
export type EventRow = {
  readonly at: number;
  readonly type: JobEvent["type"];
  readonly attempt: number;
  readonly worker: string | null;
  readonly detail: string | null;
};

/** In the column `item`, for a node that does not run for each item. */
export const NO_ITEM = -1;

/** What of a flow never changes. */
export const FLOW_CONSTANTS =
  "id, name, graph, key, priority, retry, timeout_ms, traceparent, created_at";

/** The values of {@link FLOW_CONSTANTS}. */
export function flowConstants(flow: FlowRecord): Value[] {
  return [
    flow.id,
    toText(flow.name),
    JSON.stringify(flow.graph),
    orNull(flow.key, toText),
    flow.priority,
    orNull(flow.retry, JSON.stringify),
    flow.timeoutMs ?? null,
    orNull(flow.traceparent, toText),
    flow.createdAt,
  ];
}

/** What of a flow may change. */
export const FLOW_CHANGES = "state, finished_at, expires_at, error, result";

/** The values of {@link FLOW_CHANGES}. */
export function flowChanges(flow: FlowRecord): Value[] {
  return [
    flow.state,
    flow.finishedAt ?? null,
    flow.expiresAt ?? null,
    orNull(flow.error, JSON.stringify),
    flow.result ?? null,
  ];
}

/** The flow that a row says. */
export function toFlow(row: FlowRow): FlowRecord {
  return {
    id: row.id,
    name: ofText(row.name),
    graph: JSON.parse(row.graph),
    state: row.state,
    key: orAbsent(row.key, ofText),
    priority: row.priority,
    retry: orAbsent(row.retry, JSON.parse),
    timeoutMs: row.timeout_ms ?? undefined,
    traceparent: orAbsent(row.traceparent, ofText),
    createdAt: row.created_at,
    finishedAt: row.finished_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    error: orAbsent(row.error, JSON.parse),
    result: row.result ?? undefined,
  };
}

/** What of a job never changes, besides its flow and its payload. */
export const JOB_CONSTANTS =
  "node, item, job_type, priority, retry, timeout_ms, created_at";

/** The values of {@link JOB_CONSTANTS}. */
export function jobConstants(job: JobRecord): Value[] {
  return [
    job.node,
    job.item ?? NO_ITEM,
    toText(job.jobType),
    job.priority,
    JSON.stringify(job.retry),
    job.timeoutMs ?? null,
    job.createdAt,
  ];
}

/** What of a job may change. */
export const JOB_CHANGES =
  "state, attempt, failures, kills, together, run_at, " +
  "worker, progress, started_at, finished_at, traceparent, error, result";

/** The values of {@link JOB_CHANGES}. */
export function jobChanges(job: JobRecord): Value[] {
  return [
    job.state,
    job.attempt,
    job.failures,
    job.kills,
    job.together ?? null,
    job.runAt ?? null,
    orNull(job.worker, toText),
    job.progress ?? null,
    job.startedAt ?? null,
    job.finishedAt ?? null,
    orNull(job.traceparent, toText),
    orNull(job.error, JSON.stringify),
    job.result ?? null,
  ];
}

/** The job that a row says. */
export function toJob(row: JobRow): JobRecord {
  const item = row.item === NO_ITEM ? undefined : row.item;
  return {
    id: jobIdOf(row.flow_id, row.node, item),
    flowId: row.flow_id,
    node: row.node,
    item,
    jobType: ofText(row.job_type),
    state: row.state,
    payload: row.payload,
    priority: row.priority,
    attempt: row.attempt,
    failures: row.failures,
    kills: row.kills,
    together: row.together ?? undefined,
    retry: JSON.parse(row.retry),
    timeoutMs: row.timeout_ms ?? undefined,
    runAt: row.run_at ?? undefined,
    worker: orAbsent(row.worker, ofText),
    progress: row.progress ?? undefined,
    result: row.result ?? undefined,
    error: orAbsent(row.error, JSON.parse),
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    traceparent: orAbsent(row.traceparent, ofText),
  };
}

/** What an event says, besides its job. */
export const EVENT_VALUES = "at, type, attempt, worker, detail";

/** The values of {@link EVENT_VALUES}. */
export function eventValues(event: JobEvent): Value[] {
  return [
    event.at,
    event.type,
    event.attempt,
    orNull(event.worker, toText),
    orNull(event.detail, toText),
  ];
}

/** The event that a row says. */
export function toEvent(jobId: string, row: EventRow): JobEvent {
  return {
    jobId,
    at: row.at,
    type: row.type,
    attempt: row.attempt,
    worker: orAbsent(row.worker, ofText),
    detail: orAbsent(row.detail, ofText),
  };
}

/**
 * Any string as text that SQLite gives back as it was. It keeps UTF-8, and some
 * runtimes read only up to the first NUL: a string with a NUL or half a
 * character in it, which is rare, is written as JSON. JSON text itself has
 * neither, and needs no such care.
 */
export function toText(text: string): string {
  const isPlain = !text.startsWith('"') && !text.includes("\0") &&
    !/\p{Surrogate}/u.test(text);
  return isPlain ? text : JSON.stringify(text);
}

/** The string that {@link toText} was given. */
export function ofText(text: string): string {
  return text.startsWith('"') ? JSON.parse(text) : text;
}

function orNull<T>(
  value: T | undefined,
  write: (value: T) => string,
): string | null {
  return value === undefined ? null : write(value);
}

function orAbsent<T>(
  value: string | null,
  read: (text: string) => T,
): T | undefined {
  return value === null ? undefined : read(value);
}
