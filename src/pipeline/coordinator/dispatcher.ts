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
import type { Worker, WorkerTable } from "./worker_table.ts";

/** What it works with. */
export interface DispatcherParts {
  readonly scheduler: JobScheduler;
  readonly commits: CommitQueue;
  readonly workers: WorkerTable;
  readonly connections: WorkerConnections;
}

/** The messages that wait for one commit. */
interface Outgoing {
  /** Which commit; see {@link CommitQueue.turn}. */
  readonly turn: number;
  /** The results that it settles, by worker. */
  readonly settled: Map<string, Claim[]>;
  /** The jobs that it assigns. */
  readonly assigned: { readonly workerId: string; readonly claim: Claim }[];
}

/** Assigns jobs to workers. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  /** What is sent after the next commit; a later one is for another list. */
  #next: Outgoing = { turn: -1, settled: new Map(), assigned: [] };

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
    const claim = { id, attempt };
    this.#parts.workers.unassign(worker, claim);
    const { settled } = this.#outgoing();
    const jobs = settled.get(worker);
    if (jobs === undefined) settled.set(worker, [claim]);
    else jobs.push(claim);
  }

  /**
   * A worker has connected again: it gets the jobs that were sent over its former
   * connection and have not arrived.
   *
   * @param arrived The jobs that it has.
   */
  sendAgain({ id: workerId, jobs }: Worker, arrived: readonly Claim[]): void {
    const has = new Set(arrived.map(({ id, attempt }) => `${id} ${attempt}`));
    for (const { id, attempt } of jobs.values()) {
      if (has.has(`${id} ${attempt}`)) continue;
      const job = this.#parts.scheduler.assignedJob({ id, attempt });
      // One that is only assigned is sent once that is committed.
      if (job?.state === "active") this.#send(workerId, { id, attempt });
    }
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
    this.#outgoing().assigned.push({ workerId, claim });
  }

  /** The messages that wait for the next commit. */
  #outgoing(): Outgoing {
    const { commits } = this.#parts;
    if (this.#next.turn === commits.turn) return this.#next;
    const next = { turn: commits.turn, settled: new Map(), assigned: [] };
    this.#next = next;
    commits.after(() => this.#sendSettled(next));
    commits.after(() => this.#sendAssigned(next));
    return next;
  }

  #sendSettled({ settled }: Outgoing): void {
    for (const [worker, jobs] of settled) {
      this.#parts.connections.send(worker, { type: "settled", jobs });
    }
  }

  #sendAssigned({ assigned }: Outgoing): void {
    for (const { workerId, claim } of assigned) this.#send(workerId, claim);
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
}
