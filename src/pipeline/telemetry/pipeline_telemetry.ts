/**
 * Layer: pipeline/telemetry. What a pipeline tells: spans of what it takes, of
 * how long jobs wait and of workers that were lost, and its metrics. It only
 * watches; nothing that happens depends on it.
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

/** What happened to a job last, in milliseconds since 1970; those that were so before this pipeline was started have no times. */
interface Times {
  waitingSince?: number;
  dispatchedAt?: number;
}

/** The telemetry of one pipeline. */
export class PipelineTelemetry {
  /** What is submitted in the process of the pipeline. */
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

  /** Whether anybody wants to know what happens to jobs. */
  get isOn(): boolean {
    return this.#isMeasured || this.#tracing.isOn;
  }

  /** Tells what waits and runs, whenever somebody asks. */
  observe(figures: () => Figures): void {
    this.#metrics.observe(figures);
  }

  /** Tells nothing any more. */
  stop(): void {
    this.#metrics.stop();
  }

  /** A request comes. One that submits a flow is traced; if its client does not trace, the trace begins here. */
  receive<T extends Fields>(
    request: Fields,
    answer: (request: Fields) => T | Promise<T>,
  ): T | Promise<T> {
    const flow = request.flow ?? request.job_type;
    const isSubmission = (request.type ?? "submit") === "submit";
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
      const id = String(answered.id);
      span.setAttributes({ [ATTR.MESSAGE]: id, [ATTR.CONVERSATION]: id });
      return answered;
    });
  }

  /** A flow is submitted by the clock. */
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
   * Something happened to a job.
   *
   * @param traceparent Of the flow.
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
      times.waitingSince = job.createdAt; // while there was no pipeline, too
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
    if (traceparent === undefined) return; // it would be a trace of its own
    const span = this.#tracing.begin(operation, job.jobType, {
      parent: this.#tracing.read(traceparent),
      at: new Date(since), // a number might be taken for a time since the process began
      attributes: {
        [ATTR.MESSAGE]: job.id,
        [ATTR.CONVERSATION]: job.flowId,
        [ATTR.ATTEMPT]: attempt,
        [ATTR.WORKER]: worker!, // it got the job, at least
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
