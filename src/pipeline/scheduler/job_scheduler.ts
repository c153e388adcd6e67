/**
 * Layer: pipeline/scheduler. The state of everything that is unfinished, and every
 * rule of what may become of it. It does no I/O, has no timers and asks for
 * the time: so each rule can be tested in a line.
 *
 * Whatever it changes it writes into its ledger, which the journal takes to the
 * store. `(id, attempt)` fences: a result of an attempt that was given up is
 * told to be late, and changes nothing.
 *
 * @module
 */
import type { PipelineError } from "../model/errors.ts";
import { isDelayed, isFinal, isHeld } from "../model/job_states.ts";
import type {
  FlowRecord,
  FlowState,
  JobFailure,
  JobRecord,
  JobState,
} from "../model/records.ts";
import type {
  Attempt,
  BoardOptions,
  ReturnReason,
} from "./scheduler_options.ts";
import type { Changes } from "./change_set.ts";
import { acquit, blame, condemn, pardon } from "./blame.ts";
import { Chores, endRest, plantAll, takeOut } from "./chores.ts";
import { FlowIndex } from "./flow_index.ts";
import { Ledger } from "./ledger.ts";
import { type JobSeed, LiveFlow, type Seeds } from "./live_flow.ts";
import {
  flowFailureOf,
  newFlow,
  newJob,
  type Submission,
} from "./new_records.ts";
import { retryDelayMs } from "../model/retry.ts";
import type { StepLane } from "./queues/type_queue.ts";
import { WaitingRoom } from "./queues/job_queues.ts";

/** The unfinished flows and jobs of a pipeline. */
export class Board {
  readonly #options: BoardOptions;
  readonly #ledger: Ledger;
  readonly #room: WaitingRoom;
  readonly #flows = new FlowIndex();
  readonly #chores = new Chores();

  constructor(options: BoardOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options);
    this.#room = new WaitingRoom(options.steps, options.now);
  }

  /** Whether something has changed that the journal has not taken yet. */
  get hasChanges(): boolean {
    return this.#ledger.hasChanges;
  }

  /** What has changed since this was called last, for the journal. */
  takeChanges(): Changes {
    const idle = this.#flows.takeIdle();
    return Object.assign(this.#ledger.takeChanges(), { idle });
  }

  /** What may be kept late, is among the next changes: which jobs are active, and how far. */
  hurry(): void {
    this.#ledger.hurry();
  }

  /** Forgets what is over, now that the store has it. */
  forget({ idle }: Changes): void {
    this.#flows.forget(idle);
  }

  /** The lanes, by job type. */
  get lanes(): ReadonlyMap<string, StepLane> {
    return this.#room.lanes;
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
  heldJob({ id, attempt }: Attempt): JobRecord | undefined {
    return this.#flows.heldJob(id, attempt);
  }

  /** The jobs that workers have. */
  held(): Iterable<JobRecord> {
    return this.#flows.held();
  }

  /** When something is due that no call brings about; `undefined` for never. */
  get nextAt(): number | undefined {
    return this.#chores.isDue ? this.#options.now() : this.#room.nextAt;
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
    this.#room.lane(s.graph[0]!.jobType).requireRoom(maxQueued);
    this.#flows.requireRoom(s.instructions.length, maxQueuedBytes);
    const flow = new LiveFlow(newFlow(s, this.#options.now()));
    this.#ledger.run(flow.record);
    this.#flows.add(flow);
    this.#plant(flow, { node: 0, instructions: s.instructions }, s.delayMs);
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
    for (const seeds of flow.unplanted) this.#plantMany(flow, seeds);
    for (const job of jobs) {
      if (job.state === "waiting") this.#room.add(job, hasReturned(job));
      else if (isDelayed(job)) this.#room.delay(job);
      else if (isHeld(job)) this.#room.enterWorker(job);
    }
  }

  /** Does what is due: lets jobs wait for a worker, and a slice of what is much. */
  tick(): void {
    this.#chores.work();
    for (;;) {
      const job = this.#room.due;
      if (job === undefined) return;
      this.#room.endDelay(job);
      this.#becomeWaiting(job);
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
    const job = this.#room.takeNext(jobType, isSuspect);
    if (job === undefined) return undefined;
    job.attempt++;
    job.worker = worker;
    job.progress = undefined;
    this.#ledger.become(job, "dispatched");
    const { rate } = this.#room.lane(jobType);
    if (rate) this.#ledger.set(`rate:${jobType}`, JSON.stringify(rate.state));
    return job;
  }

  /** The worker has got it. */
  activate(id: string, attempt: number): void {
    const job = this.#flows.heldJob(id, attempt);
    if (job?.state !== "dispatched") return;
    job.startedAt = this.#options.now();
    job.state = "active";
    this.#ledger.touchLate(job);
    this.#ledger.whisper(job, "active");
  }

  /**
   * How far a job is.
   *
   * @param progress From 0 to 1.
   */
  progress(id: string, attempt: number, progress: number): void {
    const job = this.#flows.heldJob(id, attempt);
    if (job === undefined) return;
    job.progress = progress;
    this.#ledger.touchLate(job);
    this.#ledger.whisper(job, "progress");
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
    const job = this.#flows.heldJob(id, attempt);
    if (job === undefined) return this.#late(id, attempt);
    const flow = this.#flows.flow(job.flowId)!;
    let advance;
    try {
      advance = flow.advance(job, result, this.#options);
    } catch (error) {
      const { name, message, code } = error as PipelineError;
      return this.fail(id, attempt, { name, message, code, retryable: false });
    }
    this.#room.leaveWorker(job);
    job.result = result;
    this.#flows.grow(flow, result.length);
    job.traceparent = traceparent;
    acquit(job, undefined);
    this.#finish(flow, job, "completed");
    for (const seed of advance.seeds) this.#plant(flow, seed);
    for (const seeds of advance.many) this.#plantMany(flow, seeds);
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
    const job = this.#flows.heldJob(id, attempt);
    if (job === undefined) return this.#late(id, attempt);
    this.#room.leaveWorker(job);
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
  giveBack(
    id: string,
    attempt: number,
    reason: ReturnReason,
    together = 1,
  ): void {
    const job = this.#flows.heldJob(id, attempt);
    if (job === undefined) return;
    this.#room.leaveWorker(job);
    if (reason === "killed" || reason === "lease") blame(job, together);
    if (job.kills >= this.#options.maxKills) return this.#die(condemn(job));
    job.state = "waiting";
    this.#ledger.touch(job);
    const isReleased = reason === "released";
    this.#ledger.tell(job, isReleased ? "released" : "requeued", reason);
    this.#room.add(job, true);
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
    const held = takeOut(flow, this.#room);
    for (const job of held) this.#finish(flow, job, "cancelled");
    this.#ledger.end(flow.record, "cancelled");
    this.#cancelRest(flow);
    return held;
  }

  /**
   * Gives a flow up that cannot be kept, as if it had not been submitted.
   *
   * @returns The jobs that workers have.
   */
  drop(flowId: string, error: PipelineError): JobRecord[] {
    const flow = this.#flows.flow(flowId);
    if (flow === undefined) return [];
    const held = takeOut(flow, this.#room);
    for (const job of flow.jobs.values()) {
      if (!isFinal(job)) job.state = "cancelled";
    }
    flow.refusal = error;
    this.#flows.remove(flow);
    return held;
  }

  /**
   * Tries dead jobs of a failed flow again, with fresh budgets. A flow that the
   * board has forgotten must be restored before.
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
      this.#becomeWaiting(job);
    }
    if (again.length > 0 && again.length === dead) {
      this.#ledger.run(flow.record);
    }
    this.#flows.update(flow);
    return again.length;
  }

  /** Lets no job of a type begin, or lets them again. */
  pause(jobType: string, isPaused: boolean): void {
    this.#room.lane(jobType).isPaused = isPaused;
    this.#ledger.set(`paused:${jobType}`, isPaused ? "true" : null);
  }

  /** Goes on with the rate limit of a type as it was kept; one that is no more is forgotten. */
  restoreRate(jobType: string, json: string): void {
    const rate = this.#room.lanes.get(jobType)?.rate;
    if (rate === undefined) this.#ledger.set(`rate:${jobType}`, null);
    else rate.restore(JSON.parse(json));
  }

  /** Notes a setting that is not of the board: JSON text, or `null` to forget it. */
  set(name: string, value: string | null): void {
    this.#ledger.set(name, value);
  }

  /** Ends the jobs of a flow that is cancelled; none of them is with a worker, or waits. */
  #cancelRest(flow: LiveFlow): void {
    const finish = (job: JobRecord) => this.#finish(flow, job, "cancelled");
    this.#chores.add(endRest(flow, finish, this.#flows));
  }

  /** Makes the jobs of a step that runs for each item. */
  #plantMany(flow: LiveFlow, seeds: Seeds): void {
    const plant = (seed: JobSeed) => this.#plant(flow, seed);
    this.#chores.add(plantAll(flow, seeds, plant, this.#flows));
  }

  /** Makes a job that can begin. */
  #plant(flow: LiveFlow, seed: JobSeed, delayMs = 0): void {
    const { policy } = this.#room.lane(flow.record.graph[seed.node]!.jobType);
    const job = newJob(flow.record, seed, policy, this.#options.now());
    flow.add(job);
    this.#flows.grow(flow, job.instructions.length);
    if (delayMs > 0) return this.#delay(job, "scheduled", delayMs);
    // Its creation says so; the timeline need not repeat it.
    this.#ledger.touch(job);
    this.#ledger.whisper(job, "waiting");
    this.#room.add(job);
  }

  #becomeWaiting(job: JobRecord): void {
    job.runAt = undefined;
    this.#ledger.become(job, "waiting");
    this.#room.add(job);
  }

  #delay(
    job: JobRecord,
    state: "scheduled" | "retrying",
    delayMs: number,
  ): void {
    job.runAt = this.#options.now() + delayMs;
    this.#ledger.become(job, state, job.error?.message);
    this.#room.delay(job);
  }

  #die(job: JobRecord): void {
    const flow = this.#flows.flow(job.flowId)!;
    this.#finish(flow, job, "dead");
    flow.record.error ??= flowFailureOf(job);
    this.#end(flow, "failed");
  }

  #finish(flow: LiveFlow, job: JobRecord, state: JobState): void {
    this.#ledger.finish(job, state);
    flow.note(false);
  }

  /** The flow is not running any more; those of its jobs that are unfinished go on. */
  #end(flow: LiveFlow, state: FlowState): void {
    if (flow.record.state === "running") this.#ledger.end(flow.record, state);
    this.#flows.update(flow);
  }

  #late(id: string, attempt: number): false {
    const late = this.#flows.noteLate(id, attempt);
    if (late !== undefined) this.#ledger.tell(late.job, "late", late.detail);
    return false;
  }
}
