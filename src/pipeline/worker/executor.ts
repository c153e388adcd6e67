/**
 * Layer: pipeline/worker. Where the handlers of a worker are called: in its own
 * thread (`local_executor.ts`), or in others (`threads/`). Types, and
 * the reasons to stop a handler.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import type { JobMessage } from "../protocol/messages.ts";
import type { Attempt } from "../telemetry/attempts.ts";
import type { Outcome } from "./outcome.ts";

/** Calls the handler of a step. */
export interface Executor {
  /** How many handlers can run at a time. */
  readonly capacity: number;
  /** How many can run at a time at present; less while a thread starts. */
  readonly places: number;
  /** Whether one of these may begin now: an executor may be shared. */
  readonly hasRoom: boolean;
  /** Gets ready; resolves once all places are there. */
  start(): Promise<void>;
  /**
   * Calls the handler, for one attempt at a job; only while a place is free.
   *
   * @param deadline When it must be done, in milliseconds since 1970.
   * @param attempt Its span and its durations, if it is traced.
   */
  execute(
    job: JobMessage,
    deadline: number | undefined,
    attempt: Attempt | undefined,
  ): Execution;
  /** Ends it, once the handlers that still run have been stopped or have returned. */
  close(): Promise<void>;
}

/** One call of a handler. */
export interface Execution {
  /**
   * Resolves once the handler has ended; never rejects. `undefined` if it was
   * ended from outside, because of another one: nothing can be said of the job.
   */
  readonly outcome: Promise<Outcome | undefined>;
  /** Aborts the handler's signal. */
  stop(reason: StopReason): void;
}

/** Why a handler is stopped; plain data, so that it can be sent to another thread. */
export interface StopReason {
  readonly type: "cancelled" | "timeout";
  readonly message: string;
}

/** What the handler's signal has as its reason. */
export function errorOfStop({ type, message }: StopReason): Error {
  return type === "timeout"
    ? new DOMException(message, "TimeoutError")
    : new PipelineError("ERR_PIPELINE_CANCELLED", message);
}
