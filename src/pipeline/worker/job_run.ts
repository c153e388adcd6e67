/**
 * Layer: pipeline/worker. One attempt at one job: has the handler called, bounded
 * by its timeout, and returns the outcome. It sends nothing.
 *
 * @module
 */
import { withResolvers } from "../../async/promises.ts";
import { timerMs } from "../../async/timers.ts";
import type { JobMessage } from "../protocol/messages.ts";
import type { Attempt } from "../telemetry/attempts.ts";
import {
  errorOfStop,
  type Execution,
  type Executor,
  type StopReason,
} from "./executor.ts";
import type { Outcome } from "./outcome.ts";

/** One attempt at a job. */
export class JobRun {
  readonly job: JobMessage;
  /** Settles when the handler has ended, even if the job has timed out or was cancelled before. */
  readonly ended: Promise<unknown>;
  /** The outcome; `undefined` if it is not wanted any more, or if there is none. */
  readonly outcome: Promise<Outcome | undefined>;
  readonly #execution: Execution;
  #stopReason: StopReason | undefined;
  #hasEnded = false;
  #settle: (outcome: Outcome | undefined) => void = () => {};

  constructor(executor: Executor, job: JobMessage, attempt?: Attempt) {
    this.job = job;
    const { timeout_ms: timeoutMs } = job;
    ({ promise: this.outcome, resolve: this.#settle } = withResolvers());
    const timer = timeoutMs === undefined ? undefined : setTimeout(
      () => this.#expire(timeoutMs),
      timerMs(timeoutMs),
    );
    const deadline = timeoutMs === undefined
      ? undefined
      : Date.now() + timeoutMs;
    this.#execution = executor.execute(job, deadline, attempt);
    this.ended = this.#execution.outcome.then((outcome) => {
      clearTimeout(timer);
      this.#hasEnded = true;
      this.#settle(outcome);
    });
  }

  /** Whether the handler has ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether the handler was ended because of another one: the job is as good as not begun. */
  get isInterrupted(): boolean {
    return this.#hasEnded && this.#stopReason === undefined;
  }

  /** The error of an outcome, or why it is not wanted; `undefined` for a success. */
  errorOf(outcome: Outcome | undefined): unknown {
    if (outcome?.type === "success") return undefined;
    if (outcome === undefined) {
      return errorOfStop(this.#stopReason ?? INTERRUPTED);
    }
    const { name, message, traceback: stack } = outcome.error;
    return { name, message, stack };
  }

  /** Aborts the handler's signal; its outcome counts no more. */
  abort(message: string): void {
    this.#settle(undefined);
    this.#stop({ type: "cancelled", message });
  }

  #stop(reason: StopReason): void {
    if (this.#stopReason !== undefined) return;
    this.#stopReason = reason;
    this.#execution.stop(reason);
  }

  #expire(timeoutMs: number): void {
    const name = "TimeoutError";
    const message = `The attempt took longer than ${timeoutMs} ms`;
    this.#settle({ type: "failed", error: { name, message, retryable: true } });
    this.#stop({ type: "timeout", message });
  }
}

/** Why there is no outcome of a job that was not stopped. */
const INTERRUPTED: StopReason = {
  type: "cancelled",
  message: "The thread was terminated because of another job in it",
};
