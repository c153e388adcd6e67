/**
 * Layer: pipeline/worker. The jobs that a worker has: those that wait, those that
 * run, and those whose handlers go on although their outcome is known.
 *
 * @module
 */
import { MAX_CLAIMS } from "../model/bounds.ts";
import type { Claim, JobMessage } from "../protocol/messages.ts";
import type { Attempt } from "../telemetry/attempts.ts";
import type { Executor } from "./executor.ts";
import { JobRun } from "./job_run.ts";
import { bounded, type Outcome } from "./outcome.ts";
import type { StepLog } from "./step_log.ts";

/** What the jobs report to their worker. */
export interface JobsOwner {
  /** Begins an attempt at a job; `undefined` if it is not traced. */
  begin(job: JobMessage): Attempt | undefined;
  /** An attempt has an outcome. */
  completed(job: JobMessage, outcome: Outcome, traceparent?: string): void;
  /** A job is returned to the pipeline. */
  released(claim: Claim): void;
  /** The number of free places has changed, and must be announced before other messages. */
  creditChanged(): void;
  /** A job has ended. */
  ended(): void;
}

/** The jobs of one worker. */
export class WorkerJobs {
  /** The maximum size of a result, in bytes of JSON. */
  maxPayloadBytes = Infinity;
  readonly #executor: Executor;
  readonly #prefetch: number;
  readonly #log: StepLog;
  readonly #owner: JobsOwner;
  readonly #queue: JobMessage[] = [];
  readonly #runs: Map<string, JobRun> = new Map();
  /** The attempts whose handlers go on although their outcome is not wanted any more. */
  readonly #stuck: Set<JobRun> = new Set();

  /** @param prefetch How many jobs may wait beside those that run. */
  constructor(
    executor: Executor,
    prefetch: number,
    log: StepLog,
    owner: JobsOwner,
  ) {
    this.#executor = executor;
    this.#prefetch = prefetch;
    this.#log = log;
    this.#owner = owner;
  }

  /** Gets ready to run jobs. */
  start(): Promise<void> {
    return this.#executor.start();
  }

  /** Ends what handlers run in. */
  close(): Promise<void> {
    return this.#executor.close();
  }

  /** How many jobs can run at a time. */
  get capacity(): number {
    return this.#executor.capacity;
  }

  /** How many jobs wait or run. */
  get size(): number {
    return this.#runs.size + this.#queue.length;
  }

  /** Whether no handler runs. */
  get isIdle(): boolean {
    return this.#runs.size === 0;
  }

  /** The jobs that wait or run, without those whose outcome is known. */
  get claims(): Claim[] {
    const runs = [...this.#runs.values()].filter((run) =>
      !this.#stuck.has(run)
    );
    return [...this.#queue, ...runs.map(({ job }) => job)]
      .map(({ id, attempt }) => ({ id, attempt }));
  }

  /** How many jobs the worker can have: a place that a stuck handler takes is not free. */
  get credit(): number {
    const free = this.#free;
    return free > 0 ? Math.min(free + this.#prefetch, MAX_CLAIMS) : 0;
  }

  /** The places that no stuck handler takes. */
  get #free(): number {
    return this.#executor.places - this.#stuck.size;
  }

  /** The executor has more places, or fewer. */
  placesChanged(): void {
    this.#owner.creditChanged();
    this.#work();
  }

  /** Others that share the executor have left room. */
  roomAgain(): void {
    this.#work();
  }

  /** Accepts a job, which runs as soon as there is a free place. */
  add(job: JobMessage): void {
    this.#queue.push(job);
    this.#work();
  }

  /** Removes a job that waits, or aborts it. */
  cancel({ id, attempt }: Claim): void {
    const waiting = this.#queue.findIndex((job) =>
      job.id === id && job.attempt === attempt
    );
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    this.#runs.get(keyOf(id, attempt))?.abort("The job was cancelled");
  }

  /** Releases the jobs that would wait for a stuck handler, or for a thread to start. */
  releaseExcess(): void {
    if (this.#free === this.#executor.capacity) return;
    const most = this.credit - (this.#runs.size - this.#stuck.size);
    this.#releaseAll(this.#queue.splice(Math.max(0, most)));
  }

  /** Releases the jobs that wait. */
  releaseWaiting(): void {
    this.#releaseAll(this.#queue.splice(0));
  }

  /** Aborts the jobs that run, and releases them. */
  abortAll(): void {
    for (const run of this.#runs.values()) {
      run.abort("The step is to end");
      this.#owner.released(run.job);
    }
  }

  #releaseAll(jobs: readonly JobMessage[]): void {
    for (const job of jobs) this.#owner.released(job);
  }

  /** Begins as many jobs as may run at a time. */
  #work(): void {
    while (this.#runs.size < this.#executor.places) {
      if (!this.#executor.hasRoom) return;
      const job = this.#queue.shift();
      if (job === undefined) return;
      this.#log.guard(() => this.#run(job), () => {
        this.#runs.delete(keyOf(job.id, job.attempt));
        this.#owner.released(job);
      });
    }
  }

  async #run(job: JobMessage): Promise<void> {
    const key = keyOf(job.id, job.attempt);
    const attempt = this.#owner.begin(job);
    const run = new JobRun(this.#executor, job, attempt);
    this.#runs.set(key, run);
    const said = await run.outcome;
    const outcome = said && bounded(said, this.maxPayloadBytes);
    attempt?.end(run.errorOf(outcome));
    if (!run.hasEnded) {
      // It still occupies its place: announced before the pipeline fills that.
      this.#stuck.add(run);
      this.#owner.creditChanged();
    }
    if (outcome !== undefined) {
      this.#owner.completed(job, outcome, attempt?.traceparent);
    } else if (run.isInterrupted) this.#owner.released(job);
    if (!run.hasEnded) await run.ended;
    this.#runs.delete(key);
    if (this.#stuck.delete(run)) this.#owner.creditChanged();
    this.#owner.ended();
    this.#work();
  }
}

function keyOf(id: string, attempt: number): string {
  return `${id} ${attempt}`;
}
