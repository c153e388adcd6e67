/**
 * Layer: pipeline/http. The Prometheus metrics of a pipeline. Counters begin at
 * zero when the program starts; gauges are read from the pipeline on request.
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

/** The sources of the metrics. */
export interface Measured {
  /** The name of the pipeline. */
  readonly name: string;
  /** Its current statistics; absent while it is not listening. */
  readonly stats: Stats | undefined;
  /** Whether it accepts submissions. */
  readonly isHealthy: boolean;
  /** The activity since the start. */
  readonly activity: Activity;
  /** The lag of the event loop. */
  readonly lag: Histogram;
  /** The clients of `/events`, and how many events they missed. */
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
    "Whether the pipeline accepts submissions: 1 or 0.",
    [[{}, Number(isHealthy)]],
  );
  if (stats !== undefined) addStats(page, stats);
  addActivity(page, activity);
  page.addHistogram(
    "agentzero_event_loop_lag_seconds",
    "Lag of the event loop of the pipeline's process.",
    [[{}, lag]],
  );
  page.add(
    "agentzero_event_stream_clients",
    "gauge",
    "Clients of /events.",
    [[{}, clients.size]],
  );
  page.add(
    "agentzero_event_stream_missed_total",
    "counter",
    "Events that slow clients of /events missed.",
    [[{}, clients.missed]],
  );
  return page.toString();
}

function addStats(page: Exposition, stats: Stats): void {
  const { counts, queues, workers, errors } = stats;
  page.add(
    "agentzero_jobs",
    "gauge",
    "Jobs in each state; finished ones until they are deleted.",
    counts.map(({ jobType, state, count }) => [
      { job_type: jobType, state },
      count,
    ]),
  );
  const byType = (value: (queue: typeof queues[number]) => number) =>
    queues.map((queue): [Labels, number] => [
      { job_type: queue.jobType },
      value(queue),
    ]);
  page.add(
    "agentzero_queue_depth",
    "gauge",
    "Jobs that wait for a worker.",
    byType(({ waiting }) => waiting),
  );
  page.add(
    "agentzero_running",
    "gauge",
    "Jobs that are assigned to workers.",
    byType(({ running }) => running),
  );
  page.add(
    "agentzero_paused",
    "gauge",
    "Whether the step is paused: 1 or 0.",
    byType(({ isPaused }) => Number(isPaused)),
  );
  page.add(
    "agentzero_errors_total",
    "counter",
    "Errors of each kind from which the pipeline recovered.",
    FAULT_KINDS.map((kind) => [{ kind }, errors[kind] ?? 0]),
  );
  addWorkers(page, workers, new Set(queues.map(({ jobType }) => jobType)));
}

/** @param known The known job types; workers of all others share one label. */
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
    "Workers: ready, draining, suspect (silent for too long), or unlinked (not connected).",
    states.values(),
  );
  page.add(
    "agentzero_worker_concurrency",
    "gauge",
    "Jobs that ready workers can run at a time.",
    [...sums].map(([job_type, sum]) => [{ job_type }, sum.concurrency]),
  );
  page.add(
    "agentzero_worker_credit",
    "gauge",
    "Further jobs that ready workers would accept now.",
    [...sums].map(([job_type, sum]) => [{ job_type }, sum.credit]),
  );
}

function addActivity(page: Exposition, { types }: Activity): void {
  const all = [...types];
  page.add(
    "agentzero_job_events_total",
    "counter",
    "Events of jobs: states that they entered, and others.",
    all.flatMap(([job_type, { events }]) =>
      [...events].map(([event, count]): [Labels, number] => [
        { job_type, event },
        count,
      ])
    ),
  );
  page.addHistogram(
    "agentzero_job_wait_seconds",
    "Time that jobs waited for a worker, without delays.",
    all.map(([job_type, { waits }]) => [{ job_type }, waits]),
  );
  page.addHistogram(
    "agentzero_job_duration_seconds",
    "Duration of attempts, from the dispatch to the outcome.",
    all.flatMap(([job_type, { durations }]) =>
      Object.entries(durations).map(([outcome, histogram]): [
        Labels,
        Histogram,
      ] => [{ job_type, outcome }, histogram])
    ),
  );
}

/** The state of a worker. */
export function workerState(
  { info, isLinked, isSuspect }: Worker,
): "ready" | "draining" | "suspect" | "unlinked" {
  if (!isLinked) return "unlinked";
  if (isSuspect) return "suspect";
  return info.draining ? "draining" : "ready";
}
