/**
 * Layer: pipeline/coordinator. Which workers are taken. Anybody can announce
 * any number of them: each costs a socket, and a row wherever workers are shown.
 *
 * @module
 */
import { PipelineError } from "../model/errors.ts";
import type { FaultKind, Faults } from "../model/faults.ts";
import type { Available } from "../protocol/messages.ts";
import type { Worker, WorkerTable } from "./worker_table.ts";

/** So many workers may be there that cannot be reached: the oldest makes room. */
const MAX_UNLINKED = 1000;
/** How often a person is told of workers that are not taken, in milliseconds. */
const WARN_MS = 1000;

/** Lets workers in. */
export class Admission {
  readonly #workers: WorkerTable;
  readonly #faults: Faults;
  readonly #jobTypes: ReadonlyMap<string, unknown>;
  readonly #maxWorkers: number;
  #warnedAt = -Infinity;
  #refused = 0;

  /**
   * @param of The workers, and where it is told of those that are not taken.
   * @param jobTypes The types that there are, or can be, jobs of.
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
   * Whether there is a place for a worker that announces itself.
   *
   * @param now In milliseconds since 1970.
   * @param giveUp Called for another one that makes room.
   */
  admit(
    info: Available,
    now: number,
    giveUp: (workerId: string) => void,
  ): boolean {
    const workers = this.#workers;
    if (workers.get(info.id) !== undefined) return true;
    if (!this.#jobTypes.has(info.jobType)) {
      this.#refuse("useless", useless(info), now);
      return false;
    }
    let unlinked = 0;
    let oldest: Worker | undefined; // they are in the order of coming
    for (const worker of workers.values()) {
      if (worker.isLinked || worker.jobs.size > 0) continue;
      unlinked++;
      oldest ??= worker;
    }
    const isFull = workers.size >= this.#maxWorkers;
    if (!isFull && unlinked < MAX_UNLINKED) return true;
    if (oldest === undefined) {
      this.#refuse("refused", tooMany(info, workers.size), now);
      return false;
    }
    this.#refuse("unreachable", unreached(oldest), now);
    giveUp(oldest.id);
    return true;
  }

  /** Each counts; told of them is once in a while. */
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

function tooMany({ id }: Available, count: number): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_FULL",
    `The worker "${id}" is not taken: there are ${count} already (maxWorkers)`,
    { id },
  );
}

function unreached({ id }: Worker): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_FULL",
    `The worker "${id}", which cannot be reached, is given up: too many cannot`,
    { id },
  );
}

/** A worker does jobs that there are none of. */
function useless({ id, jobType }: Available): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_UNKNOWN",
    `The worker "${id}" does jobs of the type "${jobType}", which no flow has`,
    { id },
  );
}
