/**
 * Layer: pipeline/http. The views for the page: as those of `server/views.ts`, but
 * lists are bounded, and their rows have no payloads.
 *
 * @module
 */
import type { Stats } from "../coordinator/overviews.ts";
import type { Worker } from "../coordinator/worker_table.ts";
import type { Graph } from "../model/graph.ts";
import type { JobRecord } from "../model/records.ts";
import {
  jobHeadView,
  scheduleView,
  type View,
  workerView,
} from "../server/views.ts";
import type { ScheduleStatus } from "../coordinator/schedule_entry.ts";
import type { Activity } from "./activity.ts";
import { workerState } from "./metrics.ts";

/** The most workers and schedules that the page shows. */
const MAX_SHOWN = 500;
/** The longest error message in a list, in characters. */
const MAX_ERROR = 300;

/** A job in a list: without its payloads, and with the beginning of its error. */
export function jobRow(job: JobRecord): View {
  const { error, retry } = job;
  return {
    ...jobHeadView(job),
    attempts: retry.attempts,
    error: error && {
      name: error.name,
      message: error.message.slice(0, MAX_ERROR),
    },
  };
}

/** The steps, in the order of the flows, with their figures. */
export function stepViews(
  { counts, queues, workers }: Stats,
  { types }: Activity,
): View[] {
  const countsOf = groupByType(counts, ({ jobType }) => jobType);
  const workersOf = groupByType(workers, ({ info }) => info.jobType);
  return queues.map(({ jobType, waiting, running, isPaused }) => {
    const own = workersOf.get(jobType) ?? [];
    const ready = own.filter((worker) => workerState(worker) === "ready");
    const activity = types.get(jobType);
    const durations = activity?.durations.completed;
    return {
      job_type: jobType,
      waiting,
      running,
      paused: isPaused,
      counts: Object.fromEntries(
        (countsOf.get(jobType) ?? []).map(({ state, count }) => [state, count]),
      ),
      workers: own.length,
      concurrency: ready.reduce((sum, { info }) => sum + info.concurrency, 0),
      rate: activity?.rate ?? 0,
      median_ms: milliseconds(durations?.recent(0.5)),
      p95_ms: milliseconds(durations?.recent(0.95)),
    };
  });
}

function groupByType<T>(
  all: readonly T[],
  typeOf: (one: T) => string,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const type = typeOf(one);
    const group = groups.get(type);
    if (group === undefined) groups.set(type, [one]);
    else group.push(one);
  }
  return groups;
}

/** The workers, by step and name. */
export function workerViews(workers: readonly Worker[]): View[] {
  const keyed = workers.map((worker) => {
    const { jobType, stepName, host } = worker.info;
    return { worker, key: `${jobType}\0${stepName}\0${host}\0${worker.id}` };
  });
  return keyed
    .sort((a, b) => a.key < b.key ? -1 : 1)
    .slice(0, MAX_SHOWN)
    .map(({ worker }) => {
      const { jobs: _, ...view } = workerView(worker);
      return {
        ...view,
        state: workerState(worker),
        running: worker.jobs.size,
        joined_at: worker.joinedAt,
      };
    });
}

/** The flows of the pipeline. */
export function flowViews(
  flows: Iterable<{ readonly name: string; readonly graph: Graph }>,
): View[] {
  return [...flows].map(({ name, graph }) => ({
    name,
    steps: graph.map(({ jobType, after, each }) => ({
      job_type: jobType,
      after,
      each: each ?? false,
    })),
  }));
}

/** The schedules, the next one first. */
export function scheduleViews(schedules: readonly ScheduleStatus[]): View[] {
  return schedules.slice(0, MAX_SHOWN).map((schedule) => {
    const { payload: _, ...view } = scheduleView(schedule);
    return view;
  });
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
