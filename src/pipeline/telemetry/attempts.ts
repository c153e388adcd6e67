/**
 * Layer: pipeline/telemetry. The telemetry of the attempts of a worker: a span
 * for each, and their durations. The span is active while the handler runs, so
 * that spans of the handler become its children.
 *
 * @module
 */
import type { Histogram } from "@opentelemetry/api";
import type { JobMessage } from "../protocol/messages.ts";
import { type Api, isMeasured } from "./opentelemetry.ts";
import {
  ATTR,
  attributesOf,
  BUCKET_BOUNDARIES,
  PROCESS,
  SCOPE,
} from "./conventions.ts";
import { errorTypeOf, Tracing } from "./tracing.ts";

/** One attempt at one job. */
export interface Attempt {
  /** Its span (W3C Trace Context); `undefined` if it is not recorded. */
  readonly traceparent: string | undefined;
  /** Calls a function with the span active. */
  run<T>(call: () => T): T;
  /** Ends the attempt, with an error or without. */
  end(error?: unknown): void;
}

/** Traces and measures the attempts of a worker. */
export class Attempts {
  readonly #api: Api;
  readonly #tracing: Tracing;
  readonly #duration: Histogram;
  readonly #isMeasured: boolean;

  constructor(api: Api) {
    this.#api = api;
    this.#tracing = new Tracing(api);
    this.#isMeasured = isMeasured(api);
    this.#duration = api.metrics.getMeter(SCOPE).createHistogram(
      "messaging.process.duration",
      {
        description: "How long attempts at jobs took.",
        unit: "s",
        advice: { explicitBucketBoundaries: [...BUCKET_BOUNDARIES] },
      },
    );
  }

  /** Begins an attempt; `undefined` if nothing is recorded. */
  begin(job: JobMessage, worker: string): Attempt | undefined {
    const isRecorded = this.#isMeasured || this.#tracing.isOn ||
      job.traceparent !== undefined;
    if (!isRecorded) return undefined;
    const parent = this.#tracing.read(job.traceparent);
    const span = this.#tracing.begin(PROCESS, job.job_type, {
      parent,
      links: this.#tracing.links(job.links),
      attributes: {
        [ATTR.MESSAGE]: job.id,
        [ATTR.CONVERSATION]: job.flow_id,
        [ATTR.ATTEMPT]: job.attempt,
        [ATTR.WORKER]: worker,
      },
    });
    const startedAt = performance.now();
    const { context, trace } = this.#api;
    const inside = trace.setSpan(parent, span);
    return {
      traceparent: span.isRecording() ? this.#tracing.write(span) : undefined,
      run: (call) => context.with(inside, call),
      end: (error) => {
        const seconds = (performance.now() - startedAt) / 1000;
        const attributes = attributesOf(PROCESS, job.job_type);
        if (error !== undefined) attributes[ATTR.ERROR] = errorTypeOf(error);
        this.#duration.record(seconds, attributes, inside);
        if (error !== undefined) this.#tracing.fail(span, error);
        span.end();
      },
    };
  }
}

/**
 * Spans that have begun in another thread: what is run belongs to them.
 *
 * @returns Gives what runs a function within the span of a `traceparent`.
 */
export function continueSpans(
  api: Api,
): (traceparent: string | undefined) => Pick<Attempt, "run"> {
  const tracing = new Tracing(api);
  return (traceparent) => ({
    run: (call) => api.context.with(tracing.read(traceparent), call),
  });
}
