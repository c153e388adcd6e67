/**
 * Layer: pipeline/scheduler. The state of all unfinished work, and every rule for
 * how it changes. No I/O and no timers; it is passed a clock. So each rule can be
 * tested by itself.
 *
 * Every change is recorded in a change set, which the commit queue writes to the
 * store. `(id, attempt)` is a fencing token: the result of an abandoned attempt is
 * recorded as late, and changes nothing.
 *
 * @module
 */
import type { PipelineError } from "../model/pipeline_error.ts";
import { isAssigned, isDelayed, isFinal } from "../model/job_states.ts";
import type {
  FlowRecord,
  FlowState,
  JobFailure,
  JobRecord,
  JobState,
} from "../model/records.ts";
import type {
  Attempt,
  ReturnReason,
  SchedulerOptions,
} from "./scheduler_options.ts";
import { blame, clearSuspicion, resetBudgets, setWorkerLost } from "./blame.ts";
import { ChangeSet } from "./change_set.ts";
import {
  createAll,
  each,
  endRest,
  reviveAll,
  SlicedTasks,
} from "./sliced_tasks.ts";
import { FlowIndex } from "./flow_index.ts";
import type { JobSpec, JobSpecs } from "./flow_progress.ts";
import { LiveFlow } from "./live_flow.ts";
import {
  flowFailureOf,
  newFlow,
  newJob,
  type Submission,
} from "./new_records.ts";
import { retryDelayMs } from "../model/retry.ts";
import type { TypeQueue } from "./queues/type_queue.ts";
import { JobQueues } from "./queues/job_queues.ts";

/** How many delays end in one turn; the others end in the next. */
const DUE_PER_TICK = 250;

/** A retry of dead jobs, which may take several commits. */
export interface Retry {
  /** How many jobs are retried. */
  readonly count: number;
  /** Whether all of them wait for a worker, or the flow was cancelled. */
  isDone(): boolean;
}

/** The unfinished flows and jobs of a pipeline. */
export class JobScheduler {
  readonly #options: SchedulerOptions;
  #changes: ChangeSet;
  readonly #queues: JobQueues;
  readonly #flows = new FlowIndex();
  readonly #tasks = new SlicedTasks();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#changes = new ChangeSet(options);
    this.#queues = new JobQueues(options.steps, options.now);
  }

  /** Whether there are changes that the commit queue has not taken yet. */
  get hasChanges(): boolean {
    return !this.#changes.isEmpty;
  }

  /** Hands the changes since the last call to the commit queue. */
  takeChanges(): ChangeSet {
    const changes = this.#changes;
    if (!changes.isEmpty) changes.flushLogs();
    this.#changes = changes.next();
    changes.idle = this.#flows.takeIdle();
    return changes;
  }

  /** Includes lazily persisted state in the next change set: which jobs are active, and their progress. */
  flushLazy(): void {
    this.#changes.flushLazy();
  }

  /**
   * Adds text to the log of a job, if that worker has it, or had it last. Of a
   * job that is not in memory the store knows whether it exists.
   */
  log(jobId: string, worker: string, text: string): void {
    const job = this.job(jobId);
    if (job === undefined || job.worker === worker) {
      this.#changes.log(jobId, text);
    }
  }

  /** Includes what jobs have logged in the next change set. */
  flushLogs(): void {
    this.#changes.flushLogs();
  }

  /** Drops finished flows from memory, now that the store has them. */
  forget({ idle }: ChangeSet): void {
    this.#flows.forget(idle);
  }

  /** The queues, by job type. */
  get queues(): ReadonlyMap<string, TypeQueue> {
    return this.#queues.types;
  }

  /** A flow that is unfinished, or whose end is not committed yet. */
  flow(id: string): LiveFlow | undefined {
    return this.#flows.flow(id);
  }

  /** A job of such a flow. */
  job(id: string): JobRecord | undefined {
    return this.#flows.job(id);
  }

  /** A job, if a worker has this attempt of it. */
  assignedJob({ id, attempt }: Attempt): JobRecord | undefined {
    return this.#flows.assignedJob(id, attempt);
  }

  /** The jobs that workers have. */
  assigned(): Iterable<JobRecord> {
    return this.#queues.assigned;
  }

  /** When something is due without a call; `undefined` for never. */
  get nextAt(): number | undefined {
    return this.#tasks.isDue ? this.#options.now() : this.#queues.nextAt;
  }

  /**
   * Submits a flow.
   *
   * @returns The flow; an existing one if it has the same id, or the same name and key.
   * @throws {PipelineError} `ERR_PIPELINE_FULL`.
   */
  submit(s: Submission): { flow: FlowRecord; isNew: boolean } {
    const same = this.#flows.same(s);
    if (same !== undefined) return { flow: same.record, isNew: false };
    const { maxQueued, maxQueuedBytes } = this.#options;
    this.#queues.queue(s.graph[0]!.jobType).requireRoom(maxQueued);
    this.#flows.requireRoom(s.payload.length, maxQueuedBytes);
    const flow = new LiveFlow(newFlow(s, this.#options.now()));
    this.#changes.run(flow.record);
    this.#flows.add(flow);
    this.#createJob(flow, { node: 0, payload: s.payload }, s.delayMs);
    return { flow: flow.record, isNew: true };
  }

  /**
   * Makes sure that there is room for all of some submissions, so that each of
   * them can be accepted.
   *
   * @throws {PipelineError} `ERR_PIPELINE_FULL`.
   */
  requireRoom(submissions: readonly Submission[]): void {
    const { maxQueued, maxQueuedBytes } = this.#options;
    const counts = new Map<string, number>();
    let size = 0;
    for (const s of submissions) {
      if (this.#flows.same(s) !== undefined) continue;
      const { jobType } = s.graph[0]!;
      counts.set(jobType, (counts.get(jobType) ?? 0) + 1);
      size += s.payload.length;
    }
    for (const [jobType, count] of counts) {
      this.#queues.queue(jobType).requireRoom(maxQueued, count);
    }
    this.#flows.requireRoom(size, maxQueuedBytes);
  }

  /**
   * Restores a flow from the store, one job a step, so that the caller can do it
   * in slices. The flow is there once the last step is done.
   *
   * @param hasReturned Whether a waiting job came back from a worker.
   */
  *restore(
    record: FlowRecord,
    jobs: readonly JobRecord[],
    hasReturned: (job: JobRecord) => boolean = () => false,
  ): Generator<void, void> {
    const { flow, missing } = yield* LiveFlow.restore(record, jobs);
    if (record.state !== "cancelled") {
      for (const job of jobs) {
        if (job.state === "waiting") this.#queues.add(job, hasReturned(job));
        else if (isDelayed(job)) this.#queues.delay(job);
        else if (isAssigned(job)) this.#queues.enterWorker(job);
        yield;
      }
    }
    this.#flows.add(flow);
    // The process ended before the rest was done.
    if (record.state === "cancelled") {
      const end = (job: JobRecord) => this.#finish(flow, job, "cancelled");
      return this.#endRest(flow, end);
    }
    for (const specs of missing) this.#createJobs(flow, specs);
    if (record.state !== "running") return;
    const dead = flow.takeDead(record.id, undefined);
    if (dead.count > 0) this.#revive(flow, dead.jobs);
  }

  /** Ends the delays that are over, and does a slice of long tasks. */
  tick(): void {
    this.#tasks.work();
    for (let n = 0; n < DUE_PER_TICK; n++) {
      const job = this.#queues.due;
      if (job === undefined) return;
      this.#queues.endDelay(job);
      if (!this.#queues.isClosed(job)) this.#makeWaiting(job);
    }
  }

  /**
   * Takes the next job of a type that may start, for a worker.
   *
   * @param isSuspect Whether among the jobs whose workers died.
   */
  dispatch(
    jobType: string,
    worker: string,
    isSuspect = false,
  ): JobRecord | undefined {
    const job = this.#queues.takeNext(jobType, isSuspect);
    if (job === undefined) return undefined;
    job.attempt++;
    job.worker = worker;
    job.progress = undefined;
    this.#changes.transition(job, "dispatched");
    const { rate } = this.#queues.queue(jobType);
    if (rate) this.#changes.set(`rate:${jobType}`, JSON.stringify(rate.state));
    return job;
  }

  /** The job was sent to its worker. */
  activate(id: string, attempt: number): void {
    const job = this.#flows.assignedJob(id, attempt);
    if (job?.state !== "dispatched") return;
    job.startedAt = this.#options.now();
    job.state = "active";
    this.#changes.markDirtyLazily(job);
    this.#changes.emitTransient(job, "active");
  }

  /**
   * Sets the progress of a job.
   *
   * @param progress From 0 to 1.
   */
  progress(id: string, attempt: number, progress: number): void {
    const job = this.#flows.assignedJob(id, attempt);
    if (job === undefined) return;
    job.progress = progress;
    this.#changes.markDirtyLazily(job);
    this.#changes.emitTransient(job, "progress");
  }

  /**
   * A worker has completed a job.
   *
   * @param result JSON text.
   * @param traceparent The attempt, if it is traced.
   * @returns false if the result is late.
   */
  succeed(
    id: string,
    attempt: number,
    result: string,
    traceparent?: string,
  ): boolean {
    const job = this.#flows.assignedJob(id, attempt);
    if (job === undefined) return this.#late(id, attempt);
    const flow = this.#flows.flow(job.flowId)!;
    let advance;
    try {
      advance = flow.advance(job, result, this.#options);
    } catch (error) {
      const { name, message, code } = error as PipelineError;
      return this.fail(id, attempt, { name, message, code, retryable: false });
    }
    this.#queues.leaveWorker(job);
    job.result = result;
    this.#flows.grow(flow, result.length);
    job.traceparent = traceparent;
    clearSuspicion(job, undefined);
    this.#finish(flow, job, "completed");
    for (const spec of advance.specs) this.#createJob(flow, spec);
    for (const specs of advance.many) this.#createJobs(flow, specs);
    if (advance.result !== undefined) {
      flow.record.result = advance.result;
      this.#end(flow, "completed");
    } else this.#flows.update(flow);
    return true;
  }

  /**
   * An attempt failed: the job is retried, or dead.
   *
   * @param retryAfterMs The delay that the handler asked for.
   * @returns false if the failure is late.
   */
  fail(
    id: string,
    attempt: number,
    failure: JobFailure,
    retryAfterMs?: number,
  ): boolean {
    const job = this.#flows.assignedJob(id, attempt);
    if (job === undefined) return this.#late(id, attempt);
    this.#queues.leaveWorker(job);
    job.failures++;
    clearSuspicion(job, failure);
    if (!failure.retryable || job.failures >= job.retry.attempts) {
      this.#die(job);
    } else {
      const delayMs = retryAfterMs ??
        retryDelayMs(job.retry, job.failures, this.#options.random);
      this.#delay(job, "retrying", delayMs);
    }
    return true;
  }

  /**
   * A job that a worker had waits again.
   *
   * @param jobCount How many jobs its process had, if the worker was lost.
   */
  requeue(
    id: string,
    attempt: number,
    reason: ReturnReason,
    jobCount = 1,
  ): void {
    const job = this.#flows.assignedJob(id, attempt);
    if (job === undefined) return;
    this.#queues.leaveWorker(job);
    if (reason === "killed" || reason === "lease") blame(job, jobCount);
    if (job.kills >= this.#options.maxKills) {
      return this.#die(setWorkerLost(job));
    }
    job.state = "waiting";
    this.#changes.markDirty(job);
    const isReleased = reason === "released";
    this.#changes.record(job, isReleased ? "released" : "requeued", reason);
    this.#queues.add(job, true);
  }

  /**
   * Requeues the jobs that no worker claims, after a restart.
   *
   * @param isClaimed Whether a worker has a job.
   */
  requeueUnclaimed(isClaimed: (job: JobRecord) => boolean): void {
    const requeue = (job: JobRecord) => {
      const { id, attempt } = job;
      const isAssigned = this.#flows.assignedJob(id, attempt) === job;
      if (isAssigned && !isClaimed(job)) this.requeue(id, attempt, "unclaimed");
    };
    this.#tasks.add(each([...this.#queues.assigned], requeue));
  }

  /**
   * Cancels a flow, including the rest of a failed one.
   *
   * @returns The jobs that workers have; `undefined` if the flow is finished.
   */
  cancel(flowId: string): JobRecord[] | undefined {
    const flow = this.#flows.flow(flowId);
    if (flow === undefined || flow.isOver) return undefined;
    const assigned = this.#close(flow);
    for (const job of assigned) this.#finish(flow, job, "cancelled");
    this.#changes.end(flow.record, "cancelled");
    this.#endRest(flow, (job) => {
      this.#queues.leave(job);
      this.#finish(flow, job, "cancelled");
    });
    return assigned;
  }

  /**
   * Drops a flow that the store refuses, as if it had not been submitted.
   *
   * @returns The jobs that workers have.
   */
  drop(flowId: string, error: PipelineError): JobRecord[] {
    const flow = this.#flows.flow(flowId);
    if (flow === undefined) return [];
    const assigned = this.#close(flow);
    for (const job of assigned) job.state = "cancelled";
    flow.refusal = error;
    this.#flows.remove(flow);
    this.#endRest(flow, (job) => {
      this.#queues.leave(job);
      job.state = "cancelled";
    });
    return assigned;
  }

  /**
   * Retries dead jobs of a failed flow with fresh budgets. A flow that is not in
   * memory must be restored before.
   *
   * @param id A flow, for all its dead jobs, or one of them.
   * @param jobType Only jobs of this type.
   * @throws {PipelineError} `ERR_PIPELINE_STATE` while another flow of its name
   *   and key runs.
   */
  retry(id: string, jobType?: string): Retry {
    const flow = this.#flows.flowOf(id);
    if (flow?.record.state !== "failed") return NOTHING;
    const { jobs, count, isAll } = flow.takeDead(id, jobType);
    if (count === 0) {
      this.#flows.update(flow);
      return NOTHING;
    }
    try {
      this.#flows.requireFreeKey(flow.record);
    } catch (error) {
      flow.returnDead(jobs);
      throw error;
    }
    if (isAll) this.#changes.run(flow.record);
    this.#revive(flow, jobs);
    return { count, isDone: () => !flow.isDoing(jobs) };
  }

  /**
   * Ends the delays of jobs: from now on they wait for a worker.
   *
   * @param id A flow, for all its delayed jobs, or one of them.
   * @returns How many they are.
   */
  promote(id: string): number {
    return this.#changeEach(id, isDelayed, (job) => {
      this.#queues.endDelay(job);
      this.#makeWaiting(job);
    });
  }

  /**
   * Changes the priority of unfinished jobs. Those that wait go to the end of
   * their new priority.
   *
   * @param id A flow, for all its jobs and those to come, or one of its others.
   * @returns How many they are.
   */
  setPriority(id: string, priority: number): number {
    const flow = this.#flows.flow(id);
    if (flow !== undefined && !flow.isOver) {
      flow.record.priority = priority;
      this.#changes.markFlow(flow.record);
    }
    return this.#changeEach(id, (job) => !isFinal(job), (job) => {
      const isWaiting = job.state === "waiting";
      if (isWaiting) this.#queues.remove(job);
      job.priority = priority;
      if (isWaiting) this.#queues.add(job);
      this.#changes.markDirty(job);
    });
  }

  /** The jobs of a flow that workers have. */
  assignedOf(flow: LiveFlow): JobRecord[] {
    return this.#queues.assignedOf(flow);
  }

  /** Removes a flow that is finished and not in memory: the store deletes it next. */
  remove(flow: FlowRecord): void {
    this.#changes.expire(flow);
  }

  /** Pauses or resumes the dispatch of a type. */
  pause(jobType: string, isPaused: boolean): void {
    this.#queues.queue(jobType).isPaused = isPaused;
    this.#changes.set(`paused:${jobType}`, isPaused ? "true" : null);
  }

  /** Restores the rate limit of a type; one that was removed from the program is deleted. */
  restoreRate(jobType: string, json: string): void {
    const rate = this.#queues.types.get(jobType)?.rate;
    if (rate === undefined) this.#changes.set(`rate:${jobType}`, null);
    else rate.restore(JSON.parse(json));
  }

  /** Changes another setting of the pipeline: JSON text, or `null` to delete it. */
  set(name: string, value: string | null): void {
    this.#changes.set(name, value);
  }

  /**
   * Changes some jobs, in slices.
   *
   * @param id A flow, or one of its jobs.
   * @param isMeant Whether a job is changed: asked now, and again when its turn comes.
   * @returns How many they are.
   */
  #changeEach(
    id: string,
    isMeant: (job: JobRecord) => boolean,
    change: (job: JobRecord) => void,
  ): number {
    const flow = this.#flows.flowOf(id);
    if (flow === undefined || flow.isOver) return 0;
    const all = id === flow.record.id
      ? flow.jobs.values()
      : [flow.jobs.get(id)];
    const jobs = [...all].filter((job) => job !== undefined && isMeant(job));
    this.#tasks.add(each(jobs as JobRecord[], (job) => {
      if (isMeant(job) && !this.#queues.isClosed(job)) change(job);
    }));
    return jobs.length;
  }

  /** No job of a flow starts or ends any more. Returns the jobs that workers have. */
  #close(flow: LiveFlow): JobRecord[] {
    flow.giveUpTasks();
    this.#queues.close(flow.record.id, flow);
    const assigned = this.#queues.assignedOf(flow);
    for (const job of assigned) this.#queues.leaveWorker(job);
    return assigned;
  }

  /** Ends the jobs of a closed flow that no worker has, in slices. */
  #endRest(flow: LiveFlow, end: (job: JobRecord) => void): void {
    const onDone = () => {
      this.#queues.forget(flow.record.id, flow);
      if (flow.refusal === undefined) this.#flows.update(flow);
    };
    this.#tasks.add(endRest(flow, end, onDone));
  }

  /** Retries dead jobs, in slices. */
  #revive(flow: LiveFlow, jobs: Iterable<JobRecord>): void {
    const revive = (job: JobRecord) => {
      resetBudgets(job);
      flow.revived();
      this.#makeWaiting(job);
    };
    const onDone = () => this.#flows.update(flow);
    this.#tasks.add(reviveAll(flow, jobs, revive, onDone));
    this.#flows.update(flow);
  }

  /** Creates the jobs of a step that runs for each item, in slices. */
  #createJobs(flow: LiveFlow, specs: JobSpecs): void {
    const createJob = (spec: JobSpec) => this.#createJob(flow, spec);
    const onDone = () => this.#flows.update(flow);
    this.#tasks.add(createAll(flow, specs, createJob, onDone));
  }

  /** Creates a job that can start. */
  #createJob(flow: LiveFlow, spec: JobSpec, delayMs = 0): void {
    const { policy } = this.#queues.queue(
      flow.record.graph[spec.node]!.jobType,
    );
    const job = newJob(flow.record, spec, policy, this.#options.now());
    flow.add(job);
    this.#flows.grow(flow, job.payload.length);
    if (delayMs > 0) return this.#delay(job, "scheduled", delayMs);
    // The job was created in this state; its history need not repeat it.
    this.#changes.markDirty(job);
    this.#changes.emitTransient(job, "waiting");
    this.#queues.add(job);
  }

  #makeWaiting(job: JobRecord): void {
    job.runAt = undefined;
    this.#changes.transition(job, "waiting");
    this.#queues.add(job);
  }

  #delay(
    job: JobRecord,
    state: "scheduled" | "retrying",
    delayMs: number,
  ): void {
    job.runAt = this.#options.now() + delayMs;
    this.#changes.transition(job, state, job.error?.message);
    this.#queues.delay(job);
  }

  #die(job: JobRecord): void {
    const flow = this.#flows.flow(job.flowId)!;
    this.#finish(flow, job, "dead");
    flow.record.error ??= flowFailureOf(job);
    this.#end(flow, "failed");
  }

  #finish(flow: LiveFlow, job: JobRecord, state: JobState): void {
    this.#changes.finish(job, state);
    flow.finished(job);
  }

  /** The flow stops running; its unfinished jobs go on. */
  #end(flow: LiveFlow, state: FlowState): void {
    if (flow.record.state === "running") this.#changes.end(flow.record, state);
    this.#flows.update(flow);
  }

  #late(id: string, attempt: number): false {
    const late = this.#flows.noteLate(id, attempt);
    if (late !== undefined) this.#changes.record(late.job, "late", late.detail);
    return false;
  }
}

/** A retry of nothing. */
const NOTHING: Retry = { count: 0, isDone: () => true };
