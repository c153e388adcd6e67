/**
 * Layer: pipeline/coordinator. Assigns jobs to workers, and reports to them which
 * results are settled. Every message waits for the commit of its content.
 *
 * @module
 */
import type { CommitQueue } from "./commit_queue.ts";
import type { JobScheduler } from "../scheduler/job_scheduler.ts";
import type { TypeQueue } from "../scheduler/queues/type_queue.ts";
import type { JobRecord } from "../model/records.ts";
import type { Claim } from "../protocol/messages.ts";
import type { WorkerConnections } from "./worker_connections.ts";
import type { WorkerTable } from "./worker_table.ts";

/** What it works with. */
export interface DispatcherParts {
  readonly scheduler: JobScheduler;
  readonly commits: CommitQueue;
  readonly workers: WorkerTable;
  readonly connections: WorkerConnections;
}

/** Assigns jobs to workers. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  /** The results that are settled with the next commit, by worker. */
  readonly #settled: Map<string, Claim[]> = new Map();

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** Assigns all jobs that can start now. */
  dispatch(): void {
    for (const queue of this.#parts.scheduler.queues.values()) {
      this.#dispatch(queue);
    }
  }

  /** The worker may forget the result of a job, once that is committed. */
  settle(worker: string, { id, attempt }: Claim): void {
    const { workers, commits } = this.#parts;
    const claim = { id, attempt };
    workers.unassign(worker, claim);
    if (this.#settled.size === 0) commits.after(() => this.#sendSettled());
    const jobs = this.#settled.get(worker);
    if (jobs === undefined) this.#settled.set(worker, [claim]);
    else jobs.push(claim);
  }

  /** Asks the worker of a job to stop. */
  cancel({ id, attempt, worker }: JobRecord): void {
    if (worker === undefined) return;
    this.#parts.workers.unassign(worker, { id, attempt });
    this.#parts.connections.send(worker, { type: "cancel", id, attempt });
  }

  #dispatch(queue: TypeQueue): void {
    const { scheduler, workers } = this.#parts;
    const { jobType, waiting } = queue;
    if (waiting.suspects === 0 || !queue.isOpen) {
      workers.endReservations(jobType);
    } else this.#dispatchSuspects(queue);
    while (waiting.suspects < waiting.size) {
      const worker = workers.pick(jobType);
      if (worker === undefined) return;
      const job = scheduler.dispatch(jobType, worker.id);
      if (job === undefined) return;
      this.#assign(job, worker.id);
    }
  }

  #dispatchSuspects({ jobType, waiting }: TypeQueue): void {
    const { scheduler, workers } = this.#parts;
    for (;;) {
      const isolationLimit = waiting.peek(true)?.isolationLimit;
      if (isolationLimit === undefined) return;
      const worker = workers.pickForSuspect(jobType, isolationLimit);
      if (worker === undefined) return;
      const job = scheduler.dispatch(jobType, worker.id, true);
      if (job === undefined) return;
      this.#assign(job, worker.id);
    }
  }

  #assign(
    { id, attempt, isolationLimit }: JobRecord,
    workerId: string,
  ): void {
    const claim = { id, attempt };
    this.#parts.workers.assign(workerId, claim, isolationLimit);
    this.#parts.commits.after(() => this.#send(workerId, claim));
  }

  /** Sends a job, once its assignment is committed. */
  #send(workerId: string, claim: Claim): void {
    const { scheduler, connections } = this.#parts;
    const job = scheduler.assignedJob(claim);
    if (job === undefined) return; // cancelled meanwhile
    const flow = scheduler.flow(job.flowId)!;
    const head = {
      type: "job",
      id: job.id,
      attempt: job.attempt,
      flow_id: job.flowId,
      job_type: job.jobType,
      timeout_ms: job.timeoutMs,
      traceparent: flow.record.traceparent,
      links: flow.linksOf(job),
    };
    connections.sendJob(workerId, head, job.payload);
    scheduler.activate(job.id, job.attempt);
  }

  #sendSettled(): void {
    for (const [worker, jobs] of this.#settled) {
      this.#parts.connections.send(worker, { type: "settled", jobs });
    }
    this.#settled.clear();
  }
}
