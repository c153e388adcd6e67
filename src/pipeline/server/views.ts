/**
 * Layer: pipeline/server. Records as others see them: snake_case, payloads as
 * values. The inverse of nothing; nobody sends a record back.
 *
 * @module
 */
import type { Stats } from "../coordinator/operations.ts";
import type { ScheduleStatus } from "../coordinator/schedules.ts";
import type { Worker } from "../coordinator/worker_table.ts";
import type { FlowRecord, JobEvent, JobRecord } from "../model/records.ts";

/** Plain data. */
export type View = Record<string, unknown>;

/** A flow. */
export function flowView(flow: FlowRecord): View {
  return {
    id: flow.id,
    name: flow.name,
    state: flow.state,
    key: flow.key,
    priority: flow.priority,
    result: valueOf(flow.result),
    error: flow.error,
    created_at: flow.createdAt,
    finished_at: flow.finishedAt,
    expires_at: flow.expiresAt,
  };
}

/** A job. */
export function jobView(job: JobRecord): View {
  return {
    id: job.id,
    flow_id: job.flowId,
    job_type: job.jobType,
    state: job.state,
    instructions: valueOf(job.instructions),
    priority: job.priority,
    attempt: job.attempt,
    failures: job.failures,
    kills: job.kills,
    run_at: job.runAt,
    worker: job.worker,
    progress: job.progress,
    result: valueOf(job.result),
    error: job.error,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
  };
}

/** A line of a timeline. */
export function eventView(event: JobEvent): View {
  const { jobId: id, at, type, attempt, worker, detail } = event;
  return { id, at, type, attempt, worker, detail };
}

/** A worker. */
export function workerView(worker: Worker): View {
  const { info } = worker;
  return {
    id: info.id,
    job_type: info.job_type,
    step_name: info.step_name,
    address: info.address,
    host: info.host,
    pid: info.pid,
    runtime: info.runtime,
    concurrency: info.concurrency,
    credit: info.credit,
    draining: info.draining,
    jobs: [...worker.jobs.keys()],
    heard_at: worker.heardAt,
    linked: worker.isLinked,
    suspect: worker.isSuspect,
  };
}

/** A schedule. */
export function scheduleView(schedule: ScheduleStatus): View {
  return {
    id: schedule.id,
    flow: schedule.flow,
    cron: schedule.cron,
    timezone: schedule.timezone,
    instructions: valueOf(schedule.instructions),
    missed: schedule.missed ?? "once",
    priority: schedule.priority ?? 0,
    declared: schedule.isDeclared,
    next_at: schedule.nextAt,
    last_at: schedule.lastAt,
    last_id: schedule.lastId,
  };
}

/** A pipeline at a glance. */
export function statsView({ counts, lanes, workers }: Stats): View {
  return {
    counts: counts.map(({ jobType, state, count }) => ({
      job_type: jobType,
      state,
      count,
    })),
    job_types: lanes.map(({ jobType, waiting, running, isPaused }) => ({
      job_type: jobType,
      waiting,
      running,
      paused: isPaused,
    })),
    workers: workers.map(workerView),
  };
}

function valueOf(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json);
}
