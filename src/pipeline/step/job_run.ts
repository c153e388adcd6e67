/**
 * Layer: pipeline/step. One attempt at one job: calls the handler, bounded by
 * its deadline, and says what came of it. It sends nothing.
 *
 * @module
 */
import { serializedException } from "../../util/mod.ts";
import { PipelineError } from "../model/errors.ts";
import type { FailureMessage, JobMessage } from "../wire/messages.ts";
import type { AnyStep, JobContext } from "./types.ts";

/** What came of an attempt. */
export type Outcome =
  | { readonly type: "success"; readonly result: unknown }
  | {
    readonly type: "failed";
    readonly error: FailureMessage;
    readonly retry_after_ms?: number;
  };

/** An attempt at work. */
export class JobRun {
  readonly job: JobMessage;
  /** Settled once the handler is, whatever became of the job meanwhile. */
  readonly ended: Promise<void>;
  /** What came of it; `undefined` if nobody wants to know any more. */
  readonly outcome: Promise<Outcome | undefined>;
  readonly #abort = new AbortController();

  constructor(
    step: AnyStep,
    job: JobMessage,
    context: Pick<JobContext, "log" | "progress" | "metric">,
  ) {
    this.job = job;
    const { id, attempt, flow_id: flowId, deadline } = job;
    const { signal } = this.#abort;
    const handled = callHandler(step, job.instructions, {
      ...context,
      id,
      flowId,
      attempt,
      deadline,
      signal,
    });
    this.ended = handled.then(() => {});
    this.outcome = this.#withinDeadline(handled);
  }

  /** Aborts the handler's signal; its outcome counts no more. */
  abort(reason: string): void {
    this.#abort.abort(new PipelineError("ERR_PIPELINE_CANCELLED", reason));
  }

  async #withinDeadline(
    handled: Promise<Outcome>,
  ): Promise<Outcome | undefined> {
    const { deadline } = this.job;
    const { signal } = this.#abort;
    const timer = deadline === undefined ? undefined : setTimeout(
      () => this.#abort.abort(new DOMException("Too late", "TimeoutError")),
      Math.min(Math.max(0, deadline - Date.now()), 0x7fffffff),
    );
    const aborted = new Promise<undefined>((resolve) =>
      signal.addEventListener("abort", () => resolve(undefined))
    );
    const outcome = await Promise.race([handled, aborted]);
    clearTimeout(timer);
    if (!signal.aborted) return outcome;
    if ((signal.reason as Error).name !== "TimeoutError") return undefined;
    return {
      type: "failed",
      error: {
        name: "TimeoutError",
        message: "The attempt was not done by its deadline",
        retryable: true,
      },
    };
  }
}

/** Never rejects. */
async function callHandler(
  step: AnyStep,
  instructions: unknown,
  context: JobContext,
): Promise<Outcome> {
  try {
    const result = await step.handler(instructions as never, context);
    return { type: "success", result };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): Outcome {
  const { retryAfterMs } = Object(error) as { retryAfterMs?: unknown };
  return {
    type: "failed",
    error: { ...serializedException(error), retryable: isRetryable(error) },
    retry_after_ms: typeof retryAfterMs === "number" ? retryAfterMs : undefined,
  };
}

function isRetryable(error: unknown): boolean {
  const { name, code } = Object(error) as { name?: unknown; code?: unknown };
  return name !== "NonRetryableError" && code !== "ERR_PIPELINE_INVALID";
}
