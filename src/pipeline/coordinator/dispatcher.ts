/**
 * Layer: pipeline/coordinator. Gives jobs to workers, and tells them what they
 * may forget. What is said to a worker waits until it is kept.
 *
 * @module
 */
import type { Board } from "../scheduler/job_scheduler.ts";
import type { Journal } from "../scheduler/commit_queue.ts";
import type { StepLane } from "../scheduler/queues/type_queue.ts";
import type { JobRecord } from "../model/records.ts";
import type { Claim } from "../protocol/messages.ts";
import type { Links } from "./links.ts";
import type { WorkerTable } from "./worker_table.ts";

/** What it works with. */
export interface DispatcherParts {
  readonly board: Board;
  readonly journal: Journal;
  readonly workers: WorkerTable;
  readonly links: Links;
}

/** Gives jobs to workers. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  /** What each worker may forget after the next commit. */
  readonly #settled: Map<string, Claim[]> = new Map();

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** Gives out what can be given out now. */
  dispatch(): void {
    for (const lane of this.#parts.board.lanes.values()) this.#dispatch(lane);
  }

  /** The worker may forget a job, once what it said of it is kept. */
  settle(worker: string, { id, attempt }: Claim): void {
    const { workers, journal } = this.#parts;
    workers.unassign(worker, { id, attempt });
    if (this.#settled.size === 0) journal.after(() => this.#tellSettled());
    const jobs = this.#settled.get(worker);
    if (jobs === undefined) this.#settled.set(worker, [{ id, attempt }]);
    else jobs.push({ id, attempt });
  }

  /** Tells the worker of a job to stop. */
  call({ id, attempt, worker }: JobRecord): void {
    if (worker === undefined) return;
    this.#parts.workers.unassign(worker, { id, attempt });
    this.#parts.links.send(worker, { type: "cancel", id, attempt });
  }

  #dispatch(lane: StepLane): void {
    const { board, workers } = this.#parts;
    const { jobType, waiting } = lane;
    if (waiting.suspects === 0 || !lane.isOpen) workers.endTests(jobType);
    else this.#dispatchSuspects(lane);
    while (waiting.suspects < waiting.size) {
      const worker = workers.pick(jobType);
      if (worker === undefined) return;
      const job = board.dispatch(jobType, worker.id);
      if (job === undefined) return;
      this.#give(job, worker.id);
    }
  }

  #dispatchSuspects({ jobType, waiting }: StepLane): void {
    const { board, workers } = this.#parts;
    for (;;) {
      const together = waiting.firstSuspect?.together;
      if (together === undefined) return;
      const worker = workers.pickForSuspect(jobType, together);
      if (worker === undefined) return;
      const job = board.dispatch(jobType, worker.id, true);
      if (job === undefined) return;
      this.#give(job, worker.id);
    }
  }

  #give({ id, attempt, together }: JobRecord, workerId: string): void {
    const claim = { id, attempt };
    this.#parts.workers.assign(workerId, claim, together);
    this.#parts.journal.after(() => this.#push(workerId, claim));
  }

  /** Sends a job, once it is kept that the worker has it. */
  #push(workerId: string, claim: Claim): void {
    const { board, links } = this.#parts;
    const job = board.heldJob(claim);
    if (job === undefined) return; // cancelled meanwhile
    const flow = board.flow(job.flowId)!;
    const head = {
      type: "job",
      ...claim,
      flow_id: job.flowId,
      job_type: job.jobType,
      timeout_ms: job.timeoutMs,
      traceparent: flow.record.traceparent,
      links: flow.linksOf(job),
    };
    links.sendJob(workerId, head, job.instructions);
    board.activate(job.id, job.attempt);
  }

  #tellSettled(): void {
    for (const [worker, jobs] of this.#settled) {
      this.#parts.links.send(worker, { type: "settled", jobs });
    }
    this.#settled.clear();
  }
}
