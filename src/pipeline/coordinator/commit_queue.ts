/**
 * Layer: pipeline/coordinator. The effects that wait for the next commit, such as
 * answers, and the commit itself: it is retried until the store takes it.
 *
 * While the store fails, later changes are added to the ones that failed:
 * records are written with their latest values, so what belongs together must be
 * committed together. No effect happens before its commit, and none is lost. When
 * another process has the store, nothing is tried again, and what waits fails. A
 * single record that the store refuses for its content is left out, so that it
 * does not block the others.
 *
 * @module
 */
import { sleep } from "../../async/pending_call.ts";
import { withResolvers } from "../../async/promises.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import type { Report } from "../model/faults.ts";
import { memberOf, messageOf } from "../model/foreign.ts";
import type { Awaitable, JobStore } from "../store/job_store.ts";
import type { ChangeSet } from "../scheduler/change_set.ts";

/** The pause before a failed commit is retried, in milliseconds. */
const RETRY_MS = 1000;

/** Where changes come from. */
export interface ChangeSource {
  /** Hands over the changes since the last call. */
  takeChanges(): ChangeSet;
  /** A flow, or a setting, can never be committed: it was left out. */
  refused(id: string, error: PipelineError): void;
}

/** What waits for a commit. */
export interface Effect {
  /** Called after the commit. */
  readonly then: () => void;
  /** Called instead if the pipeline is closed before. */
  readonly otherwise?: (error: PipelineError) => void;
}

/** How a commit queue works. */
export interface CommitQueueOptions {
  /** Called when something waits for a commit. */
  readonly wake: () => void;
  /** Called for each failed commit, and each effect that throws. */
  readonly onError: Report;
  /** The pause before a failed commit is retried, in milliseconds. Default 1,000. */
  readonly retryMs?: number;
}

/** Commits changes, and the effects that wait for that. */
export class CommitQueue {
  readonly #store: JobStore;
  readonly #options: CommitQueueOptions;
  #effects: Effect[] = [];
  /** Of all that wait for the next commit: a promise of its own for each submission took four objects more. */
  #nextCommit: Promise<void> | undefined;
  #turn = 0;
  #maintenance: (() => Awaitable<void>)[] = [];
  #state: "open" | "closing" | "closed" = "open";
  #error: PipelineError | undefined;
  readonly #closing = new AbortController();

  constructor(store: JobStore, options: CommitQueueOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Why the store takes nothing at present; `undefined` while it does. */
  get error(): PipelineError | undefined {
    return this.#error;
  }

  /** Whether nothing is committed any more. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Counts the commits: what is added while it stays the same waits for the same one. */
  get turn(): number {
    return this.#turn;
  }

  /**
   * Calls `then` once all changes until now are committed.
   *
   * @param otherwise Called instead if the queue is closed before.
   */
  after(then: () => void, otherwise?: (error: PipelineError) => void): void {
    if (this.isClosed) return otherwise?.(closedError(this.#error));
    this.#effects.push({ then, otherwise });
    this.#options.wake();
  }

  /**
   * Resolves once all changes until now are committed.
   *
   * @throws {PipelineError} `ERR_PIPELINE_CLOSED` if the queue is closed before.
   */
  committed(): Promise<void> {
    if (this.#nextCommit !== undefined) return this.#nextCommit;
    const { promise, resolve, reject } = withResolvers();
    if (!this.isClosed) this.#nextCommit = promise;
    this.after(resolve, reject);
    return promise;
  }

  /** Does something between two commits, after the next one: no commit runs meanwhile. */
  between(task: () => Awaitable<void>): void {
    if (this.isClosed) return;
    this.#maintenance.push(task);
    this.#options.wake();
  }

  /** Does what is to be done between two commits; `undefined` if there is nothing. */
  maintain(): Promise<void> | undefined {
    const tasks = this.#maintenance;
    if (tasks.length === 0) return undefined;
    this.#maintenance = [];
    return this.#maintain(tasks);
  }

  async #maintain(tasks: readonly (() => Awaitable<void>)[]): Promise<void> {
    for (const task of tasks) {
      try {
        await task();
      } catch (error) {
        this.#options.onError(error as Error);
      }
    }
  }

  /** Takes the effects that wait for the next commit. */
  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    this.#nextCommit = undefined;
    this.#turn++;
    return effects;
  }

  /**
   * Commits changes, again and again if need be.
   *
   * @param source Gives the changes that come while the store fails.
   * @returns false if the queue is closing and the store fails, or if another
   *   process has the store.
   */
  async commit(changes: ChangeSet, source: ChangeSource): Promise<boolean> {
    for (;;) {
      try {
        await this.#store.commit(changes);
        this.#error = undefined;
        return true;
      } catch (cause) {
        const error = this.#failed(cause);
        const id = error.id;
        if (id !== undefined && changes.leaveOut(id)) {
          this.#guard(() => source.refused(id, error));
          if (!changes.isEmpty) continue;
          this.#error = undefined;
          return true;
        }
        this.#error = error;
      }
      if (this.#state !== "open" || isFenced(this.#error)) return false;
      await sleep(this.#options.retryMs ?? RETRY_MS, this.#closing.signal);
      changes.add(source.takeChanges());
    }
  }

  /** Runs effects, after their commit. One that throws does not stop the others. */
  publish(effects: readonly Effect[]): void {
    for (const { then } of effects) this.#guard(then);
  }

  /** A store that fails from now on is not tried again. */
  stopRetrying(): void {
    if (this.#state === "open") this.#state = "closing";
    this.#closing.abort();
  }

  /** Nothing is committed any more: everything that waits fails. */
  close(effects: readonly Effect[] = [], cause?: PipelineError): void {
    this.#error = cause ?? this.#error;
    this.#state = "closed";
    const error = closedError(this.#error);
    for (const { otherwise } of [...effects, ...this.takeEffects()]) {
      this.#guard(() => otherwise?.(error));
    }
  }

  /** Reports a failed commit. */
  #failed(cause: unknown): PipelineError {
    const id = refusedId(cause);
    if (isFenced(cause)) return cause; // reported when the pipeline closes
    const error = new PipelineError(
      "ERR_STORE_FAILED",
      `The store cannot commit ${id === undefined ? "changes" : `"${id}"`}: ${
        messageOf(cause)
      }`,
      { id, cause },
    );
    this.#options.onError(error, "store");
    return error;
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onError(error as Error);
    }
  }
}

/** Whether another process has taken the store over. */
export function isFenced(error: unknown): error is PipelineError {
  return error instanceof PipelineError && error.code === "ERR_STORE_FENCED";
}

/** The record that a store refused; `undefined` where the store itself fails. */
function refusedId(error: unknown): string | undefined {
  const id = memberOf(error, "id");
  return typeof id === "string" ? id : undefined;
}

function closedError(cause: PipelineError | undefined): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_CLOSED",
    "The pipeline was closed before the change was committed",
    { cause },
  );
}
