/**
 * Layer: pipeline/coordinator. What can be asked of a pipeline, by a program in
 * the same process, by a client over ZeroMQ, over HTTP: here is the one place
 * that does it.
 *
 * What is unfinished is read from the scheduler, all else from the store.
 *
 * @module
 */
import type { Submission } from "../scheduler/new_records.ts";
import { demandText, requireDuration, requireText } from "../model/check.ts";
import { checkList, checkPage } from "../model/check_list.ts";
import { PipelineError } from "../model/errors.ts";
import type { Graph } from "../model/graph.ts";
import { givenPayload, withInstructions } from "../model/former_names.ts";
import { flowIdOf } from "../model/job_states.ts";
import { newId } from "../model/new_id.ts";
import { pageOf } from "../model/page.ts";
import {
  FLOW_STATES,
  type FlowRecord,
  type FlowState,
  JOB_STATES,
  type JobEvent,
  type JobRecord,
  type JobState,
} from "../model/records.ts";
import { checkRetryAll, type RetryAllOptions } from "../model/retry_all.ts";
import type { JobStore, ListQuery, Page } from "../store/job_store.ts";
import type { Coordinator } from "./coordinator.ts";
import { BoundedLists } from "./bounded_lists.ts";
import type { FlowStatus, Stats } from "./overviews.ts";
import { checkSubmission, requireFreeId } from "./check_submission.ts";
import type { FlowWaiters } from "./flow_waiters.ts";
import type { Schedule, ScheduleStatus } from "./schedules.ts";

/** A submission, of a flow that the pipeline knows. */
export interface SubmitRequest
  extends Partial<Omit<Submission, "graph" | "name" | "payload">> {
  /** The name of the flow. */
  readonly name: string;
  /** What the first step gets; JSON text. */
  readonly payload?: string;
  /** @deprecated Use `payload`. */
  readonly instructions?: string;
}

/** A schedule, of a flow that the pipeline knows. */
export interface ScheduleRequest extends Omit<Schedule, "payload"> {
  /** What the first step gets, each time; JSON text. */
  readonly payload?: string;
  /** @deprecated Use `payload`. */
  readonly instructions?: string;
}

/** How many dead jobs are tried again at a time, and looked up at once, unless told. */
const RETRY_PAGE = 1000;

/** Everything that a pipeline can do for others. */
export class Operations {
  /**
   * Lists for answers over a network.
   *
   * @internal
   */
  readonly bounded: BoundedLists;
  readonly #coordinator: Coordinator;
  readonly #store: JobStore;
  readonly #flows: ReadonlyMap<string, Graph>;
  readonly #flowWaiters: FlowWaiters;

  /**
   * Makes them.
   *
   * @param flows The graph of each flow, by its name.
   * @internal
   */
  constructor(
    coordinator: Coordinator,
    store: JobStore,
    flows: ReadonlyMap<string, Graph>,
    flowWaiters: FlowWaiters,
  ) {
    this.#coordinator = coordinator;
    this.#store = store;
    this.#flows = flows;
    this.#flowWaiters = flowWaiters;
    this.bounded = new BoundedLists(this, coordinator.limits.maxPayloadBytes);
  }

  /** Why it takes no submissions at present, or cannot do its work; `undefined` while it can. */
  get trouble(): PipelineError | undefined {
    try {
      this.#coordinator.requireRunning();
      return this.#store.trouble ?? this.#coordinator.faults.trouble;
    } catch (error) {
      return error as PipelineError;
    }
  }

  /**
   * Submits a flow.
   *
   * @returns Its id, once it is kept; that of an older one if the id or the key
   *   says that it is the same.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_INVALID`,
   *   `ERR_PIPELINE_TOO_LARGE`, `ERR_PIPELINE_FULL`; `ERR_STORE_FAILED`: it was not taken, since the store
   *   fails at present.
   */
  async submit(
    given: SubmitRequest,
  ): Promise<{ id: string; isNew: boolean }> {
    const request = withPayload(given, "A submission");
    const { scheduler } = this.#coordinator;
    this.#coordinator.requireOpen();
    checkSubmission(request, this.#coordinator.limits);
    const isTaken = request.id !== undefined &&
      scheduler.flow(request.id) !== undefined;
    // One that was taken before the store failed is not refused when it is
    // asked for again: it will be kept with all the rest.
    if (!isTaken) this.#coordinator.requireRunning();
    const graph = this.#graphOf(request.name);
    const id = request.id ?? newId();
    const isKnown = request.id !== undefined &&
      scheduler.flow(id) === undefined &&
      this.#store.flow(id) !== undefined;
    if (isKnown) return { id, isNew: false };
    if (!isTaken) requireFreeId(id);
    const { flow, isNew } = scheduler.submit({ ...request, id, graph });
    const live = scheduler.flow(flow.id);
    // An older one may not be kept yet, either.
    await this.#kept();
    if (live?.refusal !== undefined) throw live.refusal;
    return { id: flow.id, isNew };
  }

  /**
   * A flow and its jobs.
   *
   * @param id Of the flow, or of one of its jobs.
   * @param page Of how many jobs, and from which on. Default: of all, which a flow
   *   with a long list has many of.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_INVALID`.
   */
  status(id: string, page: Page = {}): FlowStatus {
    demandText("id", id);
    checkPage(page);
    const flowId = flowIdOf(id);
    const live = this.#coordinator.scheduler.flow(flowId);
    if (live !== undefined) {
      const jobs = pageOf(live.jobs.values(), page).map((job) =>
        withInstructions({ ...job })
      );
      return { flow: { ...live.record }, jobs, jobCount: live.jobs.size };
    }
    const flow = this.#store.flow(flowId);
    if (flow === undefined) throw unknown("job", id);
    return {
      flow,
      jobs: this.#store.jobsOf(flowId, page).map(withInstructions),
      jobCount: this.#store.jobCountOf(flowId),
    };
  }

  /**
   * A job.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  job(id: string): JobRecord {
    demandText("id", id);
    const job = this.#coordinator.scheduler.job(id) ?? this.#store.job(id);
    if (job === undefined) throw unknown("job", id);
    return withInstructions({ ...job });
  }

  /**
   * Waits for the end of a flow.
   *
   * @param waitMs At most so long, in milliseconds.
   * @param isRemote Whether for somebody else: so many answers may wait.
   * @returns The flow, in whatever state it is then; an end is kept before it
   *   is told.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_CLOSED`,
   *   `ERR_PIPELINE_FULL` if too many answers wait, or the reason of the signal.
   */
  async wait(
    id: string,
    waitMs: number,
    signal?: AbortSignal,
    isRemote = false,
  ): Promise<FlowRecord> {
    this.#coordinator.requireOpen();
    requireDuration("waitMs", waitMs);
    signal?.throwIfAborted();
    const flow = this.#find(id);
    if (flow.state === "running" && waitMs > 0) {
      const { maxWaiting } = this.#coordinator.limits;
      if (isRemote) this.#flowWaiters.requireRoom(maxWaiting);
      await this.#flowWaiters.wait(flow.id, waitMs, signal);
      signal?.throwIfAborted();
      this.#coordinator.requireOpen();
    } else if (this.#coordinator.scheduler.flow(flow.id) !== undefined) {
      await this.#kept();
    }
    return { ...this.#find(flow.id) };
  }

  /**
   * Cancels a flow; its handlers' signals are aborted.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if it is finished.
   */
  async cancel(id: string): Promise<void> {
    this.#coordinator.requireRunning();
    const flow = this.#find(id);
    if (!this.#coordinator.cancel(flow.id)) {
      throw new PipelineError(
        "ERR_PIPELINE_STATE",
        `The job "${id}" is ${flow.state}: it cannot be cancelled`,
        { id },
      );
    }
    await this.#kept();
  }

  /**
   * Tries again what is dead, with fresh budgets.
   *
   * @param id Of a flow, for all its dead jobs, or of one of them.
   * @returns How many jobs there were.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if
   *   nothing is dead, or while another flow of its name and key runs.
   */
  async retry(id: string): Promise<number> {
    this.#coordinator.requireRunning();
    const count = this.#retry(id);
    if (count === 0) {
      throw new PipelineError(
        "ERR_PIPELINE_STATE",
        `The job "${id}" is not dead: it cannot be tried again`,
        { id },
      );
    }
    await this.#kept();
    return count;
  }

  /**
   * Tries dead jobs of all flows again, with fresh budgets; the newest first. A
   * flow whose key another one has at present is left out.
   *
   * @param options Of which type, default all; and of how many jobs at most,
   *   default 1,000, up to 10,000. A flow is not divided, so it may be more.
   * @returns How many jobs there were. Where that is the limit, there may be more.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN`.
   */
  async retryAll(options: RetryAllOptions = {}): Promise<number> {
    checkRetryAll(options);
    const { type, limit = RETRY_PAGE } = options;
    this.#coordinator.requireRunning();
    if (type !== undefined) this.#requireType(type);
    let count = 0;
    let before: string | undefined;
    while (count < limit) {
      const page = this.#store.jobs({
        states: ["dead"],
        name: type,
        limit: Math.min(limit, RETRY_PAGE),
        before,
        payloads: false,
      });
      for (const id of new Set(page.map(({ flowId }) => flowId))) {
        if (count < limit) count += this.#retryIfFree(id, type);
      }
      await this.#kept();
      before = page.at(-1)?.id;
      if (before === undefined || this.#store.job(before) === undefined) break;
      this.#coordinator.requireRunning();
    }
    return count;
  }

  /**
   * Lets no job of a type begin; jobs that workers have go on. It outlives a
   * restart.
   *
   * @param jobType The type; all, where this is absent.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async pause(jobType?: string): Promise<void> {
    await this.#setPaused(jobType, true);
  }

  /**
   * Lets jobs of a type begin again.
   *
   * @param jobType The type; all, where this is absent.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async resume(jobType?: string): Promise<void> {
    await this.#setPaused(jobType, false);
  }

  /**
   * Asks workers to finish what they have and to leave.
   *
   * @param of A worker's id or a job type; all, where this is absent.
   * @returns How many were asked.
   */
  drain(of?: string): number {
    requireText("of", of);
    const ids = [...this.#coordinator.workers.values()].filter(({ id, info }) =>
      of === undefined || of === id || of === info.jobType
    ).map(({ id }) => id);
    this.#coordinator.drain(ids);
    return ids.length;
  }

  /**
   * Submits a flow by the clock from now on, instead of what had this id.
   *
   * @returns When it is due, in milliseconds since 1970.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN`,
   *   `ERR_PIPELINE_TOO_LARGE`.
   */
  async schedule(schedule: ScheduleRequest): Promise<number> {
    this.#coordinator.requireRunning();
    const nextAt = this.#coordinator.schedules.put(
      withPayload(schedule, "A schedule"),
    );
    await this.#kept();
    return nextAt;
  }

  /**
   * Ends a schedule.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async unschedule(id: string): Promise<void> {
    demandText("id", id);
    this.#coordinator.requireRunning();
    if (!this.#coordinator.schedules.remove(id)) throw unknown("schedule", id);
    await this.#kept();
  }

  /** What is submitted by the clock, the next one first. */
  schedules(): ScheduleStatus[] {
    return this.#coordinator.schedules.list().map(withInstructions);
  }

  /**
   * Flows, newest first.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN` if that of `before` is
   *   forgotten: the page that it ended cannot be gone on from.
   */
  flows(query: ListQuery<FlowState>): FlowRecord[] {
    checkList(query, FLOW_STATES);
    const { before } = query;
    if (before !== undefined && this.#store.flow(before) === undefined) {
      throw unknown("flow", before);
    }
    return this.#store.flows(query);
  }

  /**
   * Jobs, newest first.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, likewise.
   */
  jobs(query: ListQuery<JobState>): JobRecord[] {
    checkList(query, JOB_STATES);
    const { before } = query;
    if (before !== undefined && this.#store.job(before) === undefined) {
      throw unknown("job", before);
    }
    return this.#store.jobs(query).map(withInstructions);
  }

  /**
   * What happened to a job, oldest first.
   *
   * @param page How many lines, and from which on. Default: all.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
   */
  timeline(jobId: string, page: Page = {}): JobEvent[] {
    demandText("id", jobId);
    checkPage(page);
    return this.#store.events(jobId, page);
  }

  /** A pipeline at a glance. */
  stats(): Stats {
    const { scheduler, workers } = this.#coordinator;
    return {
      counts: this.#store.counts(),
      lanes: [...scheduler.queues.values()].map((
        { jobType, waiting, running, isPaused },
      ) => ({ jobType, waiting: waiting.size, running, isPaused })),
      workers: [...workers.values()],
      errors: this.#coordinator.faults.counts,
    };
  }

  async #setPaused(
    jobType: string | undefined,
    isPaused: boolean,
  ): Promise<void> {
    this.#coordinator.requireRunning();
    const { scheduler } = this.#coordinator;
    if (jobType !== undefined) this.#requireType(jobType);
    for (
      const one of jobType === undefined ? scheduler.queues.keys() : [jobType]
    ) {
      scheduler.pause(one, isPaused);
    }
    await this.#kept();
  }

  #requireType(jobType: string): void {
    demandText("The job type", jobType);
    if (this.#coordinator.scheduler.queues.has(jobType)) return;
    throw unknown("job type", jobType);
  }

  /** @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if its key is taken. */
  #retry(id: string, jobType?: string): number {
    const flow = this.#find(id);
    const { scheduler } = this.#coordinator;
    if (scheduler.flow(flow.id) === undefined && flow.state === "failed") {
      scheduler.restore(flow, this.#store.jobsOf(flow.id));
    }
    return scheduler.retry(id, jobType);
  }

  #retryIfFree(id: string, jobType?: string): number {
    try {
      return this.#retry(id, jobType);
    } catch (error) {
      if ((error as PipelineError).code === "ERR_PIPELINE_STATE") return 0;
      throw error;
    }
  }

  #graphOf(name: string): Graph {
    demandText("The name of the flow", name);
    const graph = this.#flows.get(name);
    if (graph !== undefined) return graph;
    const known = [...this.#flows.keys()].join('", "');
    throw new PipelineError(
      "ERR_PIPELINE_UNKNOWN",
      `There is no flow "${name}"; there is "${known}"`,
    );
  }

  /** A flow, which may still change. */
  #find(id: string): FlowRecord {
    demandText("id", id);
    const flowId = flowIdOf(id);
    const flow = this.#coordinator.scheduler.flow(flowId)?.record ??
      this.#store.flow(flowId);
    if (flow === undefined) throw unknown("job", id);
    return flow;
  }

  #kept(): Promise<void> {
    return this.#coordinator.commits.committed();
  }
}

/** What was given, with its payload under today's name; whoever keeps it checks it. */
function withPayload<
  T extends { readonly payload?: string; readonly instructions?: string },
>(request: T, what: string): T & { readonly payload: string } {
  const payload = givenPayload(request, what) as string;
  return request.instructions === undefined
    ? request as T & { readonly payload: string }
    : { ...request, payload, instructions: undefined };
}

function unknown(what: string, id: string): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_UNKNOWN",
    `There is no ${what} "${id}"`,
    { id },
  );
}
