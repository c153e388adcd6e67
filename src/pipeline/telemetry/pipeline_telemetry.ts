/**
 * Layer: pipeline/telemetry. The telemetry of a pipeline: spans of submissions,
 * of the time that jobs wait, and of lost workers; and its metrics. It only
 * observes: nothing in the pipeline depends on it.
 *
 * @module
 */
import type { JobEvent, JobRecord } from "../model/records.ts";
import { type Api, isMeasured } from "./opentelemetry.ts";
import {
  ATTR,
  DISPATCH,
  LOSE,
  type Operation,
  RECEIVE,
  SUBMIT,
} from "./conventions.ts";
import { type Figures, PipelineMetrics } from "./pipeline_metrics.ts";
import { Submissions } from "./submissions.ts";
import { Tracing } from "./tracing.ts";

/** A request or an answer: plain data. */
export type Fields = Readonly<Record<string, unknown>>;

/** When a job was last waiting and dispatched, in milliseconds since 1970; absent for what happened before this pipeline started. */
interface Times {
  waitingSince?: number;
  dispatchedAt?: number;
}

/** The telemetry of one pipeline. */
export class PipelineTelemetry {
  /** The spans of submissions in the process of the pipeline. */
  readonly submissions: Submissions;
  readonly #tracing: Tracing;
  readonly #metrics: PipelineMetrics;
  readonly #isMeasured: boolean;
  readonly #name: string;
  readonly #startedAt = Date.now();
  readonly #times: WeakMap<JobRecord, Times> = new WeakMap();

  /** @param name The name of the pipeline. */
  constructor(api: Api, name: string) {
    this.submissions = new Submissions(api);
    this.#tracing = new Tracing(api);
    this.#metrics = new PipelineMetrics(api, name);
    this.#isMeasured = isMeasured(api);
    this.#name = name;
  }

  /** Whether anything is recorded. */
  get isOn(): boolean {
    return this.#isMeasured || this.#tracing.isOn;
  }

  /** Reports the gauges whenever they are collected. */
  observe(figures: () => Figures): void {
    this.#metrics.observe(figures);
  }

  /** Stops reporting. */
  stop(): void {
    this.#metrics.stop();
  }

  /** Traces a request that submits a flow, and passes on any other. If the client does not trace, the trace begins here. */
  receive<T extends Fields>(
    request: Fields,
    answer: (request: Fields) => T | Promise<T>,
  ): T | Promise<T> {
    const flow = request.flow ?? request.job_type;
    const { type = "submit" } = request;
    const isSubmission = type === null || type === "submit" ||
      type === "submit_many";
    const tracing = this.#tracing;
    if (!isSubmission || typeof flow !== "string" || !tracing.isOn) {
      return answer(request);
    }
    const traceparent = request.traceparent ?? undefined;
    const span = tracing.begin(RECEIVE, flow, {
      parent: tracing.read(textOf(traceparent)),
      attributes: { [ATTR.PIPELINE]: this.#name },
    });
    return tracing.during(span, async () => {
      const answered = await answer({
        ...request,
        traceparent: traceparent ?? tracing.write(span),
      });
      const { ids } = answered;
      if (Array.isArray(ids)) span.setAttribute(ATTR.COUNT, ids.length);
      else {
        const id = String(answered.id);
        span.setAttributes({ [ATTR.MESSAGE]: id, [ATTR.CONVERSATION]: id });
      }
      return answered;
    });
  }

  /** Traces the submission of a scheduled flow. */
  submitByClock(
    { schedule, flow, id }: {
      readonly schedule: string;
      readonly flow: string;
      readonly id: string;
    },
    submit: (traceparent?: string) => void,
  ): void {
    const tracing = this.#tracing;
    const span = tracing.begin(SUBMIT, flow, {
      parent: tracing.read(undefined),
      attributes: {
        [ATTR.MESSAGE]: id,
        [ATTR.CONVERSATION]: id,
        [ATTR.SCHEDULE]: schedule,
        [ATTR.PIPELINE]: this.#name,
      },
    });
    try {
      submit(tracing.write(span));
    } catch (error) {
      tracing.fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /**
   * Records an event of a job.
   *
   * @param traceparent The trace context of the flow.
   */
  note(
    event: JobEvent,
    job: JobRecord,
    traceparent: string | undefined,
  ): void {
    const times = this.#timesOf(event, job);
    this.#metrics.note(event, job);
    switch (event.type) {
      case "waiting":
        times.waitingSince = event.at;
        return;
      case "dispatched":
        times.dispatchedAt = event.at;
        return this.#dispatched(event, job, times, traceparent);
      case "requeued":
        this.#lost(event, job, times, traceparent);
        times.waitingSince = event.at;
        return;
      case "released":
        times.waitingSince = event.at;
        return;
      case "dead":
        if (job.error?.name !== "WorkerLost") return;
        return this.#lost(event, job, times, traceparent);
    }
  }

  #timesOf(event: JobEvent, job: JobRecord): Times {
    let times = this.#times.get(job);
    if (times !== undefined) return times;
    times = {};
    this.#times.set(job, times);
    if (job.createdAt >= this.#startedAt && event.attempt === 0) {
      this.#metrics.submitted(job);
    } else if (event.attempt === 1 && event.type === "dispatched") {
      times.waitingSince = job.createdAt; // includes the time without a pipeline
    }
    return times;
  }

  #dispatched(
    event: JobEvent,
    job: JobRecord,
    { waitingSince }: Times,
    traceparent: string | undefined,
  ): void {
    if (waitingSince === undefined) return;
    this.#metrics.dispatched(job, event.at - waitingSince);
    this.#span(DISPATCH, waitingSince, event, job, traceparent);
  }

  #lost(
    event: JobEvent,
    job: JobRecord,
    { dispatchedAt }: Times,
    traceparent: string | undefined,
  ): void {
    if (dispatchedAt === undefined) return;
    this.#span(LOSE, dispatchedAt, event, job, traceparent, {
      name: "WorkerLost",
      message: `The worker was lost: ${event.detail}`,
    });
  }

  #span(
    operation: Operation,
    since: number,
    { at, attempt, worker }: JobEvent,
    job: JobRecord,
    traceparent: string | undefined,
    error?: object,
  ): void {
    if (traceparent === undefined) return; // it would begin a trace
    const span = this.#tracing.begin(operation, job.jobType, {
      parent: this.#tracing.read(traceparent),
      at: new Date(since), // a number may be taken as relative to the start of the process
      attributes: {
        [ATTR.MESSAGE]: job.id,
        [ATTR.CONVERSATION]: job.flowId,
        [ATTR.ATTEMPT]: attempt,
        [ATTR.WORKER]: worker!, // it had the job
        [ATTR.PIPELINE]: this.#name,
      },
    });
    if (error !== undefined) this.#tracing.fail(span, error);
    span.end(new Date(at));
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
