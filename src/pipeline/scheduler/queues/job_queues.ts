/**
 * Layer: pipeline/scheduler. Every job that is not with a worker: those that wait
 * for one, by type, and those that wait for a time. It changes no record.
 *
 * @module
 */
import type { JobRecord } from "../../model/records.ts";
import { isAssigned, isDelayed } from "../../model/job_states.ts";
import { DueHeap } from "./heap.ts";
import { DEFAULT_RETRY } from "../../model/retry.ts";
import type { StepPolicy } from "../../model/step_policy.ts";
import { TypeQueue } from "./type_queue.ts";

/** So many delays that have ended may be kept beside as many as go on. */
const MAX_ENDED = 1000;

interface Delay {
  readonly job: JobRecord;
  readonly runAt: number;
}

/** Where jobs wait. */
export class JobQueues {
  readonly #queues: Map<string, TypeQueue> = new Map();
  /** With jobs that wait no more, until their time has come or they are too many. */
  readonly #delayed: DueHeap<Delay> = new DueHeap();
  #delays = 0;
  readonly #now: () => number;

  /** @param now The time, in milliseconds since 1970. */
  constructor(steps: ReadonlyMap<string, StepPolicy>, now: () => number) {
    this.#now = now;
    for (const [jobType, policy] of steps) {
      this.#queues.set(jobType, new TypeQueue(jobType, policy, now()));
    }
  }

  /** The queues, by job type. */
  get queues(): ReadonlyMap<string, TypeQueue> {
    return this.#queues;
  }

  /** The queue of a type. One that the program does not know any more keeps its jobs until it does. */
  queue(jobType: string): TypeQueue {
    let queue = this.#queues.get(jobType);
    if (queue === undefined) {
      queue = new TypeQueue(jobType, { retry: DEFAULT_RETRY }, this.#now());
      this.#queues.set(jobType, queue);
    }
    return queue;
  }

  /** When something is due that no call brings about; `undefined` for never. */
  get nextAt(): number | undefined {
    const now = this.#now();
    this.#skipEnded();
    const times = [this.#delayed.nextAt];
    for (const queue of this.#queues.values()) times.push(queue.nextAt(now));
    const known = times.filter((at) => at !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** A job waits for a worker. */
  add(job: JobRecord, isReturned = false): void {
    const how = job.together !== undefined
      ? "suspect"
      : isReturned
      ? "returned"
      : "fresh";
    this.queue(job.jobType).waiting.add(job, job.priority, how);
  }

  /** A job waits until its `runAt`. */
  delay(job: JobRecord): void {
    this.queue(job.jobType).delayed++;
    this.#delays++;
    this.#delayed.add(job.runAt!, { job, runAt: job.runAt! });
  }

  /** A job waits for its time no more; to be told before it changes. */
  endDelay(job: JobRecord): void {
    this.queue(job.jobType).delayed--;
    this.#delays--;
    if (this.#delayed.size <= 2 * this.#delays + MAX_ENDED) return;
    this.#delayed.keep((delay) => delay.job !== job && isCurrent(delay));
  }

  /** A job waits for a worker no more. */
  remove(job: JobRecord): void {
    this.queue(job.jobType).waiting.remove(job);
  }

  /** A job whose time has come; its delay is to be ended. */
  get due(): JobRecord | undefined {
    this.#skipEnded();
    const at = this.#delayed.nextAt;
    return at === undefined || at > this.#now()
      ? undefined
      : this.#delayed.peek()!.job;
  }

  /** Takes the next job of a type that may begin now, for a worker. */
  takeNext(jobType: string, isSuspect: boolean): JobRecord | undefined {
    const queue = this.#queues.get(jobType);
    const job = queue?.take(this.#now(), isSuspect);
    if (job !== undefined) queue!.running++;
    return job;
  }

  /** A worker has this job, as the store says. */
  enterWorker(job: JobRecord): void {
    this.queue(job.jobType).running++;
  }

  /** A job is given up, wherever it waits or runs; to be told before it changes. */
  leave(job: JobRecord): void {
    if (isAssigned(job)) this.leaveWorker(job);
    else if (isDelayed(job)) this.endDelay(job);
    else this.remove(job);
  }

  /** A worker has this job no more. */
  leaveWorker(job: JobRecord): void {
    this.queue(job.jobType).running--;
  }

  #skipEnded(): void {
    for (;;) {
      const first = this.#delayed.peek();
      if (first === undefined || isCurrent(first)) return;
      this.#delayed.take(Infinity);
    }
  }
}

/** Whether a job still waits for this time. */
function isCurrent({ job, runAt }: Delay): boolean {
  return isDelayed(job) && job.runAt === runAt;
}
