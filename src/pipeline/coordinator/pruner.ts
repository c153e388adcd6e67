/**
 * Layer: pipeline/coordinator. Lets the store forget what has expired: some of
 * it after each commit, so that nothing is held up, until nothing is left.
 *
 * @module
 */
import type { JobScheduler } from "../scheduler/job_scheduler.ts";
import type { CommitQueue } from "../scheduler/commit_queue.ts";
import type { JobStore } from "../store/job_store.ts";

/** How often it begins, in milliseconds. */
const PRUNE_MS = 5000;
/** How many flows the store forgets between two commits. */
const PRUNE_LIMIT = 100;

/** A clock that was set forward by more than this has jumped, in milliseconds. */
const JUMP_MS = 60_000;
/** For so long nothing is forgotten after that, in milliseconds. */
const HOLD_MS = 60 * 60 * 1000;

/** What a pruner is told once. */
export interface PrunerOptions {
  /** A clock that nobody sets, in milliseconds. Without one, no jump is noticed. */
  readonly monotonicNow?: () => number;
  /** Told that the clock has jumped. */
  readonly onWarning?: (error: Error) => void;
}

/** Keeps a store from growing for ever. */
export class Pruner {
  readonly #store: JobStore;
  readonly #scheduler: JobScheduler;
  readonly #commits: CommitQueue;
  readonly #options: PrunerOptions;
  /** When both clocks were looked at last. */
  #lookedAt: { readonly wall: number; readonly monotonic: number } | undefined;
  #heldUntil = -Infinity;
  #beganAt = 0;
  #isStopped = false;

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

  /** Begins, if it is time. */
  look(now: number): void {
    // One that was set back is no reason to wait until it is there again.
    if (Math.abs(now - this.#beganAt) < PRUNE_MS || this.#isAssigned(now)) {
      return;
    }
    this.#beganAt = now;
    this.#prune(now);
  }

  /** Forgets nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Whether the clock was set forward not long ago. All that is finished would
   * have expired at once, though perhaps the clock is wrong now: so there is some
   * time to look, and to set it right.
   */
  #isAssigned(now: number): boolean {
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
          } s: for an hour nothing is forgotten that has expired`,
        ),
      );
    }
    return monotonic < this.#heldUntil;
  }

  #prune(now: number): void {
    this.#commits.after(() => {
      if (this.#isStopped) return;
      // What is tried again must not be forgotten before that is kept.
      const isMore = this.#scheduler.hasChanges ||
        this.#store.prune(now, PRUNE_LIMIT) === PRUNE_LIMIT;
      if (isMore) this.#prune(now);
    });
  }
}
