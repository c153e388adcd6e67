/**
 * Example: the file pipeline. The jobs, and the rules by which none is lost:
 *
 * 1. A job leaves the queue only by a success or after {@linkcode MAX_TRIES}.
 * 2. Whoever takes one has it on a lease. A worker that is lost gives all of
 *    its jobs back, and so does a lease that is not renewed.
 * 3. Each time it is given out its attempt grows. The result of an older
 *    attempt, of a worker that was given up too early, does not count.
 *
 * So a job may be done twice, and steps must not mind. No sockets here, and no
 * clock: times are told.
 *
 * @module
 */
import { type JobState, STEPS } from "./messages.ts";

/** How often one step of a job is tried. */
export const MAX_TRIES = 5;
/** How long a worker may have a job without naming it in an announcement. */
export const LEASE_MS = 10_000;
/** How many jobs may wait for the first step; a client has to come back. */
const MAX_WAITING = 1000;
/** How many jobs may be between the first step and the last: they hold file contents. */
const MAX_UNDER_WAY = 64;

/** One job, on its way through all steps. */
export interface Job {
  readonly id: string;
  /** The index of its step. */
  step: number;
  state: JobState;
  /** What the worker is told. */
  instructions: unknown;
  attempt: number;
  /** How often this step was tried. */
  tries: number;
  worker: string | undefined;
  leaseEndsMs: number;
  error: string;
}

/** All jobs. */
export class JobQueue {
  readonly jobs: Map<string, Job> = new Map();
  readonly dead: Job[] = [];
  readonly done: number[] = STEPS.map(() => 0);
  readonly failures: number[] = STEPS.map(() => 0);
  readonly takenBack: number[] = STEPS.map(() => 0);
  readonly #waiting: Job[][] = STEPS.map(() => []);
  /** The jobs that workers have. */
  readonly #out: Set<Job> = new Set();
  #underWay = 0;

  /** A new job; `undefined` when too many wait. */
  submit(instructions: unknown): Job | undefined {
    if (this.#waiting[0]!.length >= MAX_WAITING) return undefined;
    const job: Job = {
      id: String(this.jobs.size + 1),
      step: 0,
      state: "waiting",
      instructions,
      attempt: 0,
      tries: 0,
      worker: undefined,
      leaseEndsMs: 0,
      error: "",
    };
    this.jobs.set(job.id, job);
    this.#waiting[0]!.push(job);
    return job;
  }

  /** Gives the next job of a step to a worker, if there is one. */
  take(step: number, worker: string, nowMs: number): Job | undefined {
    if (step === 0 && this.#underWay >= MAX_UNDER_WAY) return undefined;
    const job = this.#waiting[step]!.shift();
    if (job === undefined) return undefined;
    if (step === 0) this.#underWay++;
    job.state = "dispatched";
    job.attempt++;
    job.tries++;
    job.worker = worker;
    job.leaseEndsMs = nowMs + LEASE_MS;
    this.#out.add(job);
    return job;
  }

  /** How many jobs a worker has. */
  countOf(worker: string): number {
    return this.#jobsOf(worker).length;
  }

  /** A worker has begun. */
  begin(id: string, attempt: number): void {
    const job = this.#current(id, attempt);
    if (job) job.state = "active";
  }

  /** A worker still has these jobs. */
  renew(worker: string, ids: readonly string[], nowMs: number): void {
    for (const job of this.#jobsOf(worker)) {
      if (ids.includes(job.id)) job.leaseEndsMs = nowMs + LEASE_MS;
    }
  }

  /** A job succeeded: on to its next step. Gives the worker and the step, if the attempt counts. */
  succeed(
    id: string,
    attempt: number,
    result: unknown,
  ): { worker: string; step: number } | undefined {
    const job = this.#current(id, attempt);
    if (job === undefined) return undefined;
    const { step, worker = "" } = job;
    this.#out.delete(job);
    this.done[job.step]!++;
    job.instructions = result;
    job.worker = undefined;
    job.tries = 0;
    if (job.step === STEPS.length - 1) {
      job.state = "completed";
      this.#underWay--;
    } else {
      job.step++;
      this.wait(job);
    }
    return { worker, step };
  }

  /** An attempt failed. Gives the job if it is to be tried again, after a pause. */
  fail(id: string, attempt: number, error: string): Job | undefined {
    const job = this.#current(id, attempt);
    if (job === undefined) return undefined;
    this.failures[job.step]!++;
    return this.#release(job, error) ? job : undefined;
  }

  /** Puts a job back into its line. */
  wait(job: Job): void {
    job.state = "waiting";
    this.#waiting[job.step]!.push(job);
  }

  /** Takes back what a lost worker had. */
  takeBackFrom(worker: string): number {
    return this.#takeBack(this.#jobsOf(worker), `${worker} was lost`);
  }

  /** Takes back what no worker named for too long. */
  takeBackExpired(nowMs: number): number {
    const late = [...this.#out].filter((job) => job.leaseEndsMs <= nowMs);
    return this.#takeBack(late, "its lease ended");
  }

  #takeBack(jobs: readonly Job[], reason: string): number {
    for (const job of jobs) {
      this.takenBack[job.step]!++;
      if (this.#release(job, reason)) this.wait(job);
    }
    return jobs.length;
  }

  /** Takes a job from its worker. Tells whether it may be tried again. */
  #release(job: Job, error: string): boolean {
    this.#out.delete(job);
    job.worker = undefined;
    job.error = error;
    if (job.step === 0) this.#underWay--;
    if (job.tries < MAX_TRIES) {
      job.state = "retrying";
      return true;
    }
    if (job.step > 0) this.#underWay--;
    job.state = "dead";
    job.instructions = undefined;
    this.dead.push(job);
    return false;
  }

  /** The job, if that attempt is the one that counts. */
  #current(id: string, attempt: number): Job | undefined {
    const job = this.jobs.get(id);
    return job && this.#out.has(job) && job.attempt === attempt
      ? job
      : undefined;
  }

  #jobsOf(worker: string): Job[] {
    return [...this.#out].filter((job) => job.worker === worker);
  }
}
