/**
 * Layer: pipeline/server. Records as clients see them: in snake_case, payloads
 * as values, and without members that only the pipeline needs. Records travel
 * only in this direction.
 *
 * @module
 */
import type { Stats } from "../coordinator/overviews.ts";
import type { ScheduleStatus } from "../coordinator/schedule_entry.ts";
import type { Worker } from "../coordinator/worker_table.ts";
import { type Field, JOB_FIELDS } from "../model/record_fields.ts";
import type { FlowRecord, JobEvent, JobRecord } from "../model/records.ts";
import {
  EVENT,
  FAILURE,
  JOB,
  RETRY,
  SCHEDULE,
  STATS,
  toWire,
} from "../protocol/names.ts";

/** Plain data. */
export type View = Record<string, unknown>;

const JOB_PAYLOADS = payloadsOf(JOB_FIELDS);

/** A flow. Written out, since every job has one; a test compares it with `FLOW`. */
export function flowView(flow: FlowRecord): View {
  const { error } = flow;
  return {
    id: flow.id,
    name: flow.name,
    state: flow.state,
    key: flow.key,
    priority: flow.priority,
    result: valueOf(flow.result),
    error: error && toWire(error, FAILURE),
    created_at: flow.createdAt,
    finished_at: flow.finishedAt,
    expires_at: flow.expiresAt,
  };
}

/** A job. */
export function jobView(job: JobRecord): View {
  return toWire(withValues(job, JOB_PAYLOADS), JOB);
}

/** A job with all there is to know of it. */
export function wholeJobView(job: JobRecord): View {
  const { retry, timeoutMs } = job;
  return {
    ...jobView(job),
    retry: toWire(retry, RETRY),
    timeout_ms: timeoutMs,
  };
}

/** A job without its payload and result, for lists. */
export function jobHeadView(job: JobRecord): View {
  const head: Record<string, unknown> = { ...job };
  for (const name of JOB_PAYLOADS) delete head[name];
  return { ...toWire(head, JOB), attempts: job.retry.attempts };
}

/** A line of a timeline. */
export function eventView(event: JobEvent): View {
  return toWire({ id: event.jobId, ...event }, EVENT);
}

/** A worker. Written out, since lists of them are long; a test compares it with `WORKER`. */
export function workerView(worker: Worker): View {
  const { info, jobs, joinedAt, heardAt, isLinked, isSuspect } = worker;
  return {
    id: info.id,
    address: info.address ?? "", // older clients expect text
    job_type: info.jobType,
    step_name: info.stepName,
    host: info.host,
    pid: info.pid,
    runtime: info.runtime,
    concurrency: info.concurrency,
    credit: info.credit,
    draining: info.draining,
    jobs: [...jobs.keys()],
    joined_at: joinedAt,
    heard_at: heardAt,
    linked: isLinked,
    suspect: isSuspect,
  };
}

/** A schedule. */
export function scheduleView(schedule: ScheduleStatus): View {
  const { payload, missed = "once", priority = 0 } = schedule;
  return toWire({
    ...schedule,
    missed,
    priority,
    payload: valueOf(payload),
    declared: schedule.isDeclared,
    paused: schedule.isPaused ?? false,
  }, SCHEDULE);
}

/** A pipeline at a glance. */
export function statsView(stats: Stats): View {
  const { counts, queues, workers, errors, members } = stats;
  return {
    ...toWire({ counts, errors, members }, STATS),
    job_types: queues.map(({ jobType, waiting, running, isPaused }) => ({
      job_type: jobType,
      waiting,
      running,
      paused: isPaused,
    })),
    workers: workers.map(workerView),
  };
}

/** The names of the members that hold JSON text. */
function payloadsOf(fields: readonly Field[]): string[] {
  return fields.filter(({ holds }) => holds === "payload")
    .map(({ name }) => name);
}

/** The record with its payloads as values. */
function withValues(
  record: JobRecord,
  payloads: readonly string[],
): object {
  const view: Record<string, unknown> = { ...record };
  for (const name of payloads) {
    view[name] = valueOf(view[name] as string | undefined);
  }
  return view;
}

function valueOf(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json);
}
