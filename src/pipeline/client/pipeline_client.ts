/**
 * Layer: pipeline/client. Uses a pipeline from another process: submits, waits
 * for results, looks, and steers.
 *
 * @module
 */
import { SocketManager } from "../../manager/mod.ts";
import { RAW } from "../../serializers/mod.ts";
import { requireText } from "../model/check.ts";
import { checkList } from "../model/check_list.ts";
import { PipelineError } from "../model/errors.ts";
import { withInstructions } from "../model/former_names.ts";
import { newId } from "../model/new_id.ts";
import {
  FLOW_STATES,
  type FlowState,
  JOB_STATES,
  type JobState,
} from "../model/records.ts";
import { checkRetryAll, type RetryAllOptions } from "../model/retry_all.ts";
import { clientOptions } from "../model/security.ts";
import type {
  ScheduleOptions,
  SubmitOptions,
} from "../model/submit_options.ts";
import { unfinished } from "../model/unfinished.ts";
import { nameOf, type Submittable } from "../define/chain.ts";
import { loadTelemetry } from "../telemetry/opentelemetry.ts";
import { Submissions } from "../telemetry/submissions.ts";
import { readDescription } from "../protocol/describe.ts";
import { WIRE_MINOR } from "../protocol/messages.ts";
import { heartbeats } from "../protocol/heartbeat.ts";
import { sleep } from "../../async/pending_call.ts";
import {
  EVENT,
  FLOW,
  fromWire,
  JOB,
  SCHEDULE,
  type Shape,
  STATS,
  STATUS,
  SUBMISSION,
  toWire,
} from "../protocol/names.ts";
import {
  checkClientOptions,
  checkScheduling,
  checkStatus,
  checkSubmit,
  type ClientOptions,
  type ListOptions,
  type PageOptions,
  plain,
  requireCall,
} from "./client_options.ts";
import type {
  EventInfo,
  FlowInfo,
  FlowStatusInfo,
  JobInfo,
  ScheduleInfo,
  StatsInfo,
} from "./infos.ts";
import {
  type Answer,
  type CallOptions,
  RequestDealer,
} from "./request_dealer.ts";
import { type WatchEvent, watchFeed } from "./watch_feed.ts";

/** How soon a result is asked for again, where as many calls wait as may, in milliseconds. */
const FULL_MS = 500;
/** How many lines of a timeline one request is for. */
const EVENT_PAGE = 1000;
/** The longest that one request waits for a result, in milliseconds. */
const WAIT_MS = 30_000;

/**
 * A client of a pipeline. What it asks waits for a pipeline that is not there;
 * every call can be given a time or a signal.
 *
 * @example
 * ```ts no-run
 * import { PipelineClient } from "@agentzero/agentzero/pipeline";
 *
 * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
 * const id = await client.submit("resize", { path: "cat.png", width: 640 });
 * console.log(await client.result(id, { timeoutMs: 60_000 }));
 * ```
 */
export class PipelineClient {
  readonly #options: ClientOptions;
  readonly #sockets = new SocketManager({ serializationBackend: new RAW() });
  readonly #dealer = new RequestDealer();
  readonly #opened: Promise<void>;
  #submissions: Promise<Submissions | undefined> | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Connects; the pipeline need not be there yet.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, or `ERR_PIPELINE_INSECURE`
   *   for a token and an address beyond loopback.
   */
  constructor(options: ClientOptions) {
    checkClientOptions(options);
    this.#options = options;
    this.#opened = this.#dealer.open(
      this.#sockets,
      options.pipeline,
      this.#socketOptions,
    );
    this.#opened.catch(() => {}); // every call tells
  }

  /**
   * Submits a flow. The client gives it an id, unless you do; so what it asks
   * again by itself, since no answer came, counts once. An error has that id:
   * after `ERR_PIPELINE_TIMEOUT` or `ERR_PIPELINE_CLOSED` nobody knows whether
   * the flow was taken, and with `{ id: error.id }` you may submit it again.
   *
   * @param what The flow, its first step, or its name.
   * @param payload What its first step gets.
   * @returns Its id, once the pipeline has kept it.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_INVALID`,
   *   `ERR_PIPELINE_TOO_LARGE`, `ERR_PIPELINE_FULL`, `ERR_STORE_FAILED`,
   *   `ERR_PIPELINE_TIMEOUT`.
   *
   * @example
   * ```ts no-run
   * import { PipelineClient, PipelineError } from "@agentzero/agentzero/pipeline";
   *
   * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
   * const order = { order: 1234 };
   * try {
   *   await client.submit("invoice", order, { timeoutMs: 5000 });
   * } catch (error) {
   *   if (!(error instanceof PipelineError)) throw error;
   *   // Later, perhaps in another process: whatever became of the first one.
   *   await client.submit("invoice", order, { id: error.id });
   * }
   * ```
   */
  async submit<I>(
    what: Submittable<I>,
    payload: I,
    options: SubmitOptions & CallOptions = {},
  ): Promise<string> {
    checkSubmit(options);
    const flow = nameOf(what);
    const value = plain(payload);
    const { traceparent } = options;
    const { pipeline } = this.#options;
    const send = (traceparent?: string) =>
      this.#submit(flow, value, { ...options, traceparent });
    this.#submissions ??= loadTelemetry((api) => new Submissions(api));
    const submissions = await this.#submissions;
    return submissions === undefined
      ? await send(traceparent)
      : await submissions.submit({ flow, traceparent, pipeline }, send);
  }

  /**
   * The result of a flow, once there is one.
   *
   * @throws {PipelineError} `ERR_PIPELINE_FAILED`, `ERR_PIPELINE_CANCELLED`,
   *   `ERR_PIPELINE_TIMEOUT`, `ERR_PIPELINE_UNKNOWN`.
   */
  async result<T = unknown>(
    id: string,
    options: CallOptions = {},
  ): Promise<T> {
    requireCall(options, "result()");
    const { timeoutMs = Infinity, signal } = options;
    const endsAt = performance.now() + timeoutMs;
    let isRoom = true;
    for (;;) {
      const leftMs = Math.max(0, endsAt - performance.now());
      const waitMs = isRoom ? Math.ceil(Math.min(WAIT_MS, leftMs)) : 0;
      isRoom = true;
      const answer = this.#result(id, waitMs, {
        // A pipeline that is not there does not answer in time.
        timeoutMs: leftMs === Infinity ? undefined : leftMs + 1000,
        signal,
      });
      const flow = await answer.catch((error) => {
        if (waitMs > 0 && isFull(error)) return undefined;
        throw error;
      });
      if (flow === undefined) {
        // As many answers are held back as may be: it is asked now and then.
        await sleep(Math.min(FULL_MS, leftMs), signal);
        isRoom = false;
        continue;
      }
      if (flow.state === "completed") return flow.result as T;
      if (flow.state !== "running" || performance.now() >= endsAt) {
        throw unfinished(flow.id, flow.state, flow.error);
      }
    }
  }

  /**
   * A flow and its jobs, oldest first.
   *
   * @param given How long to wait; and for a flow with a long list, which of its
   *   jobs. They are fewer than were asked for where their payloads are large.
   *
   * @example All jobs of a flow
   * ```ts no-run
   * import { PipelineClient } from "@agentzero/agentzero/pipeline";
   *
   * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
   * for (let offset = 0;;) {
   *   const { jobs } = await client.status("some-id", { offset, limit: 1000 });
   *   for (const { id, state } of jobs) console.log(id, state);
   *   if (jobs.length === 0) break;
   *   offset += jobs.length;
   * }
   * ```
   */
  async status(
    id: string,
    given: CallOptions & PageOptions = {},
  ): Promise<FlowStatusInfo> {
    checkStatus(given);
    const { limit, offset, ...options } = given;
    const request = { type: "status", id, limit, offset };
    const answer = await this.#ask(request, options);
    const status = fromWire(answer, STATUS) as unknown as FlowStatusInfo;
    for (const job of status.jobs) withInstructions(job);
    return status;
  }

  /** What happened to a job, oldest first: all of it, asked for page by page. */
  async timeline(id: string, options?: CallOptions): Promise<EventInfo[]> {
    const all: EventInfo[] = [];
    for (;;) {
      const page = { limit: EVENT_PAGE, offset: all.length };
      const request = { type: "timeline", id, ...page };
      const { events } = await this.#ask(request, options);
      const some = infos<EventInfo>(events, EVENT);
      for (const one of some) all.push(one);
      // A pipeline of an older version answers with all of them.
      if (some.length !== EVENT_PAGE) return all;
    }
  }

  /** Cancels a flow; its handlers' signals are aborted. */
  async cancel(id: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "cancel", id }, options);
  }

  /**
   * Tries again what is dead.
   *
   * @param id Of a flow, for all its dead jobs, or of one of them.
   * @returns How many jobs there were.
   */
  async retry(id: string, options?: CallOptions): Promise<number> {
    return (await this.#ask({ type: "retry", id }, options)).count as number;
  }

  /**
   * Tries dead jobs of all flows again, with fresh budgets; the newest first. A
   * flow whose key another one has at present is left out.
   *
   * @param which Of which job type, default all; and how many at most, default
   *   1,000, up to 10,000. A flow is not divided, so it may be some more.
   * @returns How many jobs there were; 0 once none is left.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN` if
   *   there is no such job type.
   *
   * @example
   * ```ts no-run
   * import { PipelineClient } from "@agentzero/agentzero/pipeline";
   *
   * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
   * while (await client.retryAll({ type: "resize" }) > 0);
   * ```
   */
  async retryAll(
    which: RetryAllOptions = {},
    options?: CallOptions,
  ): Promise<number> {
    checkRetryAll(which);
    const { type: job_type, limit } = which;
    const request = { type: "retry_all", job_type, limit };
    return (await this.#ask(request, options)).count as number;
  }

  /** Lets no job begin, of one type or of all. */
  async pause(jobType?: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "pause", job_type: jobType }, options);
  }

  /** Lets jobs begin again, of one type or of all. */
  async resume(jobType?: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "resume", job_type: jobType }, options);
  }

  /**
   * Asks workers to finish what they have and to leave.
   *
   * @param of A worker's id or a job type; all, where this is absent.
   * @returns How many were asked.
   */
  async drain(of?: string, options?: CallOptions): Promise<number> {
    return (await this.#ask({ type: "drain", of }, options)).count as number;
  }

  /**
   * Flows, newest first.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN` if that of `before` was
   *   forgotten meanwhile.
   */
  async flows(
    query: ListOptions<FlowState> = {},
    options?: CallOptions,
  ): Promise<FlowInfo[]> {
    checkList(query, FLOW_STATES);
    const request = { ...query, type: "list", of: "flows" };
    const { flows } = await this.#ask(request, options);
    return infos(flows, FLOW);
  }

  /**
   * Jobs, newest first.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN` if that of `before` was
   *   forgotten meanwhile.
   *
   * @example All dead jobs, page by page
   * ```ts no-run
   * import { PipelineClient } from "@agentzero/agentzero/pipeline";
   *
   * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
   * let before: string | undefined;
   * for (;;) {
   *   const page = await client.jobs({ states: ["dead"], before });
   *   for (const { id, error } of page) console.log(id, error?.message);
   *   before = page.at(-1)?.id;
   *   if (before === undefined) break;
   * }
   * ```
   */
  async jobs(
    query: ListOptions<JobState> = {},
    options?: CallOptions,
  ): Promise<JobInfo[]> {
    checkList(query, JOB_STATES);
    const request = { ...query, type: "list", of: "jobs" };
    const { jobs } = await this.#ask(request, options);
    return infos<JobInfo>(jobs, JOB).map(withInstructions);
  }

  /** The pipeline at a glance. */
  async stats(options?: CallOptions): Promise<StatsInfo> {
    const answer = await this.#ask({ type: "stats" }, options);
    return fromWire(answer, STATS) as unknown as StatsInfo;
  }

  /**
   * Submits a flow by the clock from now on, instead of what had this id. Each
   * time is submitted exactly once, also across restarts of the pipeline.
   *
   * @param id Letters, digits, `-` and `_`, 64 at most.
   * @param what The flow, its first step, or its name.
   * @param payload What its first step gets, each time.
   * @returns When it is due, in milliseconds since 1970.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN`.
   *
   * @example
   * ```ts no-run
   * import { PipelineClient } from "@agentzero/agentzero/pipeline";
   *
   * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
   * await client.schedule("nightly", "clean-up", { olderThanDays: 30 }, {
   *   cron: "30 2 * * *",
   *   timezone: "Europe/Berlin",
   * });
   * ```
   */
  async schedule<I>(
    id: string,
    what: Submittable<I>,
    payload: I,
    options: ScheduleOptions & CallOptions,
  ): Promise<number> {
    const flow = nameOf(what);
    checkScheduling(id, flow, options);
    const { timeoutMs, signal, ...rest } = options;
    const answer = await this.#ask({
      type: "schedule",
      id,
      flow,
      ...named(plain(payload)),
      ...rest,
    }, { timeoutMs, signal });
    return answer.next_at as number;
  }

  /**
   * Ends a schedule.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async unschedule(id: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "unschedule", id }, options);
  }

  /** What is submitted by the clock, the next one first. */
  async schedules(options?: CallOptions): Promise<ScheduleInfo[]> {
    const answer = await this.#ask({ type: "schedules" }, options);
    return infos<ScheduleInfo>(answer.schedules, SCHEDULE)
      .map(withInstructions);
  }

  /**
   * Watches what happens at the pipeline, until the iteration is left, the
   * signal is aborted or the client is closed. A watcher that is slow misses
   * some; nothing waits for it. A pipeline that was restarted is watched again,
   * at other ports too; what happens until then is missed.
   *
   * @param topic What topics begin with, such as `"job:"` or `"logs:resize:"`.
   *   Default: everything.
   *
   * @example
   * ```ts no-run
   * import { PipelineClient } from "@agentzero/agentzero/pipeline";
   *
   * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
   * for await (const { topic, data } of client.watch("job:dead:")) {
   *   console.log(topic, data);
   * }
   * ```
   */
  async *watch(
    topic = "",
    options: CallOptions = {},
  ): AsyncGenerator<WatchEvent, void> {
    requireCall(options, "watch()");
    requireText("The topic", topic);
    const { pipeline } = this.#options;
    yield* watchFeed(this.#sockets, {
      topic,
      pipeline,
      signal: options.signal,
      socketOptions: this.#socketOptions,
      describe: async (call) => {
        const answer = await this.#ask({ type: "describe" }, call);
        return readDescription(answer, pipeline);
      },
    }, options);
  }

  /**
   * Any request, as `docs/pipeline/wire.md` has them: in snake_case, as on the
   * wire.
   *
   * @throws {PipelineError} What the pipeline said, or `ERR_PIPELINE_TIMEOUT`.
   */
  async request(request: object, options: CallOptions = {}): Promise<Answer> {
    const { timeoutMs, signal } = options;
    requireCall({ timeoutMs, signal }, "request()");
    await this.#opened;
    return await this.#dealer.ask(request, { timeoutMs, signal });
  }

  /** Closes it: what waits fails. Safe to call again. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes it, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #socketOptions(): object {
    const { silenceMs } = this.#options;
    return {
      ...clientOptions(this.#options),
      ...heartbeats(silenceMs),
    };
  }

  async #submit(
    flow: string,
    payload: unknown,
    options: SubmitOptions & CallOptions,
  ): Promise<string> {
    const { id = newId(), jobTimeoutMs: timeoutMs } = options;
    const submission = toWire(
      { ...options, flow, id, timeoutMs },
      SUBMISSION,
    );
    const request = { type: "submit", ...submission, ...named(payload) };
    try {
      return (await this.#ask(request, options)).id as string;
    } catch (cause) {
      if (!(cause instanceof PipelineError)) throw cause;
      const { code, message } = cause;
      throw new PipelineError(code, message, { id, cause });
    }
  }

  /** Asks as a client that knows all of today's wire. */
  #ask(request: object, options?: CallOptions): Promise<Answer> {
    return this.request({ ...request, minor: WIRE_MINOR }, options);
  }

  async #result(
    id: string,
    waitMs: number,
    options: CallOptions,
  ): Promise<FlowInfo> {
    await this.#opened;
    const request = { type: "result", id, wait_ms: waitMs };
    const answer = await this.#dealer.ask(request, options, waitMs);
    return fromWire(answer, FLOW) as unknown as FlowInfo;
  }

  async #close(): Promise<void> {
    this.#dealer.close();
    // What it waits for, such as a name that is not known yet, ends with that.
    await this.#sockets.closeAll();
    await this.#opened.catch(() => {});
  }
}

/**
 * A payload as this client sends it: under the name that pipelines of every
 * release read. A request may be sent again to another release than the first
 * time, after a restart, and an older one would take `payload` for nothing.
 */
function named(payload: unknown): object {
  return { instructions: payload ?? null };
}

/** The items of a list that a pipeline gave. */
function infos<T>(list: unknown, shape: Shape): T[] {
  return (list as object[]).map((item) => fromWire(item, shape) as T);
}

function isFull(error: unknown): boolean {
  return error instanceof PipelineError && error.code === "ERR_PIPELINE_FULL";
}
