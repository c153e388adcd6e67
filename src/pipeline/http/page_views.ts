/**
 * Layer: pipeline/http. What the page gets, from answers as on the wire: lists are
 * bounded, and their rows have no payloads.
 *
 * @module
 */
import type { Graph } from "../model/graph.ts";
import type { View } from "../server/views.ts";
import type { Activity } from "./activity.ts";

/** An item of a list, as on the wire. */
export type Row = Readonly<Record<string, unknown>>;

/** The most workers and schedules that the page shows. */
const MAX_SHOWN = 500;
/** The longest error message in a list, in characters. */
const MAX_ERROR = 300;

/** A job in a list: with the beginning of its error. */
export function jobRow(job: Row): View {
  if (job.error === undefined) return { ...job };
  const { name, message } = job.error as Record<string, string>;
  return { ...job, error: { name, message: message!.slice(0, MAX_ERROR) } };
}

/** The steps, in the order of the flows, with their figures. */
export function stepViews(stats: View, { types }: Activity): View[] {
  const countsOf = groupByType(stats.counts as Row[]);
  const workersOf = groupByType(stats.workers as Row[]);
  return (stats.job_types as Row[]).map((queue) => {
    const jobType = queue.job_type as string;
    const own = workersOf.get(jobType) ?? [];
    const ready = own.filter((worker) => workerState(worker) === "ready");
    const activity = types.get(jobType);
    const durations = activity?.durations.completed;
    return {
      ...queue,
      counts: Object.fromEntries(
        (countsOf.get(jobType) ?? []).map(({ state, count }) => [state, count]),
      ),
      workers: own.length,
      concurrency: ready.reduce((sum, one) => sum + Number(one.concurrency), 0),
      rate: activity?.rate ?? 0,
      median_ms: milliseconds(durations?.recent(0.5)),
      p95_ms: milliseconds(durations?.recent(0.95)),
    };
  });
}

function groupByType(all: readonly Row[]): Map<unknown, Row[]> {
  const groups = new Map<unknown, Row[]>();
  for (const one of all) {
    const group = groups.get(one.job_type);
    if (group === undefined) groups.set(one.job_type, [one]);
    else group.push(one);
  }
  return groups;
}

/** The workers, by step and name. */
export function workerViews(workers: readonly Row[]): View[] {
  const keyed = workers.map((worker) => {
    const { job_type, step_name, host, id } = worker;
    return { worker, key: `${job_type}\0${step_name}\0${host}\0${id}` };
  });
  return keyed
    .sort((a, b) => a.key < b.key ? -1 : 1)
    .slice(0, MAX_SHOWN)
    .map(({ worker: { jobs, ...worker } }) => ({
      ...worker,
      state: workerState(worker),
      running: (jobs as string[]).length,
    }));
}

/** The state of a worker. */
export function workerState(
  { linked, suspect, draining }: Row,
): "ready" | "draining" | "suspect" | "unlinked" {
  if (linked !== true) return "unlinked";
  if (suspect === true) return "suspect";
  return draining === true ? "draining" : "ready";
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
export function scheduleViews(schedules: readonly Row[]): View[] {
  return schedules.slice(0, MAX_SHOWN)
    .map(({ payload: _, ...schedule }) => schedule);
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
