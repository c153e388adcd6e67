/**
 * Layer: pipeline/server. Records as others see them: snake_case, payloads as
 * values. The inverse of nothing; nobody sends a record back.
 *
 * @module
 */
import type { Stats } from "../coordinator/overviews.ts";
import type { ScheduleStatus } from "../coordinator/schedules.ts";
import type { Worker } from "../coordinator/worker_table.ts";
import type { FlowRecord, JobEvent, JobRecord } from "../model/records.ts";
import {
  EVENT,
  FLOW,
  JOB,
  SCHEDULE,
  STATS,
  toWire,
  WORKER,
} from "../protocol/names.ts";

/** Plain data. */
export type View = Record<string, unknown>;

/** A flow. */
export function flowView(flow: FlowRecord): View {
  return toWire({ ...flow, result: valueOf(flow.result) }, FLOW);
}

/** A job. */
export function jobView(job: JobRecord): View {
  const { payload, result } = job;
  return toWire(
    { ...job, payload: valueOf(payload), result: valueOf(result) },
    JOB,
  );
}

/** A line of a timeline. */
export function eventView(event: JobEvent): View {
  return toWire({ id: event.jobId, ...event }, EVENT);
}

/** A worker. */
export function workerView(worker: Worker): View {
  return toWire(workerInfo(worker), WORKER);
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
  }, SCHEDULE);
}

/** A pipeline at a glance. */
export function statsView({ counts, lanes, workers, errors }: Stats): View {
  return toWire({
    counts,
    jobTypes: lanes.map(({ isPaused, ...lane }) => ({
      ...lane,
      paused: isPaused,
    })),
    workers: workers.map(workerInfo),
    errors,
  }, STATS);
}

function workerInfo({ info, jobs, heardAt, isLinked, isSuspect }: Worker) {
  return {
    ...info,
    jobs: [...jobs.keys()],
    heardAt,
    linked: isLinked,
    suspect: isSuspect,
  };
}

function valueOf(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json);
}
