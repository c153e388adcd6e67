/**
 * Layer: pipeline/coordinator. The operations of a pipeline, for the program in the
 * same process and for clients over ZeroMQ and HTTP.
 *
 * Unfinished flows are read from the scheduler, all others from the store.
 *
 * @module
 */
import {
  checkOptionalText,
  requireDuration,
  requireText,
  requireWhole,
} from "../model/check.ts";
import { checkPage } from "../model/check_list.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import type { Graph } from "../model/graph.ts";
import { withInstructions } from "../model/former_names.ts";
import { flowIdOf } from "../model/job_states.ts";
import { type JobLogLine, readJobLog } from "../model/job_log.ts";
import { requireShard } from "../model/shards.ts";
import { pageOf } from "../model/page.ts";
import type {
  FlowRecord,
  FlowState,
  JobEvent,
  JobRecord,
  JobState,
} from "../model/records.ts";
import { checkRetryAll, type RetryAllOptions } from "../model/retry_all.ts";
import type { Retry } from "../scheduler/job_scheduler.ts";
import type {
  Awaitable,
  JobStore,
  ListQuery,
  Page,
} from "../store/job_store.ts";
import type { Coordinator } from "./coordinator.ts";
import { isFenced } from "./commit_queue.ts";
import { BoundedLists } from "./bounded_lists.ts";
import type { FlowStatus, Stats } from "./overviews.ts";
import type { FlowWaiters } from "./flow_waiters.ts";
import { Lists } from "./lists.ts";
import type { Search, SearchResult } from "./searches.ts";
import type { Schedule, ScheduleStatus } from "./schedule_entry.ts";
import {
  type SubmitRequest,
  type Submitted,
  Submitter,
  withPayload,
} from "./submitter.ts";
import { unknown } from "./unknown.ts";

/** A schedule, of a flow that the pipeline knows. */
export interface ScheduleRequest extends Omit<Schedule, "payload"> {
  /** What the first step gets, each time; JSON text. */
  readonly payload?: string;
  /** @deprecated Use `payload`. */
  readonly instructions?: string;
}

/** The default number of dead jobs that are retried together, and the number that is read at once. */
const RETRY_PAGE = 1000;

/** The operations of a pipeline. */
export class Operations {
  /**
   * Lists for answers over a network.
   *
   * @internal
   */
  readonly bounded: BoundedLists;
  readonly #coordinator: Coordinator;
  readonly #store: JobStore;
  readonly #flowWaiters: FlowWaiters;
  readonly #submitter: Submitter;
  readonly #lists: Lists;

  /**
   * Creates the operations.
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
    this.#flowWaiters = flowWaiters;
    this.#submitter = new Submitter(coordinator, store, flows);
    this.#lists = new Lists(store);
    this.bounded = new BoundedLists(this, coordinator.limits.maxPayloadBytes);
  }

  /** Why the pipeline refuses submissions, or cannot work; `undefined` while it works. */
  get trouble(): PipelineError | undefined {
    try {
      const { error } = this.#coordinator.commits;
      if (isFenced(error)) return error; // which is why it is closed
      this.#coordinator.requireRunning();
      return this.#store.trouble ?? this.#coordinator.faults.trouble;
    } catch (error) {
      return error as PipelineError;
    }
  }

  /** The largest payload that the pipeline takes, in bytes of JSON. */
  get maxPayloadBytes(): number {
    return this.#coordinator.limits.maxPayloadBytes;
  }

  /**
   * Submits a flow.
   *
   * @returns Its id, once it is committed; that of an existing flow if it has the
   *   same id, or the same name and key.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_INVALID`,
   *   `ERR_PIPELINE_TOO_LARGE`, `ERR_PIPELINE_FULL`; `ERR_STORE_FAILED` if
   *   the store fails at present.
   */
  submit(request: SubmitRequest): Promise<Submitted> {
    return this.#submitter.submit(request);
  }

  /**
   * Submits flows: all of them in one commit, or none.
   *
   * @returns As {@link Operations.submit} does, one for each, in the order given.
   * @throws {PipelineError} As {@link Operations.submit} does, for the first that
   *   cannot be accepted; then none is. With `ERR_STORE_FAILED` and an `id`, the
   *   store cannot keep that one flow, and the others are accepted.
   */
  submitMany(requests: readonly SubmitRequest[]): Promise<Submitted[]> {
    return this.#submitter.submitMany(requests);
  }

  /**
   * A flow and its jobs.
   *
   * @param id Of the flow, or of one of its jobs.
   * @param page The part of its jobs. Default: all of them.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_INVALID`.
   */
  async status(id: string, page: Page = {}): Promise<FlowStatus> {
    requireText("id", id);
    checkPage(page);
    const flowId = flowIdOf(id);
    const live = this.#coordinator.scheduler.flow(flowId);
    if (live !== undefined) {
      const jobs = pageOf(live.jobs.values(), page).map((job) =>
        withInstructions({ ...job })
      );
      return { flow: { ...live.record }, jobs, jobCount: live.jobs.size };
    }
    const [flow, jobs, jobCount] = await Promise.all([
      this.#store.flow(flowId),
      this.#store.jobsOf(flowId, page),
      this.#store.jobCountOf(flowId),
    ]);
    if (flow === undefined) throw unknown("job", id);
    return { flow, jobs: jobs.map(withInstructions), jobCount };
  }

  /**
   * A job.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async job(id: string): Promise<JobRecord> {
    requireText("id", id);
    const job = this.#coordinator.scheduler.job(id) ??
      await this.#store.job(id);
    if (job === undefined) throw unknown("job", id);
    return withInstructions({ ...job });
  }

  /**
   * Waits for the end of a flow.
   *
   * @param waitMs The maximum time, in milliseconds.
   * @param isRemote Whether for a client: their number is limited.
   * @returns The flow in its state at that time. Its end is committed before.
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
    const found = this.#find(id);
    const flow = found instanceof Promise ? await found : found;
    if (flow.state === "running" && waitMs > 0) {
      const { maxWaiting } = this.#coordinator.limits;
      if (isRemote) this.#flowWaiters.requireRoom(maxWaiting);
      const ended = await this.#flowWaiters.wait(flow.id, waitMs, signal);
      signal?.throwIfAborted();
      if (ended !== undefined) return ended;
      this.#coordinator.requireOpen();
    } else if (this.#coordinator.scheduler.flow(flow.id) === undefined) {
      return { ...flow };
    } else await this.#committed();
    const ended = this.#find(flow.id);
    return { ...(ended instanceof Promise ? await ended : ended) };
  }

  /**
   * Cancels a flow; its handlers' signals are aborted.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if it is finished.
   */
  async cancel(id: string): Promise<void> {
    this.#coordinator.requireRunning();
    const flow = await this.#find(id);
    if (!this.#coordinator.cancel(flow.id)) {
      throw cannot("cancel", id, `it is ${flow.state}`);
    }
    await this.#committed();
  }

  /**
   * Retries dead jobs with fresh budgets.
   *
   * @param id The id of a flow, for all its dead jobs, or of one job.
   * @returns How many jobs are retried.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if
   *   no job is dead, or while another flow of its name and key runs.
   */
  async retry(id: string): Promise<number> {
    this.#coordinator.requireRunning();
    const retry = await this.#retry(id);
    if (retry.count === 0) throw cannot("retry", id, "it is not dead");
    await this.#retried(retry);
    return retry.count;
  }

  /**
   * Retries dead jobs of all flows with fresh budgets, newest first. A flow is
   * skipped while another flow with the same name and key runs.
   *
   * @param options The job type, default all, and the maximum number of jobs,
   *   default 1,000, up to 10,000. Flows are not divided, so it may be more.
   * @returns How many jobs are retried. If that is the limit, there may be more.
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
      const page = await this.#store.jobs({
        states: ["dead"],
        name: type,
        limit: Math.min(limit, RETRY_PAGE),
        before,
        payloads: false,
      });
      const retries: Retry[] = [];
      for (const id of new Set(page.map(({ flowId }) => flowId))) {
        if (count >= limit) break;
        const retry = await this.#retryIfFree(id, type);
        retries.push(retry);
        count += retry.count;
      }
      for (const retry of retries) await this.#retried(retry);
      before = page.at(-1)?.id;
      if (before === undefined) break;
      if (await this.#store.job(before) === undefined) break;
      this.#coordinator.requireRunning();
    }
    return count;
  }

  /**
   * Lets delayed jobs start now, that wait for a time or for their next attempt.
   *
   * @param id The id of a flow, for all its delayed jobs, or of one job.
   * @returns How many they are.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if no job
   *   is delayed.
   */
  async promote(id: string): Promise<number> {
    this.#coordinator.requireRunning();
    await this.#find(id);
    const count = this.#coordinator.scheduler.promote(id);
    if (count === 0) throw cannot("promote", id, "it is not delayed");
    await this.#committed();
    return count;
  }

  /**
   * Changes the priority of unfinished jobs.
   *
   * @param id The id of a flow, for its unfinished jobs and those to come, or of
   *   one job.
   * @param priority The higher, the sooner; a whole number.
   * @returns How many jobs it changes.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_INVALID`,
   *   `ERR_PIPELINE_STATE` if it is finished.
   */
  async setPriority(id: string, priority: number): Promise<number> {
    requireWhole("priority", priority);
    this.#coordinator.requireRunning();
    await this.#find(id);
    const count = this.#coordinator.scheduler.setPriority(id, priority);
    if (count === 0) {
      throw cannot("change the priority of", id, "it is finished");
    }
    await this.#committed();
    return count;
  }

  /**
   * Removes a flow with all its jobs, as when it expires. One that waits is
   * cancelled before.
   *
   * @param id The id of the flow, or of one of its jobs.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if
   *   workers have jobs of it: cancel it first.
   */
  async remove(id: string): Promise<void> {
    this.#coordinator.requireRunning();
    const { scheduler, pruner } = this.#coordinator;
    const { id: flowId } = await this.#find(id);
    const live = scheduler.flow(flowId);
    if (live !== undefined) {
      if (scheduler.assignedOf(live).length > 0) {
        throw cannot("remove", id, "a worker has a job of it; cancel it first");
      }
      this.#coordinator.cancel(flowId);
      while (scheduler.flow(flowId) === live) await this.#committed();
    }
    await pruner.without(async () => {
      const flow = await this.#store.flow(flowId);
      this.#coordinator.requireRunning();
      if (scheduler.flow(flowId) !== undefined) {
        throw cannot("remove", id, "it is running again");
      }
      if (flow !== undefined) scheduler.remove(flow);
    });
    await this.#committed();
    await pruner.removed();
  }

  /**
   * Pauses a job type: no job of it starts. Jobs that workers have continue. The
   * pause survives a restart.
   *
   * @param jobType The job type. Default: all.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async pause(jobType?: string): Promise<void> {
    await this.#setPaused(jobType, true);
  }

  /**
   * Resumes a job type.
   *
   * @param jobType The job type. Default: all.
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async resume(jobType?: string): Promise<void> {
    await this.#setPaused(jobType, false);
  }

  /**
   * Asks workers to finish their jobs and to leave.
   *
   * @param of A worker's id or a job type. Default: all workers.
   * @returns How many were asked.
   */
  drain(of?: string): number {
    checkOptionalText("of", of);
    const ids = [...this.#coordinator.workers.values()].filter(({ id, info }) =>
      of === undefined || of === id || of === info.jobType
    ).map(({ id }) => id);
    this.#coordinator.workerManager.drain(ids);
    return ids.length;
  }

  /**
   * Adds a schedule, or replaces the one with the same id.
   *
   * @returns When it is due, in milliseconds since 1970.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN`,
   *   `ERR_PIPELINE_TOO_LARGE`.
   */
  async schedule(schedule: ScheduleRequest): Promise<number> {
    const { shard } = this.#store;
    if (shard !== undefined) requireShard({ id: schedule.id }, shard);
    this.#coordinator.requireRunning();
    const nextAt = this.#coordinator.schedules.put(
      withPayload(schedule, "A schedule"),
    );
    await this.#committed();
    return nextAt;
  }

  /**
   * Removes a schedule.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async unschedule(id: string): Promise<void> {
    requireText("id", id);
    this.#coordinator.requireRunning();
    if (!this.#coordinator.schedules.remove(id)) throw unknown("schedule", id);
    await this.#committed();
  }

  /**
   * Pauses a schedule: nothing is submitted until it is resumed. That survives a
   * restart, and replacing it.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async pauseSchedule(id: string): Promise<void> {
    await this.#setSchedulePaused(id, true);
  }

  /**
   * Resumes a schedule, with its next time from now on.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if it has
   *   no time to come.
   */
  async resumeSchedule(id: string): Promise<void> {
    await this.#setSchedulePaused(id, false);
  }

  /** All schedules, the next one first. */
  schedules(): ScheduleStatus[] {
    return this.#coordinator.schedules.list().map(withInstructions);
  }

  /**
   * Flows, newest first.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN` if the flow `before`
   *   was deleted: there is no next page without it.
   */
  flows(query: ListQuery<FlowState>): Promise<FlowRecord[]> {
    return this.#lists.flows(query);
  }

  /**
   * Jobs, newest first.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN` if the job `before` was deleted.
   */
  jobs(query: ListQuery<JobState>): Promise<JobRecord[]> {
    return this.#lists.jobs(query);
  }

  /**
   * Searches flows, newest first. It answers after some time, and the cursor says
   * where to go on.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN` as for
   *   {@link Operations.flows}, `ERR_PIPELINE_FULL` if too many searches wait.
   */
  searchFlows(
    query: Search<FlowState>,
  ): Promise<SearchResult<FlowRecord>> {
    return this.#lists.searchFlows(query);
  }

  /**
   * Searches jobs; see {@link Operations.searchFlows}.
   *
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_UNKNOWN`,
   *   `ERR_PIPELINE_FULL`.
   */
  searchJobs(query: Search<JobState>): Promise<SearchResult<JobRecord>> {
    return this.#lists.searchJobs(query);
  }

  /**
   * The history of a job, oldest event first.
   *
   * @param page The part of the history. Default: all.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
   */
  async timeline(jobId: string, page: Page = {}): Promise<JobEvent[]> {
    requireText("id", jobId);
    checkPage(page);
    return await this.#store.events(jobId, page);
  }

  /**
   * What a job has logged, oldest first: the last lines, some 32 KiB of them. Lines
   * that are lost on the way from the worker are not among them.
   *
   * @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`.
   */
  async logs(jobId: string): Promise<JobLogLine[]> {
    await this.job(jobId);
    this.#coordinator.scheduler.flushLogs();
    await this.#committed();
    return readJobLog(await this.#store.log(jobId));
  }

  /** A pipeline at a glance. */
  async stats(): Promise<Stats> {
    const [counts, members = []] = await Promise.all([
      this.#store.counts(),
      this.#store.lead?.members(),
    ]);
    const { scheduler, workers } = this.#coordinator;
    const queues = [...scheduler.queues.values()].map((
      { jobType, waiting, running, isPaused },
    ) => ({ jobType, waiting: waiting.size, running, isPaused }));
    return {
      counts,
      queues,
      lanes: queues, // words: ok, a former name
      workers: [...workers.values()],
      errors: this.#coordinator.faults.counts,
      members,
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
    await this.#committed();
  }

  async #setSchedulePaused(id: string, isPaused: boolean): Promise<void> {
    requireText("id", id);
    this.#coordinator.requireRunning();
    if (!this.#coordinator.schedules.pause(id, isPaused)) {
      throw unknown("schedule", id);
    }
    await this.#committed();
  }

  #requireType(jobType: string): void {
    requireText("The job type", jobType);
    if (this.#coordinator.scheduler.queues.has(jobType)) return;
    throw unknown("job type", jobType);
  }

  /** @throws {PipelineError} `ERR_PIPELINE_UNKNOWN`, `ERR_PIPELINE_STATE` if its key is taken. */
  #retry(id: string, jobType?: string): Promise<Retry> {
    // From now on nothing is pruned: the flow may have expired.
    return this.#coordinator.pruner.without(async () => {
      const { scheduler, recovery } = this.#coordinator;
      const retry = () => {
        this.#coordinator.requireRunning();
        return scheduler.retry(id, jobType);
      };
      const flow = await this.#find(id);
      if (scheduler.flow(flow.id) !== undefined || flow.state !== "failed") {
        return retry();
      }
      const retried = await recovery.failed(flow, retry);
      if (retried === undefined) throw unknown("job", id); // it is being deleted
      return retried;
    });
  }

  /** Waits until all jobs of a retry wait for a worker, and that is committed. */
  async #retried(retry: Retry): Promise<void> {
    do await this.#committed(); while (!retry.isDone());
  }

  async #retryIfFree(id: string, jobType?: string): Promise<Retry> {
    try {
      return await this.#retry(id, jobType);
    } catch (error) {
      const { code } = error as PipelineError;
      if (code !== "ERR_PIPELINE_STATE" && code !== "ERR_PIPELINE_UNKNOWN") {
        throw error;
      }
      return { count: 0, isDone: () => true };
    }
  }

  /** A flow, which may still change: the record itself if it is in memory. */
  #find(id: string): Awaitable<FlowRecord> {
    requireText("id", id);
    const flowId = flowIdOf(id);
    const found = (flow: FlowRecord | undefined) => {
      if (flow === undefined) throw unknown("job", id);
      return flow;
    };
    const flow = this.#coordinator.scheduler.flow(flowId)?.record ??
      this.#store.flow(flowId);
    return flow instanceof Promise ? flow.then(found) : found(flow);
  }

  #committed(): Promise<void> {
    return this.#coordinator.commits.committed();
  }
}

/** The error of an operation that comes too late, or too early. */
function cannot(what: string, id: string, why: string): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_STATE",
    `Cannot ${what} job "${id}": ${why}`,
    { id },
  );
}
