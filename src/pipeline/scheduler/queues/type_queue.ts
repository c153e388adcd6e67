/**
 * Layer: pipeline/scheduler. The jobs of one type on their way to workers: those
 * that wait, how many run, and what holds them back.
 *
 * @module
 */
import { PipelineError } from "../../model/errors.ts";
import { RateLimit } from "../../model/rate_limit.ts";
import type { JobRecord } from "../../model/records.ts";
import type { StepPolicy } from "../../model/step_policy.ts";
import { PriorityQueue } from "./priority_queue.ts";

/** The queue of one job type. */
export class TypeQueue {
  readonly jobType: string;
  readonly policy: StepPolicy;
  /** What waits for a worker. */
  readonly waiting: PriorityQueue<JobRecord> = new PriorityQueue();
  /** Whether no job may begin. */
  isPaused = false;
  /** How many jobs workers have. */
  running = 0;
  /** How many jobs wait for a time. */
  delayed = 0;
  /** What bounds how many may begin in a time. */
  readonly rate: RateLimit | undefined;

  /** @param now In milliseconds since 1970. */
  constructor(jobType: string, policy: StepPolicy, now: number) {
    this.jobType = jobType;
    this.policy = policy;
    this.rate = policy.rateLimit && new RateLimit(policy.rateLimit, now);
  }

  /** How many jobs wait, for a worker or for a time. */
  get queued(): number {
    return this.waiting.size + this.delayed;
  }

  /**
   * Makes sure that one more job can wait.
   *
   * @throws {PipelineError} `ERR_PIPELINE_FULL`.
   */
  requireRoom(maxQueued: number): void {
    if (this.queued < maxQueued) return;
    throw new PipelineError(
      "ERR_PIPELINE_FULL",
      `${this.queued} jobs of type "${this.jobType}" wait already`,
    );
  }

  /**
   * Takes the next job that may begin now; `undefined` if none may.
   *
   * @param isSuspect Whether of those that were with workers that died.
   */
  take(now: number, isSuspect = false): JobRecord | undefined {
    const { waiting } = this;
    const hasAny = isSuspect
      ? waiting.suspects > 0
      : waiting.suspects < waiting.size;
    if (!hasAny || !this.isOpen || this.rate?.take(now) === false) {
      return undefined;
    }
    return waiting.take(isSuspect);
  }

  /** When the rate limit lets the next job begin; `undefined` if it is not that which holds it back. */
  nextAt(now: number): number | undefined {
    const at = this.isOpen ? this.rate?.nextAt(now) : undefined;
    return at !== undefined && at > now ? at : undefined;
  }

  /** Whether a job may begin, as far as the rate limit lets it. */
  get isOpen(): boolean {
    return !this.isPaused && this.waiting.size > 0 &&
      this.running < (this.policy.limit ?? Infinity);
  }
}
