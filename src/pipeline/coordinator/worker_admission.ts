/**
 * Layer: pipeline/coordinator. Decides which workers are accepted. Any peer can
 * announce any number of them, and each costs a socket and a row in lists.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import type { FaultKind, Faults } from "../model/faults.ts";
import type { Available } from "../protocol/messages.ts";
import type { Worker, WorkerTable } from "./worker_table.ts";

/** The maximum number of unreachable workers: the oldest is dropped for a new one. */
const MAX_UNLINKED = 1000;
/** How often rejected workers are reported, in milliseconds. */
const WARN_MS = 1000;

/** Accepts or rejects workers. */
export class WorkerAdmission {
  readonly #workers: WorkerTable;
  readonly #faults: Faults;
  readonly #jobTypes: ReadonlyMap<string, unknown>;
  readonly #maxWorkers: number;
  #warnedAt = -Infinity;
  #refused = 0;

  /**
   * @param of The workers, and where rejected ones are reported.
   * @param jobTypes The job types of the pipeline's flows.
   */
  constructor(
    of: { readonly workers: WorkerTable; readonly faults: Faults },
    jobTypes: ReadonlyMap<string, unknown>,
    maxWorkers: number,
  ) {
    this.#workers = of.workers;
    this.#faults = of.faults;
    this.#jobTypes = jobTypes;
    this.#maxWorkers = maxWorkers;
  }

  /**
   * Whether a worker that announces itself is accepted.
   *
   * @param now In milliseconds since 1970.
   * @param giveUp Called for another worker that is dropped in its place.
   */
  admit(
    info: Available,
    now: number,
    giveUp: (workerId: string) => void,
  ): boolean {
    const workers = this.#workers;
    if (workers.get(info.id) !== undefined) return true;
    if (!this.#jobTypes.has(info.jobType)) {
      this.#refuse("useless", unknownJobTypeError(info), now);
      return false;
    }
    let unlinked = 0;
    let oldest: Worker | undefined; // workers are in the order in which they joined
    for (const worker of workers.values()) {
      if (worker.isLinked || worker.jobs.size > 0) continue;
      unlinked++;
      oldest ??= worker;
    }
    const isFull = workers.size >= this.#maxWorkers;
    if (!isFull && unlinked < MAX_UNLINKED) return true;
    if (oldest === undefined) {
      this.#refuse("refused", tooManyError(info, workers.size), now);
      return false;
    }
    this.#refuse("unreachable", unreachableError(oldest), now);
    giveUp(oldest.id);
    return true;
  }

  /** Counts each rejection; reports them once in a while. */
  #refuse(kind: FaultKind, error: PipelineError, now: number): void {
    if (Math.abs(now - this.#warnedAt) < WARN_MS) {
      this.#refused++;
      return this.#faults.count(kind);
    }
    const others = this.#refused;
    this.#warnedAt = now;
    this.#refused = 0;
    const all = others === 0 ? "" : ` (and ${others} others before)`;
    const { code, id, message } = error;
    this.#faults.report(new PipelineError(code, message + all, { id }), kind);
  }
}

function tooManyError({ id }: Available, count: number): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_FULL",
    `Rejected worker "${id}": there are ${count} workers already (maxWorkers)`,
    { id },
  );
}

function unreachableError({ id }: Worker): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_FULL",
    `Dropped worker "${id}": too many workers cannot be reached`,
    { id },
  );
}

/** A worker for a job type that no flow has. */
function unknownJobTypeError({ id, jobType }: Available): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_UNKNOWN",
    `Rejected worker "${id}": no flow has a step of type "${jobType}"`,
    { id },
  );
}
