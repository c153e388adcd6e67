/**
 * Layer: pipeline/coordinator. Looks for silence: workers whose lease is over,
 * workers that cannot be reached, jobs that nobody claims after a restart. It
 * only finds; the coordinator decides.
 *
 * @module
 */
import type { Faults } from "../model/faults.ts";
import type { Limits } from "./coordinator_options.ts";
import type { Worker, WorkerTable } from "./worker_table.ts";

/** How often it looks, in milliseconds. */
const LOOK_MS = 500;

/** The times, the time it is, and where it is told that a look has failed. */
export interface WatchdogOptions extends Limits {
  readonly now: () => number;
  readonly faults?: Faults;
}

/** Told of what was found. */
export interface WatchdogHandler {
  /** A worker has been silent for too long. */
  silent(worker: Worker): void;
  /** A worker talks to us, and we cannot reach it. */
  unreachable(worker: Worker): void;
  /** The time is over in which workers could claim jobs. */
  claimsEnded(): void;
  /** Called with each look, last. */
  looked(now: number): void;
}

/** Looks for silence. */
export class Watchdog {
  readonly #workers: WorkerTable;
  readonly #limits: WatchdogOptions;
  readonly #handler: WatchdogHandler;
  readonly #told: Set<string> = new Set();
  #timer: ReturnType<typeof setInterval> | undefined;
  #lookedAt = 0;
  #claimsEndAt = 0;

  /** @param limits The times, and the time it is. */
  constructor(
    workers: WorkerTable,
    limits: WatchdogOptions,
    handler: WatchdogHandler,
  ) {
    this.#workers = workers;
    this.#limits = limits;
    this.#handler = handler;
  }

  /** Begins to look. */
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

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks now. */
  look(): void {
    const { now, suspectMs, leaseMs } = this.#limits;
    const at = now();
    // While we were held up ourselves, nobody could be heard.
    const heldUpMs = at - this.#lookedAt - LOOK_MS;
    if (heldUpMs > LOOK_MS) {
      this.#workers.forgive(heldUpMs);
      if (this.#claimsEndAt > 0) this.#claimsEndAt += heldUpMs;
    }
    this.#lookedAt = at;
    for (const worker of this.#workers.judge(at, suspectMs, leaseMs)) {
      this.#handler.silent(worker);
    }
    this.#lookForUnreachable(at - suspectMs);
    if (this.#claimsEndAt > 0 && at >= this.#claimsEndAt) {
      this.#claimsEndAt = 0;
      this.#handler.claimsEnded();
    }
    this.#handler.looked(at);
  }

  #lookForUnreachable(unlinkedBefore: number): void {
    for (const worker of this.#workers.values()) {
      const { id, isLinked, unlinkedAt } = worker;
      if (isLinked) this.#told.delete(id);
      else if (unlinkedAt < unlinkedBefore && !this.#told.has(id)) {
        this.#told.add(id);
        this.#handler.unreachable(worker);
      }
    }
    if (this.#told.size <= this.#workers.size) return;
    for (const id of this.#told) {
      if (this.#workers.get(id) === undefined) this.#told.delete(id);
    }
  }
}
