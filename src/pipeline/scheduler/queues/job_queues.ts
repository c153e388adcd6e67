/**
 * Layer: pipeline/scheduler. All unfinished jobs that no worker has: those that
 * wait for a worker, by type, and those that are delayed, by the time when they are
 * due. It changes no record.
 *
 * @module
 */
import type { JobRecord } from "../../model/records.ts";
import { isAssigned, isDelayed } from "../../model/job_states.ts";
import { DEFAULT_RETRY } from "../../model/retry.ts";
import type { StepPolicy } from "../../model/step_policy.ts";
import { type DueEntry, DueHeap } from "./heap.ts";
import { TypeQueue } from "./type_queue.ts";

/** A flow whose jobs must not start any more. */
export interface ClosedFlow {
  readonly jobs: ReadonlyMap<string, JobRecord>;
}

/** The queues of all job types. */
export class JobQueues {
  readonly #types: Map<string, TypeQueue> = new Map();
  readonly #delayed: DueHeap<JobRecord> = new DueHeap();
  readonly #delays: Map<JobRecord, DueEntry<JobRecord>> = new Map();
  /** The jobs that workers have. */
  readonly #assigned: Set<JobRecord> = new Set();
  /** By id: while their jobs are removed one by one, none of them may start. */
  readonly #closed: Map<string, ClosedFlow> = new Map();
  readonly #now: () => number;

  /** @param now The time, in milliseconds since 1970. */
  constructor(steps: ReadonlyMap<string, StepPolicy>, now: () => number) {
    this.#now = now;
    for (const [jobType, policy] of steps) this.#add(jobType, policy);
  }

  /** The queues, by job type. */
  get types(): ReadonlyMap<string, TypeQueue> {
    return this.#types;
  }

  /** The queue of a type. Jobs of a type that the program no longer defines wait until it does. */
  queue(jobType: string): TypeQueue {
    return this.#types.get(jobType) ??
      this.#add(jobType, { retry: DEFAULT_RETRY });
  }

  #add(jobType: string, policy: StepPolicy): TypeQueue {
    const queue = new TypeQueue(
      jobType,
      policy,
      this.#now(),
      (job) => this.#isStale(job),
    );
    this.#types.set(jobType, queue);
    return queue;
  }

  /** When something becomes due without a call; `undefined` for never. */
  get nextAt(): number | undefined {
    const now = this.#now();
    let next = this.#delayed.nextAt;
    for (const queue of this.#types.values()) {
      const at = queue.nextAt(now);
      if (at !== undefined && !(next! <= at)) next = at;
    }
    return next;
  }

  /** A job waits for a worker. */
  add(job: JobRecord, isReturned = false): void {
    const kind = job.isolationLimit !== undefined
      ? "suspect"
      : isReturned
      ? "returned"
      : "fresh";
    this.queue(job.jobType).waiting.add(job, job.priority, kind);
  }

  /** A job waits until its `runAt`. */
  delay(job: JobRecord): void {
    this.queue(job.jobType).delayed++;
    this.#delays.set(job, this.#delayed.add(job.runAt!, job));
  }

  /** A job no longer waits for its time; one that does not wait is ignored. */
  endDelay(job: JobRecord): void {
    const entry = this.#delays.get(job);
    if (entry === undefined) return;
    this.#delays.delete(job);
    this.#delayed.remove(entry);
    this.queue(job.jobType).delayed--;
  }

  /** A job no longer waits for a worker; one that does not wait is ignored. */
  remove(job: JobRecord): void {
    this.queue(job.jobType).waiting.remove(job);
  }

  /** A job whose time has come; its delay is to be ended. */
  get due(): JobRecord | undefined {
    const at = this.#delayed.nextAt;
    return at === undefined || at > this.#now()
      ? undefined
      : this.#delayed.peek();
  }

  /** Takes the next job of a type that may start now, for a worker. */
  takeNext(jobType: string, isSuspect: boolean): JobRecord | undefined {
    const queue = this.#types.get(jobType);
    const job = queue?.take(this.#now(), isSuspect);
    if (job === undefined) return undefined;
    queue!.running++;
    this.#assigned.add(job);
    return job;
  }

  /** A worker has this job, according to the store. */
  enterWorker(job: JobRecord): void {
    this.queue(job.jobType).running++;
    this.#assigned.add(job);
  }

  /** A worker no longer has this job. */
  leaveWorker(job: JobRecord): void {
    this.queue(job.jobType).running--;
    this.#assigned.delete(job);
  }

  /** The jobs that workers have. */
  get assigned(): ReadonlySet<JobRecord> {
    return this.#assigned;
  }

  /** The jobs of a flow that workers have. */
  assignedOf({ jobs }: ClosedFlow): JobRecord[] {
    // Workers have a bounded number of jobs, however many a flow has.
    return jobs.size < this.#assigned.size
      ? [...jobs.values()].filter((job) => this.#assigned.has(job))
      : [...this.#assigned].filter((job) => jobs.get(job.id) === job);
  }

  /** Removes a job, wherever it waits or runs; to be called before its state changes. */
  leave(job: JobRecord): void {
    if (isAssigned(job)) this.leaveWorker(job);
    else if (isDelayed(job)) this.endDelay(job);
    else this.remove(job);
  }

  /** From now on no job of a flow starts, though its jobs may still be queued. */
  close(flowId: string, flow: ClosedFlow): void {
    this.#closed.set(flowId, flow);
  }

  /** All jobs of a closed flow have left. */
  forget(flowId: string, flow: ClosedFlow): void {
    if (this.#closed.get(flowId) === flow) this.#closed.delete(flowId);
  }

  /** Whether a job is one of a closed flow. */
  isClosed(job: JobRecord): boolean {
    return this.#closed.size > 0 && this.#isStale(job);
  }

  #isStale(job: JobRecord): boolean {
    if (this.#closed.size === 0) return false;
    // Another flow can have the same id by now.
    return this.#closed.get(job.flowId)?.jobs.get(job.id) === job;
  }
}
