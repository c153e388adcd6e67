/**
 * Layer: pipeline/coordinator. Lets the store delete what has expired: a bounded
 * number of records after each commit, until nothing is left.
 *
 * @module
 */
import type { CommitQueue } from "./commit_queue.ts";
import { REMOVED_AT } from "../scheduler/change_set.ts";
import type { JobScheduler } from "../scheduler/job_scheduler.ts";
import type { Awaitable, JobStore } from "../store/job_store.ts";

/** How often pruning starts, in milliseconds. */
const PRUNE_MS = 5000;
/** How many flows and jobs the store deletes between two commits. */
const PRUNE_LIMIT = 250;

/** A clock that was set forward by more than this has jumped, in milliseconds. */
const JUMP_MS = 60_000;
/** How long nothing is deleted after that, in milliseconds. */
const HOLD_MS = 60 * 60 * 1000;

/** The clock and the listener of a pruner. */
export interface PrunerOptions {
  /** A monotonic clock, in milliseconds. Without one, jumps are not noticed. */
  readonly monotonicNow?: () => number;
  /** Called when the clock has jumped. */
  readonly onWarning?: (error: Error) => void;
}

/** Keeps a store from growing without bound. */
export class Pruner {
  readonly #store: JobStore;
  readonly #scheduler: JobScheduler;
  readonly #commits: CommitQueue;
  readonly #options: PrunerOptions;
  /** The times of both clocks at the last look. */
  #lookedAt: { readonly wall: number; readonly monotonic: number } | undefined;
  #heldUntil = -Infinity;
  #startedAt = 0;
  #isStopped = false;
  /** Called when nothing more has expired. */
  #onDone: (() => void)[] = [];
  /** How many flows are being read to retry them: these must stay. */
  #reads = 0;
  /** When pruning would have gone on but for them. */
  #skippedAt: number | undefined;
  #current: Awaitable<unknown>;

  constructor(
    store: JobStore,
    scheduler: JobScheduler,
    commits: CommitQueue,
    options: PrunerOptions = {},
  ) {
    this.#options = options;
    this.#store = store;
    this.#scheduler = scheduler;
    this.#commits = commits;
  }

  /** Starts, if it is time. */
  look(now: number): void {
    // A clock that was set back is no reason to wait until it is there again.
    if (Math.abs(now - this.#startedAt) < PRUNE_MS || this.#isHeld(now)) return;
    this.#startedAt = now;
    this.#prune(now);
  }

  /** Deletes nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#done();
  }

  /** Resolves once flows are deleted whose removal is committed; also if the clock has jumped. */
  removed(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDone.push(resolve);
      this.#prune(REMOVED_AT);
    });
  }

  /**
   * Reads flows while nothing is deleted.
   *
   * @param read Ends in the turn in which the flows are in the scheduler.
   */
  async without<T>(read: () => Promise<T>): Promise<T> {
    this.#reads++;
    try {
      await this.#current;
      return await read();
    } finally {
      const now = this.#skippedAt;
      if (--this.#reads === 0 && now !== undefined) {
        this.#skippedAt = undefined;
        this.#prune(now);
      }
    }
  }

  /**
   * Whether the clock was set forward recently. All finished flows would expire
   * at once, though the clock may be wrong: an operator gets time to correct it.
   */
  #isHeld(now: number): boolean {
    const { monotonicNow, onWarning } = this.#options;
    if (monotonicNow === undefined) return false;
    const monotonic = monotonicNow();
    const before = this.#lookedAt ?? { wall: now, monotonic };
    this.#lookedAt = { wall: now, monotonic };
    const jumpMs = (now - before.wall) - (monotonic - before.monotonic);
    if (jumpMs > JUMP_MS) {
      this.#heldUntil = monotonic + HOLD_MS;
      onWarning?.(
        new Error(
          `The clock was set forward by ${
            Math.round(jumpMs / 1000)
          } s: expired flows are not deleted for an hour`,
        ),
      );
    }
    return monotonic < this.#heldUntil;
  }

  #prune(now: number): void {
    this.#commits.between(() => {
      if (this.#isStopped) return;
      if (this.#reads > 0) {
        return void (this.#skippedAt = Math.max(now, this.#skippedAt ?? now));
      }
      // A flow that is being retried must not be deleted before that is committed.
      if (this.#scheduler.hasChanges) return this.#prune(now);
      const count = this.#store.prune(now, PRUNE_LIMIT);
      if (!(count instanceof Promise)) return this.#continue(now, count);
      const done = count.then((count) => this.#continue(now, count));
      this.#current = done.catch(() => {}); // the commit queue reports it
      return done;
    });
  }

  #continue(now: number, count: number): void {
    if (count >= PRUNE_LIMIT) this.#prune(now);
    else this.#done();
  }

  #done(): void {
    for (const resolve of this.#onDone.splice(0)) resolve();
  }
}
