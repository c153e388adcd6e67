/**
 * Layer: pipeline/http. The Prometheus metrics of a pipeline. Counters begin at
 * zero when the program starts; gauges are read from the pipeline on request.
 *
 * @module
 */
import { FAULT_KINDS } from "../model/faults.ts";
import type { View } from "../server/views.ts";
import { machine } from "../worker/machine.ts";
import type { Activity } from "./activity.ts";
import { Exposition, type Labels } from "./exposition.ts";
import type { Histogram } from "./histogram.ts";
import { type Row, workerState } from "./page_views.ts";
import { VERSION } from "./page/assets.ts";

/** The sources of the metrics. */
export interface Measured {
  /** The name of the pipeline. */
  readonly name: string;
  /** Its current statistics, as on the wire; absent while it is not listening. */
  readonly stats: View | undefined;
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

function addStats(page: Exposition, stats: View): void {
  const queues = stats.job_types as Row[];
  const errors = stats.errors as Readonly<Record<string, number>>;
  page.add(
    "agentzero_jobs",
    "gauge",
    "Jobs in each state; finished ones until they are deleted.",
    (stats.counts as Row[]).map(({ job_type, state, count }) => [
      { job_type: String(job_type), state: String(state) },
      Number(count),
    ]),
  );
  const byType = (value: (queue: Row) => unknown) =>
    queues.map((queue): [Labels, number] => [
      { job_type: String(queue.job_type) },
      Number(value(queue)),
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
    byType(({ paused }) => paused),
  );
  page.add(
    "agentzero_errors_total",
    "counter",
    "Errors of each kind from which the pipeline recovered.",
    FAULT_KINDS.map((kind) => [{ kind }, errors[kind] ?? 0]),
  );
  const known = new Set(queues.map(({ job_type }) => job_type));
  addWorkers(page, stats.workers as Row[], known);
}

/** @param known The known job types; workers of all others share one label. */
function addWorkers(
  page: Exposition,
  workers: readonly Row[],
  known: ReadonlySet<unknown>,
): void {
  const states = new Map<string, [Labels, number]>();
  const sums = new Map<string, { concurrency: number; credit: number }>();
  for (const worker of workers) {
    const { concurrency, credit, jobs } = worker;
    const isKnown = known.has(worker.job_type);
    const job_type = isKnown ? String(worker.job_type) : "(unknown)";
    const state = workerState(worker);
    const key = `${job_type}\0${state}`;
    const entry = states.get(key) ?? [{ job_type, state }, 0];
    entry[1] += 1;
    states.set(key, entry);
    const sum = sums.get(job_type) ?? { concurrency: 0, credit: 0 };
    if (state === "ready") {
      sum.concurrency += Number(concurrency);
      sum.credit += Math.max(0, Number(credit) - (jobs as string[]).length);
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
