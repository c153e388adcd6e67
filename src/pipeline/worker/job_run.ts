/**
 * Layer: pipeline/worker. One attempt at one job: calls the handler, bounded by
 * its timeout, and returns the outcome. It sends nothing.
 *
 * @module
 */
import { withResolvers } from "../../async/promises.ts";
import { serializedException } from "../../util/mod.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { memberOf } from "../model/foreign.ts";
import { requirePayload } from "../model/payload.ts";
import { timerMs } from "../../async/timers.ts";
import { requireJson } from "../protocol/json.ts";
import {
  cutFailure,
  type FailureMessage,
  type JobMessage,
} from "../protocol/messages.ts";
import type { AnyStep, JobContext } from "./types.ts";

/** The outcome of an attempt. */
export type Outcome =
  | {
    readonly type: "success";
    /** JSON text. */
    readonly result: string;
  }
  | {
    readonly type: "failed";
    readonly error: FailureMessage;
    readonly retry_after_ms?: number;
  };

/** Creates the context that a handler gets. */
export type ContextOf = (
  job: JobMessage,
  signal: () => AbortSignal,
  deadline: number | undefined,
) => JobContext;

/** Calls the handler within something, such as a span. */
export type Within = <T>(call: () => T) => T;

/** One attempt at a job. */
export class JobRun {
  readonly job: JobMessage;
  /** Settles when the handler does, even if the job has timed out or was cancelled before. */
  readonly ended: Promise<unknown>;
  /** The outcome; `undefined` if it is not wanted any more. */
  readonly outcome: Promise<Outcome | undefined>;
  /** Made when it is asked for: most handlers never look at their signal. */
  #controller: AbortController | undefined;
  #reason: unknown;
  #hasEnded = false;
  #settle: (outcome: Outcome | undefined) => void = () => {};

  constructor(
    step: AnyStep,
    job: JobMessage,
    contextOf: ContextOf,
    within: Within = (call) => call(),
  ) {
    this.job = job;
    const { timeout_ms: timeoutMs } = job;
    ({ promise: this.outcome, resolve: this.#settle } = withResolvers());
    const timer = timeoutMs === undefined ? undefined : setTimeout(
      () => this.#expire(timeoutMs),
      timerMs(timeoutMs),
    );
    const context = contextOf(
      job,
      () => this.#signal,
      timeoutMs === undefined ? undefined : Date.now() + timeoutMs,
    );
    const outcome = within(() => callHandler(step, job, context));
    this.ended = outcome.then((outcome) => {
      clearTimeout(timer);
      this.#hasEnded = true;
      this.#settle(outcome);
    });
  }

  /** Whether the handler has returned. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The error of an outcome, or why it is not wanted; `undefined` for a success. */
  errorOf(outcome: Outcome | undefined): unknown {
    if (outcome === undefined) return this.#reason;
    if (outcome.type === "success") return undefined;
    const { name, message, traceback: stack } = outcome.error;
    return { name, message, stack };
  }

  /** Aborts the handler's signal; its outcome counts no more. */
  abort(reason: string): void {
    this.#settle(undefined);
    this.#stop(new PipelineError("ERR_PIPELINE_CANCELLED", reason));
  }

  get #signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  #stop(reason: unknown): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }

  #expire(timeoutMs: number): void {
    const name = "TimeoutError";
    const message = `The attempt took longer than ${timeoutMs} ms`;
    this.#settle({ type: "failed", error: { name, message, retryable: true } });
    this.#stop(new DOMException(message, name));
  }
}

/** The outcome, or the failure that it is too large to be sent. */
export function bounded(outcome: Outcome, maxPayloadBytes: number): Outcome {
  if (outcome.type !== "success") return outcome;
  try {
    requirePayload(outcome.result, maxPayloadBytes, "The result");
    return outcome;
  } catch (error) {
    return failed(error);
  }
}

/** Never rejects. */
async function callHandler(
  step: AnyStep,
  { payload }: JobMessage,
  context: JobContext,
): Promise<Outcome> {
  try {
    const result = await step.handler(payload as never, context);
    return { type: "success", result: requireJson("The result", result) };
  } catch (error) {
    return failed(error);
  }
}

/** Whatever was thrown: nothing of it can be trusted to be readable. */
function failed(error: unknown): Outcome {
  const code = memberOf(error, "code");
  return {
    type: "failed",
    error: cutFailure({
      ...serializedException(error),
      ...typeof code === "string" && { code },
      retryable: isRetryable(memberOf(error, "name"), code),
    }),
    retry_after_ms: delayOf(memberOf(error, "retryAfterMs")),
  };
}

function isRetryable(name: unknown, code: unknown): boolean {
  return name !== "NonRetryableError" && code !== "ERR_PIPELINE_INVALID" &&
    code !== "ERR_PIPELINE_TOO_LARGE";
}

function delayOf(retryAfterMs: unknown): number | undefined {
  if (typeof retryAfterMs !== "number" || Number.isNaN(retryAfterMs)) {
    return undefined;
  }
  const ms = Math.round(Math.max(0, retryAfterMs));
  return Math.min(ms, Number.MAX_SAFE_INTEGER);
}
