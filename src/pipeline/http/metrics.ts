/**
 * Layer: pipeline/http. Which metrics a pipeline has, for Prometheus. What is
 * counted begins at zero when the program is started; what is a gauge is asked
 * of the pipeline at that moment.
 *
 * @module
 */
import type { Stats } from "../coordinator/overviews.ts";
import type { Worker } from "../coordinator/worker_table.ts";
import { FAULT_KINDS } from "../model/faults.ts";
import { machine } from "../worker/machine.ts";
import type { Activity } from "./activity.ts";
import { Exposition, type Labels } from "./exposition.ts";
import type { Histogram } from "./histogram.ts";
import { VERSION } from "./page/assets.ts";

/** What is measured. */
export interface Measured {
  /** The name of the pipeline. */
  readonly name: string;
  /** How it is now; absent while it cannot be asked. */
  readonly stats: Stats | undefined;
  /** Whether it takes submissions. */
  readonly isHealthy: boolean;
  /** What happened since the start. */
  readonly activity: Activity;
  /** How late the event loop was. */
  readonly lag: Histogram;
  /** Who listens to `/events`, and how much they missed. */
  readonly clients: { readonly size: number; readonly missed: number };
}

/** The page of metrics. */
export function metricsPage(measured: Measured): string {
  const { name, stats, isHealthy, activity, lag, clients } = measured;
  const page = new Exposition({ pipeline: name });
  page.add(
    "agentzero_build_info",
    "gauge",
    "The version of agentzero and what it runs on; always 1.",
    [[{ version: VERSION, runtime: machine().runtime }, 1]],
  );
  page.add(
    "process_start_time_seconds",
    "gauge",
    "When the process was started, in seconds since 1970.",
    [[{}, performance.timeOrigin / 1000]],
  );
  page.add(
    "agentzero_healthy",
    "gauge",
    "Whether the pipeline takes submissions: 1, or 0.",
    [[{}, Number(isHealthy)]],
  );
  if (stats !== undefined) addStats(page, stats);
  addActivity(page, activity);
  page.addHistogram(
    "agentzero_event_loop_lag_seconds",
    "How late the event loop of the pipeline's process was.",
    [[{}, lag]],
  );
  page.add(
    "agentzero_event_stream_clients",
    "gauge",
    "How many clients listen to /events.",
    [[{}, clients.size]],
  );
  page.add(
    "agentzero_event_stream_missed_total",
    "counter",
    "How many events clients of /events missed since they were slow.",
    [[{}, clients.missed]],
  );
  return page.toString();
}

function addStats(page: Exposition, stats: Stats): void {
  const { counts, lanes, workers, errors } = stats;
  page.add(
    "agentzero_jobs",
    "gauge",
    "How many jobs are in a state, finished ones as long as they are kept.",
    counts.map(({ jobType, state, count }) => [
      { job_type: jobType, state },
      count,
    ]),
  );
  const byType = (value: (lane: Stats["lanes"][number]) => number) =>
    lanes.map((lane): [Labels, number] => [
      { job_type: lane.jobType },
      value(lane),
    ]);
  page.add(
    "agentzero_queue_depth",
    "gauge",
    "How many jobs wait for a worker.",
    byType(({ waiting }) => waiting),
  );
  page.add(
    "agentzero_running",
    "gauge",
    "How many jobs workers have.",
    byType(({ running }) => running),
  );
  page.add(
    "agentzero_paused",
    "gauge",
    "Whether no job may begin: 1, or 0.",
    byType(({ isPaused }) => Number(isPaused)),
  );
  page.add(
    "agentzero_errors_total",
    "counter",
    "How many errors of a kind the pipeline went on after.",
    FAULT_KINDS.map((kind) => [{ kind }, errors[kind] ?? 0]),
  );
  addWorkers(page, workers, new Set(lanes.map(({ jobType }) => jobType)));
}

/** @param known The types of jobs that there are; what strangers name besides has one label. */
function addWorkers(
  page: Exposition,
  workers: readonly Worker[],
  known: ReadonlySet<string>,
): void {
  const states = new Map<string, [Labels, number]>();
  const sums = new Map<string, { concurrency: number; credit: number }>();
  for (const worker of workers) {
    const { jobType, concurrency, credit } = worker.info;
    const job_type = known.has(jobType) ? jobType : "(unknown)";
    const state = workerState(worker);
    const key = `${job_type}\0${state}`;
    const entry = states.get(key) ?? [{ job_type, state }, 0];
    entry[1] += 1;
    states.set(key, entry);
    const sum = sums.get(job_type) ?? { concurrency: 0, credit: 0 };
    if (state === "ready") {
      sum.concurrency += concurrency;
      sum.credit += Math.max(0, credit - worker.jobs.size);
    }
    sums.set(job_type, sum);
  }
  page.add(
    "agentzero_workers",
    "gauge",
    "How many workers there are: ready, draining, suspect (silent for long), or unlinked (they cannot be reached).",
    states.values(),
  );
  page.add(
    "agentzero_worker_concurrency",
    "gauge",
    "How many jobs the workers that are ready can work on at a time.",
    [...sums].map(([job_type, sum]) => [{ job_type }, sum.concurrency]),
  );
  page.add(
    "agentzero_worker_credit",
    "gauge",
    "How many more jobs the workers that are ready would take now.",
    [...sums].map(([job_type, sum]) => [{ job_type }, sum.credit]),
  );
}

function addActivity(page: Exposition, { types }: Activity): void {
  const all = [...types];
  page.add(
    "agentzero_job_events_total",
    "counter",
    "How often jobs came into a state, or what else happened to them.",
    all.flatMap(([job_type, { events }]) =>
      [...events].map(([event, count]): [Labels, number] => [
        { job_type, event },
        count,
      ])
    ),
  );
  page.addHistogram(
    "agentzero_job_wait_seconds",
    "How long jobs waited for a worker; delays do not count.",
    all.map(([job_type, { waits }]) => [{ job_type }, waits]),
  );
  page.addHistogram(
    "agentzero_job_duration_seconds",
    "How long attempts took, from when a worker got the job until it told the outcome.",
    all.flatMap(([job_type, { durations }]) =>
      Object.entries(durations).map(([outcome, histogram]): [
        Labels,
        Histogram,
      ] => [{ job_type, outcome }, histogram])
    ),
  );
}

/** In one word. */
export function workerState(
  { info, isLinked, isSuspect }: Worker,
): "ready" | "draining" | "suspect" | "unlinked" {
  if (!isLinked) return "unlinked";
  if (isSuspect) return "suspect";
  return info.draining ? "draining" : "ready";
}
