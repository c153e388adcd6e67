/**
 * Layer: pipeline/coordinator. Looks for workers whose lease is over, workers that
 * cannot be reached, and the end of the time for claims after a restart. It only
 * looks; the coordinator decides.
 *
 * @module
 */
import type { Faults } from "../model/faults.ts";
import type { Limits } from "./coordinator_options.ts";
import type { Worker, WorkerTable } from "./worker_table.ts";

/** How often it looks, in milliseconds. */
const LOOK_MS = 500;

/** The limits, the clock, and where a failed look is reported. */
export interface WatchdogOptions extends Limits {
  readonly now: () => number;
  readonly faults?: Faults;
}

/** Called with the findings. */
export interface WatchdogHandler {
  /** A worker has been silent for too long. */
  silent(worker: Worker): void;
  /** A worker sends messages, but cannot be reached. */
  unreachable(worker: Worker): void;
  /** The time in which workers can claim jobs is over. */
  claimsEnded(): void;
  /** Called at the end of each check. */
  onChecked(now: number): void;
}

/** Looks at the workers regularly. */
export class Watchdog {
  readonly #workers: WorkerTable;
  readonly #limits: WatchdogOptions;
  readonly #handler: WatchdogHandler;
  readonly #reported: Set<string> = new Set();
  #timer: ReturnType<typeof setInterval> | undefined;
  #lookedAt = 0;
  #claimsEndAt = 0;

  /** @param limits The limits, and the clock. */
  constructor(
    workers: WorkerTable,
    limits: WatchdogOptions,
    handler: WatchdogHandler,
  ) {
    this.#workers = workers;
    this.#limits = limits;
    this.#handler = handler;
  }

  /** Starts looking. */
  start(): void {
    this.#lookedAt = this.#limits.now();
    this.#claimsEndAt = this.#lookedAt + this.#limits.claimMs;
    const { faults } = this.#limits;
    const look = () => this.look();
    this.#timer = setInterval(
      () => faults ? faults.attempt("looking for workers", look) : look(),
      LOOK_MS,
    );
  }

  /** Stops looking. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks now. */
  look(): void {
    const { now, suspectMs, leaseMs } = this.#limits;
    const at = now();
    // While this process was blocked, it could not receive anything.
    const blockedMs = at - this.#lookedAt - LOOK_MS;
    if (blockedMs > LOOK_MS) {
      this.#workers.extendDeadlines(blockedMs);
      if (this.#claimsEndAt > 0) this.#claimsEndAt += blockedMs;
    }
    this.#lookedAt = at;
    for (const worker of this.#workers.findExpired(at, suspectMs, leaseMs)) {
      this.#handler.silent(worker);
    }
    this.#lookForUnreachable(at - suspectMs);
    if (this.#claimsEndAt > 0 && at >= this.#claimsEndAt) {
      this.#claimsEndAt = 0;
      this.#handler.claimsEnded();
    }
    this.#handler.onChecked(at);
  }

  #lookForUnreachable(unlinkedBefore: number): void {
    for (const worker of this.#workers.values()) {
      const { id, isLinked, unlinkedAt } = worker;
      if (isLinked) this.#reported.delete(id);
      else if (unlinkedAt < unlinkedBefore && !this.#reported.has(id)) {
        this.#reported.add(id);
        this.#handler.unreachable(worker);
      }
    }
    if (this.#reported.size <= this.#workers.size) return;
    for (const id of this.#reported) {
      if (this.#workers.get(id) === undefined) this.#reported.delete(id);
    }
  }
}
