/**
 * Layer: pipeline/model. The errors of a pipeline, and those that a handler
 * throws to say what shall happen.
 *
 * @module
 */
import type { FlowFailure } from "./records.ts";

/**
 * What a {@link PipelineError} can report.
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_PIPELINE_INVALID` | a definition, submission or request is malformed |
 * | `ERR_PIPELINE_UNKNOWN` | there is no such flow, job or schedule |
 * | `ERR_PIPELINE_FULL` | the queue is full: try again later |
 * | `ERR_PIPELINE_TOO_LARGE` | a payload, or a list for `each`, is larger than the pipeline takes |
 * | `ERR_PIPELINE_STATE` | not possible in the state that the job is in |
 * | `ERR_PIPELINE_FAILED` | the flow failed; `failure` says why |
 * | `ERR_PIPELINE_CANCELLED` | the flow was cancelled |
 * | `ERR_PIPELINE_TIMEOUT` | no answer, or no result, within the time |
 * | `ERR_PIPELINE_ADDRESS` | an address to listen at is in use |
 * | `ERR_PIPELINE_INSECURE` | a bind beyond loopback without CURVE |
 * | `ERR_PIPELINE_REFUSED` | the pipeline does not accept our keys, or our token |
 * | `ERR_PIPELINE_FORBIDDEN` | our key has no role for this |
 * | `ERR_PIPELINE_CLOSED` | the pipeline, step or client is closed |
 * | `ERR_PIPELINE_STOPPED` | a part of the pipeline no longer works: restart it |
 * | `ERR_PIPELINE_SHARDED` | the pipeline has shards, and this address only says where they are |
 * | `ERR_PIPELINE_SHARD` | another shard of the pipeline has the flow, the key or the schedule |
 * | `ERR_PIPELINE_MODULE` | a thread cannot load the module of its step, or that has not the step |
 * | `ERR_PIPELINE_THREAD` | the thread that ran a handler has ended: a crash, or `process.exit` |
 * | `ERR_STORE_LOCKED` | another pipeline has the store |
 * | `ERR_STORE_VERSION` | the store was written by a later version |
 * | `ERR_STORE_SHARDS` | the pipeline was created with another number of shards |
 * | `ERR_STORE_UNSUPPORTED` | this runtime cannot have the store |
 * | `ERR_STORE_DAMAGED` | the file of the store is damaged, or its write-ahead log is missing |
 * | `ERR_STORE_FENCED` | another process has taken the pipeline over in the store |
 * | `ERR_STORE_FAILED` | the store could not keep what happened |
 */
export type PipelineErrorCode =
  | "ERR_PIPELINE_INVALID"
  | "ERR_PIPELINE_UNKNOWN"
  | "ERR_PIPELINE_FULL"
  | "ERR_PIPELINE_TOO_LARGE"
  | "ERR_PIPELINE_STATE"
  | "ERR_PIPELINE_FAILED"
  | "ERR_PIPELINE_CANCELLED"
  | "ERR_PIPELINE_TIMEOUT"
  | "ERR_PIPELINE_ADDRESS"
  | "ERR_PIPELINE_INSECURE"
  | "ERR_PIPELINE_REFUSED"
  | "ERR_PIPELINE_FORBIDDEN"
  | "ERR_PIPELINE_CLOSED"
  | "ERR_PIPELINE_STOPPED"
  | "ERR_PIPELINE_SHARDED"
  | "ERR_PIPELINE_SHARD"
  | "ERR_PIPELINE_MODULE"
  | "ERR_PIPELINE_THREAD"
  | "ERR_STORE_LOCKED"
  | "ERR_STORE_VERSION"
  | "ERR_STORE_SHARDS"
  | "ERR_STORE_UNSUPPORTED"
  | "ERR_STORE_DAMAGED"
  | "ERR_STORE_FENCED"
  | "ERR_STORE_FAILED";

/** Something that a pipeline, a step or a client could not do. */
export class PipelineError extends Error {
  /** The class, for those who read logs. */
  override readonly name: string = "PipelineError";
  /** The stable code to match on. */
  readonly code: PipelineErrorCode;
  /** The flow or job concerned. */
  readonly id: string | undefined;
  /** Of `submitMany`: the ids of all its submissions, in order, with which they can be submitted again; empty for other calls. */
  readonly ids: readonly string[];
  /** Why the flow failed, for `ERR_PIPELINE_FAILED`. */
  readonly failure: FlowFailure | undefined;
  /** The options concerned, as the message names them; empty if there are none. */
  readonly options: readonly string[];
  /** What to do about it, if that is known; the message ends with it. */
  readonly advice: string | undefined;

  /**
   * Creates the error.
   *
   * @param code The stable code.
   * @param message What happened, for a person.
   * @param details The flows or job concerned, its failure, the options, and the error beneath.
   */
  constructor(
    code: PipelineErrorCode,
    message: string,
    details: {
      id?: string;
      ids?: readonly string[];
      failure?: FlowFailure;
      options?: readonly string[];
      advice?: string;
      cause?: unknown;
    } = {},
  ) {
    super(
      message,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.id = details.id;
    this.ids = details.ids ?? [];
    this.failure = details.failure;
    this.options = details.options ?? [];
    this.advice = details.advice;
  }
}

/**
 * Thrown by a handler: the job is dead at once, another attempt would not help.
 *
 * @example
 * ```ts
 * import { defineStep, NonRetryableError } from "@agentzero/agentzero/pipeline";
 *
 * export const resize = defineStep("resize", (image: { width: number }) => {
 *   if (image.width <= 0) throw new NonRetryableError("No image is that narrow");
 *   return { width: image.width / 2 };
 * });
 * ```
 */
export class NonRetryableError extends Error {
  /** The class, for those who read logs. */
  override readonly name: string = "NonRetryableError";
}

/**
 * Thrown by a handler: the attempt failed, and the next shall not begin before
 * a time has passed, such as that of an HTTP `Retry-After`.
 */
export class RetryAfterError extends Error {
  /** The class, for those who read logs. */
  override readonly name: string = "RetryAfterError";
  /** How long to wait, in milliseconds. */
  readonly retryAfterMs: number;

  /**
   * Creates the error.
   *
   * @param retryAfterMs How long to wait, in milliseconds.
   * @param message Why the attempt failed.
   */
  constructor(retryAfterMs: number, message: string) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}
