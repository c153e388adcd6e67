/**
 * Layer: pipeline/coordinator. The loop of a pipeline:
 *
 *     tick → dispatch → collect → commit → publish
 *
 * One turn commits everything that happened in a turn of the event loop, and
 * turns do not overlap. Whatever reports a change to others (an answer to a
 * client, a job for a worker, `settled`) is an effect, which is published only
 * after the commit of that change.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import type { Report } from "../model/faults.ts";
import { messageOf } from "../model/foreign.ts";
import type { ChangeSet } from "../scheduler/change_set.ts";
import { type ChangeSource, CommitQueue, isFenced } from "./commit_queue.ts";
import type { JobStore } from "../store/job_store.ts";

/** The steps of a turn. */
export interface LoopSteps extends ChangeSource {
  /** Does what is due by now: delays, schedules, a slice of long tasks. */
  tick(): void;
  /** Assigns waiting jobs to workers: part of this commit, sent after it. */
  dispatch(): void;
  /** The changes are committed. */
  committed(changes: ChangeSet): void;
  /** Another process has the store: nothing will be committed any more. */
  fenced(error: PipelineError): void;
}

/** Runs turns while there is something to do. */
export class Loop {
  /** The effects that wait for a commit. */
  readonly commits: CommitQueue;
  readonly #steps: LoopSteps;
  readonly #onError: Report;
  #isDue = false;
  #isBusy = false;

  /** @param retryMs The pause before a failed commit is retried, in milliseconds. */
  constructor(
    store: JobStore,
    steps: LoopSteps,
    onError: Report,
    retryMs?: number,
  ) {
    this.#steps = steps;
    this.#onError = onError;
    const wake = () => this.wake();
    this.commits = new CommitQueue(store, { wake, onError, retryMs });
  }

  /** Runs a turn at the end of this turn of the event loop. */
  wake(): void {
    if (this.#isDue || this.commits.isClosed) return;
    this.#isDue = true;
    if (!this.#isBusy) setImmediate(this.#run);
  }

  async #turn(): Promise<void> {
    const { commits } = this;
    const steps = this.#steps;
    this.#isBusy = true;

    steps.tick();
    steps.dispatch();

    const changes = steps.takeChanges(); // collect: the changes, and
    const effects = commits.takeEffects(); // what waits for them
    this.#isDue = false;

    const isCommitted = changes.isEmpty ||
      await commits.commit(changes, steps);
    if (!isCommitted) {
      const { error } = commits;
      this.#end(effects);
      if (isFenced(error)) steps.fenced(error);
      return;
    }

    steps.committed(changes);
    commits.publish(effects);

    const maintenance = commits.maintain(); // such as pruning the store
    if (maintenance !== undefined) await maintenance;

    this.#isBusy = false;
    if (this.#isDue) setImmediate(this.#run);
  }

  readonly #run = (): void => {
    this.#turn().catch((cause) => {
      const error = new PipelineError(
        "ERR_PIPELINE_STOPPED",
        `The pipeline has stopped committing changes: ${messageOf(cause)}`,
        { cause },
      );
      this.#onError(error);
      this.#end([], error);
    });
  };

  /** Ends the loop; what waits for a commit fails. */
  #end(effects: Parameters<CommitQueue["close"]>[0], error?: PipelineError) {
    this.#isBusy = this.#isDue = false;
    this.commits.close(effects, error);
  }

  /** Ends at once; what waits for a commit fails. */
  abandon(error: PipelineError): void {
    this.commits.stopRetrying();
    this.commits.close([], error);
  }

  /** Commits the rest and ends. A store that fails now is not tried again. Safe to call again. */
  async close(): Promise<void> {
    this.commits.stopRetrying();
    this.wake();
    // An effect of the last commit, such as sending an answer, may change
    // something once more.
    while (!this.commits.isClosed && (this.#isDue || this.#isBusy)) {
      await this.commits.committed().catch(() => {});
    }
    if (!this.commits.isClosed) this.commits.close();
  }
}
