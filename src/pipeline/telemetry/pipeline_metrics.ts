/**
 * Layer: pipeline/telemetry. The metrics of a pipeline: how many jobs reached
 * which state, how long they waited, and how many wait and run at present.
 *
 * @module
 */
import type {
  Attributes,
  BatchObservableCallback,
  Counter,
  Histogram,
  Meter,
  Observable,
} from "@opentelemetry/api";
import type { JobEvent, JobRecord } from "../model/records.ts";
import type { Api } from "./opentelemetry.ts";
import { ATTR, BUCKET_BOUNDARIES, SCOPE } from "./conventions.ts";

/** What can be observed of a pipeline at any time. */
export interface Figures {
  /** How many jobs wait and run, by job type. */
  readonly queues: Iterable<{
    readonly jobType: string;
    readonly waiting: { readonly size: number };
    readonly delayed: number;
    readonly running: number;
  }>;
  /** The workers. */
  readonly workers: Iterable<{
    readonly info: { readonly jobType: string; readonly credit: number };
  }>;
}

/** The counters, with their descriptions. */
const COUNTERS = {
  submitted: "Jobs that were created, by a submission or by the previous step.",
  completed: "Jobs that were completed.",
  failed: "Attempts that failed.",
  retried: "Attempts that failed and are retried.",
  requeued: "Attempts whose worker was lost, or released the job.",
  dead: "Jobs that are not retried automatically any more.",
  cancelled: "Jobs that were cancelled.",
} as const;

const GAUGES = {
  "agentzero.queue.depth": "Jobs that wait for a worker.",
  "agentzero.queue.delayed": "Jobs that wait for their start time.",
  "agentzero.jobs.running": "Jobs that are assigned to workers.",
  "agentzero.workers": "Workers.",
  "agentzero.credit": "Jobs that all workers together accept at a time.",
} as const;

type Gauge = keyof typeof GAUGES;

/** The metrics of one pipeline. */
export class PipelineMetrics {
  readonly #name: string;
  readonly #meter: Meter;
  readonly #counters: Readonly<Record<keyof typeof COUNTERS, Counter>>;
  readonly #waited: Histogram;
  #stop: () => void = () => {};

  /** @param name The name of the pipeline. */
  constructor(api: Api, name: string) {
    this.#name = name;
    const meter = this.#meter = api.metrics.getMeter(SCOPE);
    this.#counters = mapped(
      COUNTERS,
      (name, description) =>
        meter.createCounter(`agentzero.jobs.${name}`, {
          description,
          unit: "{job}",
        }),
    );
    this.#waited = meter.createHistogram("agentzero.queue.duration", {
      description: "How long jobs waited for a worker.",
      unit: "s",
      advice: { explicitBucketBoundaries: [...BUCKET_BOUNDARIES] },
    });
  }

  /** Counts a job that was created. */
  submitted(job: JobRecord): void {
    this.#count("submitted", job.jobType);
  }

  /** Records how long a job has waited for a worker. */
  dispatched(job: JobRecord, waitedMs: number): void {
    this.#waited.record(waitedMs / 1000, this.#attributes(job.jobType));
  }

  /** Counts an event of a job. */
  note({ type, detail }: JobEvent, { jobType, error }: JobRecord): void {
    switch (type) {
      case "completed":
      case "cancelled":
        return this.#count(type, jobType);
      case "retrying":
        this.#count("failed", jobType, ATTR.ERROR, error?.name);
        return this.#count("retried", jobType);
      case "dead":
        // The last attempt failed, or its worker was lost once too often.
        if (error?.name !== "WorkerLost") {
          this.#count("failed", jobType, ATTR.ERROR, error?.name);
        }
        return this.#count("dead", jobType);
      case "released":
      case "requeued":
        return this.#count("requeued", jobType, ATTR.REASON, detail);
    }
  }

  /** Reports the gauges whenever they are collected. */
  observe(figures: () => Figures): void {
    const meter = this.#meter;
    const gauges = mapped(
      GAUGES,
      (name, description) =>
        meter.createObservableGauge(name, {
          description,
          unit: name === "agentzero.workers" ? "{worker}" : "{job}",
        }),
    );
    const all: Observable[] = Object.values(gauges);
    const report: BatchObservableCallback = (result) => {
      for (const [jobType, values] of valuesOf(figures())) {
        const attributes = this.#attributes(jobType);
        for (const name of Object.keys(values) as Gauge[]) {
          result.observe(gauges[name], values[name], attributes);
        }
      }
    };
    meter.addBatchObservableCallback(report, all);
    this.#stop = () => meter.removeBatchObservableCallback(report, all);
  }

  /** Stops reporting. */
  stop(): void {
    this.#stop();
  }

  #count(
    counter: keyof typeof COUNTERS,
    jobType: string,
    name?: string,
    value?: string,
  ): void {
    const attributes = this.#attributes(jobType);
    if (name !== undefined && value !== undefined) attributes[name] = value;
    this.#counters[counter].add(1, attributes);
  }

  #attributes(jobType: string): Attributes {
    return { [ATTR.DESTINATION]: jobType, [ATTR.PIPELINE]: this.#name };
  }
}

/** The value of each gauge, by job type. */
function valuesOf(figures: Figures): Map<string, Record<Gauge, number>> {
  const all = new Map<string, Record<Gauge, number>>();
  const of = (jobType: string) => {
    const values = all.get(jobType) ?? mapped(GAUGES, () => 0);
    all.set(jobType, values);
    return values;
  };
  for (const { jobType, waiting, delayed, running } of figures.queues) {
    const values = of(jobType);
    values["agentzero.queue.depth"] = waiting.size;
    values["agentzero.queue.delayed"] = delayed;
    values["agentzero.jobs.running"] = running;
  }
  for (const { info } of figures.workers) {
    const values = of(info.jobType);
    values["agentzero.workers"]++;
    values["agentzero.credit"] += info.credit;
  }
  return all;
}

function mapped<K extends string, T>(
  from: Readonly<Record<K, string>>,
  make: (name: K, text: string) => T,
): Record<K, T> {
  const entries = Object.entries(from) as [K, string][];
  const made = entries.map(([name, text]) => [name, make(name, text)]);
  return Object.fromEntries(made) as Record<K, T>;
}
