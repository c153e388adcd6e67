/**
 * Layer: pipeline/scheduler. The jobs of one type on their way to workers: those
 * that wait, how many run, and what limits them.
 *
 * @module
 */
import { PipelineError } from "../../model/pipeline_error.ts";
import { RateLimit } from "../../model/rate_limit.ts";
import type { JobRecord } from "../../model/records.ts";
import type { StepPolicy } from "../../model/step_policy.ts";
import { PriorityQueue } from "./priority_queue.ts";

/** The queue of one job type. */
export class TypeQueue {
  readonly jobType: string;
  readonly policy: StepPolicy;
  /** The jobs that wait for a worker. */
  readonly waiting: PriorityQueue<JobRecord>;
  /** Whether dispatch is paused. */
  isPaused = false;
  /** How many jobs workers have. */
  running = 0;
  /** How many jobs wait for a time. */
  delayed = 0;
  /** How many jobs may start in a period. */
  readonly rate: RateLimit | undefined;

  /**
   * @param now In milliseconds since 1970.
   * @param isStale Whether a waiting job is dropped when its turn comes.
   */
  constructor(
    jobType: string,
    policy: StepPolicy,
    now: number,
    isStale?: (job: JobRecord) => boolean,
  ) {
    this.jobType = jobType;
    this.policy = policy;
    this.waiting = new PriorityQueue(isStale);
    this.rate = policy.rateLimit && new RateLimit(policy.rateLimit, now);
  }

  /** How many jobs wait, for a worker or for a time. */
  get queued(): number {
    return this.waiting.size + this.delayed;
  }

  /**
   * Makes sure that some more jobs can wait.
   *
   * @throws {PipelineError} `ERR_PIPELINE_FULL`.
   */
  requireRoom(maxQueued: number, count = 1): void {
    if (this.queued + count <= maxQueued) return;
    const what = count === 1
      ? "The queue is full"
      : `The queue has no room for ${count} jobs`;
    throw new PipelineError(
      "ERR_PIPELINE_FULL",
      `${what}: ${this.queued} jobs of type "${this.jobType}" are waiting (maxQueued)`,
    );
  }

  /**
   * Takes the next job that may start now; `undefined` if none may.
   *
   * @param isSuspect Whether among the jobs whose workers died, or among all others.
   */
  take(now: number, isSuspect = false): JobRecord | undefined {
    const { waiting } = this;
    const hasAny = isSuspect
      ? waiting.suspects > 0
      : waiting.suspects < waiting.size;
    if (!hasAny || !this.isOpen || waiting.peek(isSuspect) === undefined) {
      return undefined;
    }
    if (this.rate?.take(now) === false) return undefined;
    return waiting.take(isSuspect);
  }

  /** When the rate limit lets the next job start; `undefined` if something else prevents it. */
  nextAt(now: number): number | undefined {
    const at = this.isOpen ? this.rate?.nextAt(now) : undefined;
    return at !== undefined && at > now ? at : undefined;
  }

  /** Whether a job may start, apart from the rate limit. */
  get isOpen(): boolean {
    return !this.isPaused && this.waiting.size > 0 &&
      this.running < (this.policy.limit ?? Infinity);
  }
}
