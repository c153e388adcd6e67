/**
 * Layer: pipeline/client. The client of a pipeline, for other processes: submits
 * flows, waits for results, reads, and controls.
 *
 * @module
 */
import { SocketManager } from "../../manager/mod.ts";
import { RAW } from "../../serializers/mod.ts";
import { checkOptionalText } from "../model/check.ts";
import { checkList, checkSearch } from "../model/check_list.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { withInstructions } from "../model/former_names.ts";
import type { JobLogLine } from "../model/job_log.ts";
import { idOf } from "../model/shards.ts";
import {
  FLOW_STATES,
  type FlowFailure,
  type FlowState,
  JOB_STATES,
  type JobState,
} from "../model/records.ts";
import { checkRetryAll, type RetryAllOptions } from "../model/retry_all.ts";
import { addressList, shownAddress } from "../model/pipeline_addresses.ts";
import { clientOptions } from "../model/security.ts";
import type {
  ScheduleOptions,
  SubmitManyOptions,
  SubmitOptions,
} from "../model/submit_options.ts";
import { unfinished } from "../model/unfinished.ts";
import { nameOf, type Submittable } from "../define/chain.ts";
import { loadTelemetry } from "../telemetry/opentelemetry.ts";
import { Submissions } from "../telemetry/submissions.ts";
import { WIRE_MINOR } from "../protocol/messages.ts";
import { heartbeats } from "../protocol/heartbeat.ts";
import { sleep } from "../../async/pending_call.ts";
import {
  EVENT,
  FAILURE,
  FLOW,
  fromWire,
  JOB,
  SCHEDULE,
  type Shape,
  STATS,
  STATUS,
} from "../protocol/names.ts";
import {
  checkClientOptions,
  checkScheduling,
  checkStatus,
  checkSubmit,
  checkSubmitMany,
  type ClientOptions,
  type ListOptions,
  type PageOptions,
  payloadJson,
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
import type { Answer, CallOptions } from "../protocol/request_dealer.ts";
import { isSharded, RequestRouter } from "./request_router.ts";
import { searchAll } from "./search_all.ts";
import { submissionFields } from "./submission_fields.ts";
import { chunksOf, prepareAll } from "./submission_chunks.ts";
import { SubmitMany } from "./submit_many.ts";
import { watchAll, type WatchEvent } from "./watch_feed.ts";

/** The interval at which a result is requested while the pipeline holds back as many answers as it may, in milliseconds. */
const FULL_MS = 500;
/** How many lines of a timeline one request asks for. */
const EVENT_PAGE = 1000;
/** The longest that one request waits for a result, in milliseconds. */
const WAIT_MS = 30_000;
/** No options, which need no check. */
const NONE: CallOptions & SubmitOptions = Object.freeze({});

/**
 * A client of a pipeline. Calls wait for a pipeline that is not running; every
 * call accepts a timeout and an `AbortSignal`.
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
  readonly #router = new RequestRouter();
  readonly #opened: Promise<void>;
  /** Traces submissions, if OpenTelemetry is there. */
  #submissions: Submissions | undefined;
  #loaded: Promise<void> | undefined;
  /** Whether all calls need is there: they do not wait for it again, which took two promises of each. */
  #isReady = false;
  #closing: Promise<void> | undefined;

  /**
   * Connects; the pipeline may start later.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, or `ERR_PIPELINE_INSECURE`
   *   for a token and an address beyond loopback.
   */
  constructor(options: ClientOptions) {
    checkClientOptions(options);
    this.#options = options;
    this.#opened = this.#router.open({
      sockets: this.#sockets,
      addresses: addressList(options.pipeline),
      socketOptions: this.#socketOptions,
    });
    this.#opened.catch(() => {}); // every call rejects with it
  }

  /**
   * Submits a flow. The client chooses an id, unless you give one, so that a
   * submission which it repeats because no answer came counts once. An error has
   * that id: after `ERR_PIPELINE_TIMEOUT` or `ERR_PIPELINE_CLOSED` the flow may or
   * may not have been accepted, and you can submit it again with
   * `{ id: error.id }`.
   *
   * @param what The flow, its first step, or its name.
   * @param payload The input of its first step: any JSON value.
   * @returns Its id, once the pipeline has committed it.
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
   *   // Later, perhaps in another process: it runs once in any case.
   *   await client.submit("invoice", order, { id: error.id });
   * }
   * ```
   */
  async submit<I>(
    what: Submittable<I>,
    payload: I,
    options: SubmitOptions & CallOptions = NONE,
  ): Promise<string> {
    if (options !== NONE) checkSubmit(options);
    const flow = nameOf(what);
    const json = payloadJson(payload);
    const { traceparent } = options;
    if (!this.#isReady) await this.#prepare();
    const submissions = this.#submissions;
    if (submissions === undefined || !submissions.isOn) {
      return await this.#submit(flow, json, options, traceparent);
    }
    const pipeline = shownAddress(this.#options.pipeline);
    return await submissions.submit(
      { flow, traceparent, pipeline },
      (traceparent) => this.#submit(flow, json, options, traceparent),
    );
  }

  /**
   * Submits many flows, several times as fast as one by one: in requests of up to
   * 1,000, each of which is accepted as a whole, in one commit, or not at all.
   * Nothing is sent if one of the payloads or options is invalid.
   *
   * An error has the `ids` of all of them. Of what was submitted with them some
   * requests may have been accepted; submitted again with the same ids, each flow
   * counts once. An older pipeline gets them one by one.
   *
   * @param what The flow, its first step, or its name.
   * @param payloads The input of its first step, for each flow: any JSON value.
   * @param options What holds for all of them; `optionsOf` says what is for one.
   * @returns Their ids, in the order of the payloads, once the pipeline has
   *   committed all of them.
   * @throws {PipelineError} See {@link PipelineClient.submit}.
   *
   * @example
   * ```ts no-run
   * import { PipelineClient } from "@agentzero/agentzero/pipeline";
   *
   * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
   * const orders = [{ order: 1234 }, { order: 1235 }];
   * const ids = await client.submitMany("invoice", orders, {
   *   timeoutMs: 10_000,
   *   optionsOf: ({ order }) => ({ id: `invoice-${order}` }),
   * });
   * ```
   */
  async submitMany<I>(
    what: Submittable<I>,
    payloads: readonly I[],
    options: SubmitManyOptions<I> & CallOptions = NONE,
  ): Promise<string[]> {
    checkSubmitMany(options);
    const flow = nameOf(what);
    const { timeoutMs, signal, optionsOf, ...shared } = options;
    const call = { timeoutMs, signal };
    const prepared = prepareAll(payloads, optionsOf);
    if (!this.#isReady) await this.#prepare();
    const run = (traceparent: string | undefined) =>
      new SubmitMany(flow, { ...shared, traceparent }, call, {
        ask: (request, call, extras) => this.#router.ask(request, call, extras),
        submit: (payload, options, traceparent) =>
          this.#submit(flow, payload, options, traceparent),
      }).run([...chunksOf(prepared, this.#router.shards)]);
    const send = async (traceparent: string | undefined) => {
      try {
        return await run(traceparent);
      } catch (error) {
        if (!isSharded(error)) throw error; // none was accepted
        await this.#router.countShards(call);
        return await run(traceparent);
      }
    };
    const { traceparent } = shared;
    const submissions = this.#submissions;
    if (submissions === undefined) return await send(traceparent);
    const pipeline = shownAddress(this.#options.pipeline);
    return await submissions.submitMany(
      { flow, traceparent, pipeline },
      payloads.length,
      send,
    );
  }

  /**
   * Waits for the result of a flow.
   *
   * @throws {PipelineError} `ERR_PIPELINE_FAILED`, `ERR_PIPELINE_CANCELLED`,
   *   `ERR_PIPELINE_TIMEOUT`, `ERR_PIPELINE_UNKNOWN`.
   */
  async result<T = unknown>(
    id: string,
    options: CallOptions = NONE,
  ): Promise<T> {
    if (options !== NONE) requireCall(options, "result()");
    const { timeoutMs = Infinity, signal } = options;
    const isEndless = timeoutMs === Infinity; // then no clock is read
    const endsAt = isEndless ? Infinity : performance.now() + timeoutMs;
    let isRoom = true;
    for (;;) {
      const leftMs = isEndless
        ? Infinity
        : Math.max(0, endsAt - performance.now());
      const waitMs = isRoom ? Math.ceil(Math.min(WAIT_MS, leftMs)) : 0;
      isRoom = true;
      const flow = await this.#result(id, waitMs, {
        // Also ends the wait for a pipeline that is not running.
        timeoutMs: isEndless ? undefined : leftMs + 1000,
        signal,
      });
      if (flow === undefined) {
        // The pipeline holds back as many answers as it may: poll instead.
        await sleep(Math.min(FULL_MS, leftMs), signal);
        isRoom = false;
        continue;
      }
      if (flow.state === "completed") return flow.result as T;
      if (flow.state !== "running" || performance.now() >= endsAt) {
        const error = fromWire(Object(flow.error), FAILURE);
        throw unfinished(
          flow.id as string,
          flow.state as FlowState,
          flow.error === undefined
            ? undefined
            : error as unknown as FlowFailure,
        );
      }
    }
  }

  /**
   * A flow and its jobs, oldest first.
   *
   * @param given How long to wait, and for a flow with many jobs, which of them
   *   to return. Large payloads make them fewer than `limit`.
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

  /** The timeline of a job, oldest first: all of it, requested page by page. */
  async timeline(id: string, options?: CallOptions): Promise<EventInfo[]> {
    const all: EventInfo[] = [];
    for (;;) {
      const page = { limit: EVENT_PAGE, offset: all.length };
      const request = { type: "timeline", id, ...page };
      const { events } = await this.#ask(request, options);
      const some = infos<EventInfo>(events, EVENT);
      for (const one of some) all.push(one);
      // An older pipeline answers with all lines at once.
      if (some.length !== EVENT_PAGE) return all;
    }
  }

  /**
   * What a job has logged with `context.log`, oldest first: the last lines, some
   * 32 KiB of them. They are kept as long as the job.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   *
   * @example
   * ```ts no-run
   * import { PipelineClient } from "@agentzero/agentzero/pipeline";
   *
   * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
   * for (const { time, msg } of await client.logs("some-id")) console.log(time, msg);
   * ```
   */
  async logs(id: string, options?: CallOptions): Promise<JobLogLine[]> {
    return (await this.#ask({ type: "logs", id }, options))
      .lines as JobLogLine[];
  }

  /** Cancels a flow, and aborts the signals of its handlers. */
  async cancel(id: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "cancel", id }, options);
  }

  /**
   * Retries dead jobs.
   *
   * @param id Of a flow, for all its dead jobs, or of one of them.
   * @returns How many jobs are retried.
   */
  async retry(id: string, options?: CallOptions): Promise<number> {
    return (await this.#ask({ type: "retry", id }, options)).count as number;
  }

  /**
   * Retries dead jobs of all flows, with fresh budgets, the newest first. It skips
   * a flow whose key another running flow has.
   *
   * @param which The job type, default all; and how many jobs at most, default
   *   1,000, up to 10,000. Flows are not divided, so it may be some more.
   * @returns How many jobs are retried; 0 once none is left.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN` for
   *   an unknown job type.
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

  /**
   * Lets delayed jobs start now, that wait for a time or for their next attempt.
   *
   * @param id Of a flow, for all its delayed jobs, or of one of them.
   * @returns How many they are.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if none is
   *   delayed.
   */
  async promote(id: string, options?: CallOptions): Promise<number> {
    return (await this.#ask({ type: "promote", id }, options)).count as number;
  }

  /**
   * Changes the priority of unfinished jobs; those that wait go behind the others
   * of their new priority.
   *
   * @param id Of a flow, for its unfinished jobs and those to come, or of one of
   *   its jobs.
   * @param priority The higher, the sooner; a whole number.
   * @returns How many jobs it changes.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if it is
   *   finished, `ERR_PIPELINE_INVALID`.
   */
  async setPriority(
    id: string,
    priority: number,
    options?: CallOptions,
  ): Promise<number> {
    const request = { type: "set_priority", id, priority };
    return (await this.#ask(request, options)).count as number;
  }

  /**
   * Removes a flow with all its jobs, as when it expires. One that waits is
   * cancelled before.
   *
   * @param id Of the flow, or of one of its jobs.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` while a
   *   worker has a job of it: cancel it first.
   *
   * @example Removes all dead flows of a name
   * ```ts no-run
   * import { PipelineClient } from "@agentzero/agentzero/pipeline";
   *
   * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
   * const failed = { states: ["failed"], name: "resize" } as const;
   * for (;;) {
   *   const flows = await client.flows(failed);
   *   if (flows.length === 0) break;
   *   for (const { id } of flows) await client.remove(id);
   * }
   * ```
   */
  async remove(id: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "remove", id }, options);
  }

  /** Starts no more jobs, of one type or of all; running jobs go on. */
  async pause(jobType?: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "pause", job_type: jobType }, options);
  }

  /** Starts jobs again, of one type or of all. */
  async resume(jobType?: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "resume", job_type: jobType }, options);
  }

  /**
   * Asks workers to finish their jobs and to leave.
   *
   * @param of The id of a worker, or a job type. Default: all workers.
   * @returns How many workers were asked.
   */
  async drain(of?: string, options?: CallOptions): Promise<number> {
    return (await this.#ask({ type: "drain", of }, options)).count as number;
  }

  /**
   * Flows, newest first. It searches as {@link PipelineClient.jobs} does.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN` if the one in `before` has
   *   expired.
   *
   * @example The flow of an order
   * ```ts no-run
   * import { PipelineClient } from "@agentzero/agentzero/pipeline";
   *
   * await using client = new PipelineClient({ pipeline: "tcp://127.0.0.1:7450" });
   * const [flow] = await client.flows({ key: "order-1234", limit: 1 });
   * console.log(flow?.id, flow?.state);
   * ```
   */
  async flows(
    query: ListOptions<FlowState> = {},
    options?: CallOptions,
  ): Promise<FlowInfo[]> {
    const flows = await this.#list("flows", query, FLOW_STATES, options);
    return infos(flows, FLOW);
  }

  /**
   * Jobs, newest first. With `key` or `search` it asks until it has found enough,
   * or has looked at all: the pipeline looks for 0.2 s at a time.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN` if the one in `before` has
   *   expired; for a search `ERR_PIPELINE_INVALID` from a pipeline that is too old
   *   for that.
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
    const jobs = await this.#list("jobs", query, JOB_STATES, options);
    return infos<JobInfo>(jobs, JOB).map(withInstructions);
  }

  /** Counts, queues, workers and errors of the pipeline. */
  async stats(options?: CallOptions): Promise<StatsInfo> {
    const answer = await this.#ask({ type: "stats" }, options);
    return fromWire(answer, STATS) as unknown as StatsInfo;
  }

  /**
   * Adds a schedule, or replaces the one with this id. Each time is submitted
   * exactly once, also across restarts of the pipeline.
   *
   * @param id Letters, digits, `-` and `_`, 64 at most.
   * @param what The flow, its first step, or its name.
   * @param payload The input of its first step, each time: any JSON value.
   * @returns When it is due next, in milliseconds since 1970.
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
    const answer = await this.#ask(
      { type: "schedule", id, flow, ...rest },
      { timeoutMs, signal },
      payloadJson(payload),
    );
    return answer.next_at as number;
  }

  /**
   * Removes a schedule.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async unschedule(id: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "unschedule", id }, options);
  }

  /**
   * Pauses a schedule: nothing is submitted until it is resumed, also across
   * restarts of the pipeline.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async pauseSchedule(id: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "pause_schedule", id }, options);
  }

  /**
   * Resumes a schedule. Times that have passed meanwhile are skipped.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if it has
   *   no time to come.
   */
  async resumeSchedule(id: string, options?: CallOptions): Promise<void> {
    await this.#ask({ type: "resume_schedule", id }, options);
  }

  /** The schedules, the next one first. */
  async schedules(options?: CallOptions): Promise<ScheduleInfo[]> {
    const answer = await this.#ask({ type: "schedules" }, options);
    return infos<ScheduleInfo>(answer.schedules, SCHEDULE)
      .map(withInstructions);
  }

  /**
   * Watches the events of the pipeline, until the iteration ends, the signal is
   * aborted or the client is closed. A slow watcher misses events and delays
   * nothing. It reconnects to a restarted pipeline, also on other ports; events
   * until then are missed.
   *
   * @param topic The prefix of the topics, such as `"job:"` or `"logs:resize:"`.
   *   Default: all topics.
   * @returns An iterable; it connects once something iterates.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
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
  watch(
    topic = "",
    options: CallOptions = {},
  ): AsyncGenerator<WatchEvent, void> {
    // At once, not when somebody iterates: a listener as with `pipeline.watch`
    // would never be called, without a word.
    requireCall(options, "watch()");
    checkOptionalText("The topic", topic);
    return this.#watch(topic, options);
  }

  /**
   * Sends any request of `docs/pipeline/wire.md`, in snake_case as on the wire.
   * With `minor: 1` the answer calls a payload `payload`, without it
   * `instructions`.
   *
   * @throws {PipelineError} The error of the pipeline, or `ERR_PIPELINE_TIMEOUT`.
   */
  async request(request: object, options: CallOptions = {}): Promise<Answer> {
    const { timeoutMs, signal } = options;
    requireCall({ timeoutMs, signal }, "request()");
    return await this.#request({ ...request }, { timeoutMs, signal });
  }

  /** Closes the client; pending calls reject. Safe to call again. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes the client, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#watch(
    topic: string,
    options: CallOptions,
  ): AsyncGenerator<WatchEvent, void> {
    await this.#opened;
    await this.#router.countShards(options);
    yield* watchAll(
      {
        sockets: this.#sockets,
        socketOptions: this.#socketOptions,
        parts: this.#router.parts,
      },
      topic,
      options,
    );
  }

  get #socketOptions(): object {
    const { silenceMs } = this.#options;
    return {
      ...clientOptions(this.#options),
      ...heartbeats(silenceMs),
    };
  }

  /** Connects, and loads OpenTelemetry. */
  async #prepare(): Promise<void> {
    this.#loaded ??= loadTelemetry((api) => new Submissions(api))
      .then((submissions) => void (this.#submissions = submissions));
    await this.#loaded;
    await this.#opened;
    this.#isReady = true;
  }

  /** @param payload JSON text. */
  async #submit(
    flow: string,
    payload: string,
    options: SubmitOptions & CallOptions,
    traceparent: string | undefined,
  ): Promise<string> {
    const id = idOf(options, this.#router.shards);
    const request = {
      type: "submit",
      minor: WIRE_MINOR,
      flow,
      id,
      ...options === NONE ? undefined : submissionFields(options),
      traceparent,
    };
    try {
      const answer = await this.#router.ask(request, options, { payload });
      return answer.id as string;
    } catch (cause) {
      if (!(cause instanceof PipelineError)) throw cause;
      const { code, message } = cause;
      throw new PipelineError(code, message, { id, cause });
    }
  }

  /** Lists, or searches until as many are found as are asked for. */
  async #list(
    of: "flows" | "jobs",
    query: ListOptions<string>,
    states: readonly string[],
    options: CallOptions = NONE,
  ): Promise<unknown> {
    if (query.key === undefined && query.search === undefined) {
      checkList(query, states);
      return (await this.#ask({ ...query, type: "list", of }, options))[of];
    }
    checkSearch(query, states);
    const search = { ...query, type: "search", of };
    return await searchAll(
      (part, call) => this.#ask({ ...search, ...part }, call),
      of,
      query.limit,
      options,
    );
  }

  /** Sends a request with the minor version that this client knows. */
  async #ask(
    request: object,
    options: CallOptions = NONE,
    payload?: string,
  ): Promise<Answer> {
    const { timeoutMs, signal } = options;
    requireCall({ timeoutMs, signal }, "request()");
    const all = { ...request, minor: WIRE_MINOR };
    return await this.#request(all, { timeoutMs, signal }, payload);
  }

  /** @param request A new object. Returns the answer without its status. */
  async #request(
    request: Record<string, unknown>,
    options: CallOptions,
    payload?: string,
  ): Promise<Answer> {
    await this.#opened;
    const { status: _status, request_id: _id, ...answer } = await this.#router
      .ask(request, options, { payload });
    return answer;
  }

  /** The flow as on the wire; `undefined` if the pipeline holds back as many answers as it may. */
  async #result(
    id: string,
    waitMs: number,
    options: CallOptions,
  ): Promise<Answer | undefined> {
    const request = { type: "result", minor: WIRE_MINOR, id, wait_ms: waitMs };
    if (!this.#isReady) await this.#prepare();
    try {
      return await this.#router.ask(request, options, { answerMs: waitMs });
    } catch (error) {
      if (waitMs > 0 && isFull(error)) return undefined;
      throw error;
    }
  }

  async #close(): Promise<void> {
    this.#router.close();
    // Also ends a wait for a host name that does not resolve yet.
    await this.#sockets.closeAll();
    await this.#opened.catch(() => {});
  }
}

/** The items of a list in an answer. */
function infos<T>(list: unknown, shape: Shape): T[] {
  return (list as object[]).map((item) => fromWire(item, shape) as T);
}

function isFull(error: unknown): boolean {
  return error instanceof PipelineError && error.code === "ERR_PIPELINE_FULL";
}
