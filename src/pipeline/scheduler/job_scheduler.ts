/**
 * Layer: pipeline/scheduler. The state of everything that is unfinished, and every
 * rule of what may become of it. It does no I/O, has no timers and asks for
 * the time: so each rule can be tested in a line.
 *
 * Whatever it changes it writes into its ledger, which the commits takes to the
 * store. `(id, attempt)` fences: a result of an attempt that was given up is
 * told to be late, and changes nothing.
 *
 * @module
 */
import type { PipelineError } from "../model/errors.ts";
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
import { acquit, blame, condemn, pardon } from "./blame.ts";
import { Chores, createAll, dequeueAll, endRest } from "./chores.ts";
import { FlowIndex } from "./flow_index.ts";
import { ChangeSet } from "./change_set.ts";
import { type JobSpec, type JobSpecs, LiveFlow } from "./live_flow.ts";
import {
  flowFailureOf,
  newFlow,
  newJob,
  type Submission,
} from "./new_records.ts";
import { retryDelayMs } from "../model/retry.ts";
import type { TypeQueue } from "./queues/type_queue.ts";
import { JobQueues } from "./queues/job_queues.ts";

/** The unfinished flows and jobs of a pipeline. */
export class JobScheduler {
  readonly #options: SchedulerOptions;
  #changes: ChangeSet;
  readonly #queues: JobQueues;
  readonly #flows = new FlowIndex();
  readonly #chores = new Chores();

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
    this.#changes = changes.next();
    changes.idle = this.#flows.takeIdle();
    return changes;
  }

  /** Includes lazily persisted state in the next change set: which jobs are active, and their progress. */
  flushLazy(): void {
    this.#changes.flushLazy();
  }

  /** Forgets what is over, now that the store has it. */
  forget({ idle }: ChangeSet): void {
    this.#flows.forget(idle);
  }

  /** The queues, by job type. */
  get queues(): ReadonlyMap<string, TypeQueue> {
    return this.#queues.queues;
  }

  /** A flow that is unfinished, or not kept yet. */
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
    return this.#flows.assigned();
  }

  /** When something is due that no call brings about; `undefined` for never. */
  get nextAt(): number | undefined {
    return this.#chores.isDue ? this.#options.now() : this.#queues.nextAt;
  }

  /**
   * Takes a submission.
   *
   * @returns The flow; an older one if its id or key says that it is the same.
   * @throws {PipelineError} `ERR_PIPELINE_FULL`.
   */
  submit(s: Submission): { flow: FlowRecord; isNew: boolean } {
    const same = this.#flows.flow(s.id) ?? this.#flows.running(s.name, s.key);
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
   * Takes up a flow as the store has it.
   *
   * @param hasReturned Whether a job that waits came back from a worker.
   */
  restore(
    record: FlowRecord,
    jobs: readonly JobRecord[],
    hasReturned: (job: JobRecord) => boolean = () => false,
  ): void {
    const flow = LiveFlow.restore(record, jobs);
    this.#flows.add(flow);
    // The process has ended before all of it was.
    if (record.state === "cancelled") return this.#cancelRest(flow);
    for (const specs of flow.pendingSpecs) this.#createJobs(flow, specs);
    for (const job of jobs) {
      if (job.state === "waiting") this.#queues.add(job, hasReturned(job));
      else if (isDelayed(job)) this.#queues.delay(job);
      else if (isAssigned(job)) this.#queues.enterWorker(job);
    }
  }

  /** Does what is due: lets jobs wait for a worker, and a slice of what is much. */
  tick(): void {
    this.#chores.work();
    for (;;) {
      const job = this.#queues.due;
      if (job === undefined) return;
      this.#queues.endDelay(job);
      this.#makeWaiting(job);
    }
  }

  /**
   * Takes the next job of a type that may begin, for a worker.
   *
   * @param isSuspect Whether of those that were with workers that died.
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

  /** The worker has got it. */
  activate(id: string, attempt: number): void {
    const job = this.#flows.assignedJob(id, attempt);
    if (job?.state !== "dispatched") return;
    job.startedAt = this.#options.now();
    job.state = "active";
    this.#changes.markDirtyLazily(job);
    this.#changes.emitTransient(job, "active");
  }

  /**
   * How far a job is.
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
   * A worker has done a job.
   *
   * @param result JSON text.
   * @param traceparent The attempt, if it is traced.
   * @returns false if it came too late.
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
    acquit(job, undefined);
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
   * An attempt failed: the job is tried again, or dead.
   *
   * @param retryAfterMs How long to wait, if the handler told.
   * @returns false if it came too late.
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
    acquit(job, failure);
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
   * A worker gives a job back, or is given up.
   *
   * @param together How many jobs the worker had that is given up.
   */
  requeue(
    id: string,
    attempt: number,
    reason: ReturnReason,
    together = 1,
  ): void {
    const job = this.#flows.assignedJob(id, attempt);
    if (job === undefined) return;
    this.#queues.leaveWorker(job);
    if (reason === "killed" || reason === "lease") blame(job, together);
    if (job.kills >= this.#options.maxKills) return this.#die(condemn(job));
    job.state = "waiting";
    this.#changes.markDirty(job);
    const isReleased = reason === "released";
    this.#changes.record(job, isReleased ? "released" : "requeued", reason);
    this.#queues.add(job, true);
  }

  /**
   * Cancels a flow, and with it what still goes on of one that has failed.
   *
   * @returns The jobs that workers have, who are to be told; `undefined` if
   *   nothing goes on.
   */
  cancel(flowId: string): JobRecord[] | undefined {
    const flow = this.#flows.flow(flowId);
    if (flow === undefined || flow.isOver) return undefined;
    const assigned = dequeueAll(flow, this.#queues);
    for (const job of assigned) this.#finish(flow, job, "cancelled");
    this.#changes.end(flow.record, "cancelled");
    this.#cancelRest(flow);
    return assigned;
  }

  /**
   * Gives a flow up that cannot be kept, as if it had not been submitted.
   *
   * @returns The jobs that workers have.
   */
  drop(flowId: string, error: PipelineError): JobRecord[] {
    const flow = this.#flows.flow(flowId);
    if (flow === undefined) return [];
    const assigned = dequeueAll(flow, this.#queues);
    for (const job of flow.jobs.values()) {
      if (!isFinal(job)) job.state = "cancelled";
    }
    flow.refusal = error;
    this.#flows.remove(flow);
    return assigned;
  }

  /**
   * Tries dead jobs of a failed flow again, with fresh budgets. A flow that the
   * scheduler has forgotten must be restored before.
   *
   * @param id A flow, for all its dead jobs, or one of them.
   * @param jobType Only those of this type.
   * @returns How many there were.
   * @throws {PipelineError} `ERR_PIPELINE_STATE` while another flow of its name
   *   and key runs.
   */
  retry(id: string, jobType?: string): number {
    const flow = this.#flows.flowOf(id);
    if (flow?.record.state !== "failed") return 0;
    const { dead, again } = flow.deadJobs(id, jobType);
    if (again.length > 0) this.#flows.requireFreeKey(flow.record);
    for (const job of again) {
      pardon(job);
      flow.note(true);
      this.#makeWaiting(job);
    }
    if (again.length > 0 && again.length === dead) {
      this.#changes.run(flow.record);
    }
    this.#flows.update(flow);
    return again.length;
  }

  /** Lets no job of a type begin, or lets them again. */
  pause(jobType: string, isPaused: boolean): void {
    this.#queues.queue(jobType).isPaused = isPaused;
    this.#changes.set(`paused:${jobType}`, isPaused ? "true" : null);
  }

  /** Goes on with the rate limit of a type as it was kept; one that is no more is forgotten. */
  restoreRate(jobType: string, json: string): void {
    const rate = this.#queues.queues.get(jobType)?.rate;
    if (rate === undefined) this.#changes.set(`rate:${jobType}`, null);
    else rate.restore(JSON.parse(json));
  }

  /** Notes a setting that is not of the scheduler: JSON text, or `null` to forget it. */
  set(name: string, value: string | null): void {
    this.#changes.set(name, value);
  }

  /** Ends the jobs of a flow that is cancelled; none of them is with a worker, or waits. */
  #cancelRest(flow: LiveFlow): void {
    const finish = (job: JobRecord) => this.#finish(flow, job, "cancelled");
    this.#chores.add(endRest(flow, finish, this.#flows));
  }

  /** Makes the jobs of a step that runs for each item. */
  #createJobs(flow: LiveFlow, specs: JobSpecs): void {
    const createJob = (spec: JobSpec) => this.#createJob(flow, spec);
    this.#chores.add(createAll(flow, specs, createJob, this.#flows));
  }

  /** Makes a job that can begin. */
  #createJob(flow: LiveFlow, spec: JobSpec, delayMs = 0): void {
    const { policy } = this.#queues.queue(
      flow.record.graph[spec.node]!.jobType,
    );
    const job = newJob(flow.record, spec, policy, this.#options.now());
    flow.add(job);
    this.#flows.grow(flow, job.payload.length);
    if (delayMs > 0) return this.#delay(job, "scheduled", delayMs);
    // Its creation says so; the timeline need not repeat it.
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
    flow.note(false);
  }

  /** The flow is not running any more; those of its jobs that are unfinished go on. */
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
