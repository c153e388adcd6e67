/**
 * Layer: pipeline/client. Uses a pipeline from another process: submits, waits
 * for results, looks, and steers.
 *
 * @module
 */
import { SocketManager } from "../../manager/mod.ts";
import { RAW } from "../../serializers/mod.ts";
import { PipelineError } from "../model/errors.ts";
import type { Flow } from "../step/flow.ts";
import type {
  FlowState,
  JobFailure,
  JobState,
  RetryPolicy,
} from "../model/records.ts";
import { clientOptions, type PeerSecurity } from "../model/security.ts";
import type { Step } from "../step/types.ts";
import { unfinished } from "../model/unfinished.ts";
import { type Answer, type CallOptions, Requester } from "./requester.ts";

/** How a client reaches a pipeline. */
export interface ClientOptions {
  /** Where it takes requests, such as `tcp://pipeline.example:7000`. */
  readonly pipeline: string;
  /** The keys, for a pipeline that is protected by CURVE. */
  readonly security?: PeerSecurity;
}

/** How to submit; times are in milliseconds. */
export interface SubmitOptions extends CallOptions {
  /** An id of your own, of letters, digits, `-` and `_`: submitting it again does nothing. */
  readonly id?: string;
  /** While a flow of this name and key runs, submitting it again does nothing. */
  readonly key?: string;
  /** How long to wait before the first job begins. */
  readonly delayMs?: number;
  /** The higher, the sooner. Default 0. */
  readonly priority?: number;
  /** Instead of what the steps say. */
  readonly retry?: Partial<RetryPolicy>;
  /** How long each attempt may take, instead of what the steps say. */
  readonly jobTimeoutMs?: number;
  /** W3C Trace Context to go on with. */
  readonly traceparent?: string;
}

/** A flow, as a client sees it; times are in milliseconds since 1970. */
export interface FlowInfo {
  readonly id: string;
  readonly name: string;
  readonly state: FlowState;
  readonly result?: unknown;
  readonly error?: JobFailure;
  readonly created_at: number;
  readonly finished_at?: number;
}

/** A job, as a client sees it; times are in milliseconds since 1970. */
export interface JobInfo {
  readonly id: string;
  readonly flow_id: string;
  readonly job_type: string;
  readonly state: JobState;
  readonly instructions: unknown;
  readonly attempt: number;
  readonly failures: number;
  readonly kills: number;
  readonly progress?: number;
  readonly worker?: string;
  readonly result?: unknown;
  readonly error?: JobFailure;
  readonly created_at: number;
  readonly started_at?: number;
  readonly finished_at?: number;
}

/** The longest that one request waits for a result, in milliseconds. */
const WAIT_MS = 30_000;

/**
 * A client of a pipeline.
 *
 * @example
 * ```ts no-run
 * import { PipelineClient } from "@agentzero/agentzero/pipeline";
 *
 * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7000" });
 * const id = await client.submit("resize", { path: "cat.png", width: 640 });
 * console.log(await client.result(id));
 * ```
 */
export class PipelineClient {
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  readonly #requester: Requester;
  readonly #opened: Promise<void>;
  #closing: Promise<void> | undefined;

  /** Connects; the pipeline need not be there yet. */
  constructor({ pipeline, security }: ClientOptions) {
    this.#requester = new Requester(this.#sockets);
    const options = clientOptions(security, security?.serverKey);
    this.#opened = this.#requester.open(pipeline, options);
    this.#opened.catch(() => {}); // every call tells
  }

  /**
   * Submits a flow.
   *
   * @param what The flow, its first step, or its name.
   * @returns Its id, once the pipeline has kept it.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_INVALID`,
   *   `ERR_PIPELINE_FULL`, `ERR_STORE_FAILED`, `ERR_PIPELINE_TIMEOUT`.
   */
  async submit<I>(
    what: Step<I, unknown> | Flow<I, unknown> | string,
    instructions: I,
    options: SubmitOptions = {},
  ): Promise<string> {
    const { id = crypto.randomUUID(), retry } = options;
    const { id: kept } = await this.request({
      type: "submit",
      flow: nameOf(what),
      instructions: instructions ?? null,
      id,
      key: options.key,
      delay_ms: options.delayMs,
      priority: options.priority,
      retry: retry && {
        attempts: retry.attempts,
        delay_ms: retry.delayMs,
        max_delay_ms: retry.maxDelayMs,
      },
      timeout_ms: options.jobTimeoutMs,
      traceparent: options.traceparent,
    }, options);
    return kept as string;
  }

  /**
   * The result of a flow, once there is one.
   *
   * @throws {PipelineError} `ERR_PIPELINE_FAILED`, `ERR_PIPELINE_CANCELLED`,
   *   `ERR_PIPELINE_TIMEOUT`, `ERR_PIPELINE_UNKNOWN`.
   */
  async result<T = unknown>(
    id: string,
    { timeoutMs = Infinity, signal }: CallOptions = {},
  ): Promise<T> {
    const endsAt = Date.now() + timeoutMs;
    for (;;) {
      const waitMs = Math.max(0, Math.min(WAIT_MS, endsAt - Date.now()));
      const flow = await this.#result(id, waitMs, signal);
      if (flow.state === "completed") return flow.result as T;
      if (flow.state !== "running" || Date.now() >= endsAt) {
        throw unfinished(id, flow.state, flow.error?.message);
      }
    }
  }

  /** A flow and its jobs. */
  async status(
    id: string,
    options?: CallOptions,
  ): Promise<FlowInfo & { readonly jobs: readonly JobInfo[] }> {
    const answer = await this.request({ type: "status", id }, options);
    return answer as unknown as FlowInfo & { jobs: JobInfo[] };
  }

  /** Cancels a flow; its handlers' signals are aborted. */
  async cancel(id: string, options?: CallOptions): Promise<void> {
    await this.request({ type: "cancel", id }, options);
  }

  /**
   * Tries again what is dead.
   *
   * @param id Of a flow, for all its dead jobs, or of one of them.
   * @returns How many jobs there were.
   */
  async retry(id: string, options?: CallOptions): Promise<number> {
    return (await this.request({ type: "retry", id }, options)).count as number;
  }

  /** Lets no job begin, of one type or of all. */
  async pause(jobType?: string, options?: CallOptions): Promise<void> {
    await this.request({ type: "pause", job_type: jobType }, options);
  }

  /** Lets jobs begin again, of one type or of all. */
  async resume(jobType?: string, options?: CallOptions): Promise<void> {
    await this.request({ type: "resume", job_type: jobType }, options);
  }

  /** Jobs, newest first. */
  async jobs(
    query: {
      readonly states?: readonly JobState[];
      readonly jobType?: string;
      readonly limit?: number;
      readonly before?: string;
    } = {},
    options?: CallOptions,
  ): Promise<JobInfo[]> {
    const { jobType: name, ...rest } = query;
    const request = { type: "list", of: "jobs", name, ...rest };
    return (await this.request(request, options)).jobs as JobInfo[];
  }

  /**
   * Any request, as `docs/pipeline/wire.md` has them.
   *
   * @throws {PipelineError} What the pipeline said, or `ERR_PIPELINE_TIMEOUT`.
   */
  async request(request: object, options: CallOptions = {}): Promise<Answer> {
    await this.#opened;
    return await this.#requester.ask(request, options);
  }

  /** Closes it: what waits fails. Safe to call again. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes it, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #result(
    id: string,
    waitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<FlowInfo> {
    await this.#opened;
    const request = { type: "result", id, wait_ms: waitMs };
    const answer = await this.#requester.ask(request, { signal }, waitMs);
    return answer as unknown as FlowInfo;
  }

  async #close(): Promise<void> {
    await this.#opened.catch(() => {});
    this.#requester.close();
    await this.#sockets.closeAll();
  }
}

function nameOf(what: { name: string } | { jobType: string } | string): string {
  if (typeof what === "string") return what;
  const name = "jobType" in what ? what.jobType : what.name;
  if (typeof name === "string") return name;
  throw new PipelineError(
    "ERR_PIPELINE_INVALID",
    "Only a flow, a step or a name can be submitted",
  );
}
