/**
 * Layer: pipeline/coordinator. Lets the store forget what has expired: some of
 * it after each commit, so that nothing is held up, until nothing is left.
 *
 * @module
 */
import type { Board } from "../board/board.ts";
import type { Journal } from "../board/journal.ts";
import type { JobStore } from "../store/job_store.ts";

/** How often it begins, in milliseconds. */
const PRUNE_MS = 5000;
/** How many flows the store forgets between two commits. */
const PRUNE_LIMIT = 100;

/** Keeps a store from growing for ever. */
export class Pruner {
  readonly #store: JobStore;
  readonly #board: Board;
  readonly #journal: Journal;
  #beganAt = 0;
  #isStopped = false;

  constructor(store: JobStore, board: Board, journal: Journal) {
    this.#store = store;
    this.#board = board;
    this.#journal = journal;
  }

  /** Begins, if it is time. */
  look(now: number): void {
    if (now - this.#beganAt < PRUNE_MS) return;
    this.#beganAt = now;
    this.#prune(now);
  }

  /** Forgets nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  #prune(now: number): void {
    this.#journal.after(() => {
      if (this.#isStopped) return;
      // What is tried again must not be forgotten before that is kept.
      const isMore = this.#board.hasChanges ||
        this.#store.prune(now, PRUNE_LIMIT) === PRUNE_LIMIT;
      if (isMore) this.#prune(now);
    });
  }
}
