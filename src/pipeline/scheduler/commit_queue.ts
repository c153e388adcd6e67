/**
 * Layer: pipeline/scheduler. Takes what changes on the scheduler to the store: one
 * commit for all that happened in a turn of the event loop, one at a time.
 * What may only happen once it is kept, such as an answer, waits here for that.
 *
 * A store that fails is tried again, with all that has changed meanwhile:
 * records are kept as they are now, so what belongs together must go together.
 * Nothing that waits happens before, and nothing is forgotten. One record that
 * the store refuses for what it is, is left out, so that it keeps nobody waiting.
 *
 * @module
 */
import { sleep } from "../../async/pending_call.ts";
import { withResolvers } from "../../async/promises.ts";
import { PipelineError } from "../model/errors.ts";
import type { Report } from "../model/faults.ts";
import { memberOf, messageOf } from "../model/foreign.ts";
import type { JobStore } from "../store/job_store.ts";
import type { ChangeSet } from "./change_set.ts";

/** The pause before a commit that failed is tried again, in milliseconds. */
const RETRY_MS = 1000;

/** Where changes come from. */
export interface ChangeSource {
  /** What has changed since this was called last. */
  takeChanges(): ChangeSet;
  /** The changes are committed. */
  committed(changes: ChangeSet): void;
  /** A flow, or a setting, can never be kept: it is left out of the changes. */
  refused(id: string, error: PipelineError): void;
}

interface Waiting {
  readonly then: () => void;
  readonly otherwise?: (error: PipelineError) => void;
}

/** The way of changes to the store. */
export class CommitQueue {
  readonly #store: JobStore;
  readonly #source: ChangeSource;
  readonly #onError: Report;
  readonly #retryMs: number;
  #waiting: Waiting[] = [];
  #isDue = false;
  #isBusy = false;
  #isClosing = false;
  #isClosed = false;
  #error: PipelineError | undefined;
  readonly #closing = new AbortController();

  /**
   * @param onError Told of every commit that failed.
   * @param retryMs The pause before it is tried again, in milliseconds.
   */
  constructor(
    store: JobStore,
    source: ChangeSource,
    onError: Report,
    retryMs: number = RETRY_MS,
  ) {
    this.#store = store;
    this.#source = source;
    this.#onError = onError;
    this.#retryMs = retryMs;
  }

  /** Why the store takes nothing at present; `undefined` while it does. */
  get error(): PipelineError | undefined {
    return this.#error;
  }

  /**
   * Calls `then` once all that has changed until now is kept.
   *
   * @param otherwise Called instead if the commits is closed before.
   */
  after(then: () => void, otherwise?: (error: PipelineError) => void): void {
    if (this.#isClosed) return otherwise?.(closed(this.#error));
    this.#waiting.push({ then, otherwise });
    this.commitSoon();
  }

  /**
   * Resolves once all that has changed until now is kept.
   *
   * @throws {PipelineError} `ERR_PIPELINE_CLOSED` if the commits is closed before.
   */
  committed(): Promise<void> {
    const { promise, resolve, reject } = withResolvers();
    this.after(resolve, reject);
    return promise;
  }

  /** Takes what has changed to the store, at the end of this turn. */
  commitSoon(): void {
    if (this.#isDue || this.#isClosed) return;
    this.#isDue = true;
    if (!this.#isBusy) setImmediate(this.#run);
  }

  /** Takes the rest to the store; a store that fails now is not tried again. Safe to call again. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.commitSoon();
    this.#closing.abort();
    // What comes of the last commit, such as an answer that is sent, may
    // change something once more.
    while (!this.#isClosed && (this.#isDue || this.#isBusy)) {
      await this.committed().catch(() => {});
    }
    this.#isClosed = true;
  }

  readonly #run = (): void => {
    this.#commit().catch((error) => this.#stop(error));
  };

  /** It cannot go on: nobody shall wait for what will not be kept. */
  #stop(cause: unknown): void {
    this.#error = new PipelineError(
      "ERR_PIPELINE_STOPPED",
      `The pipeline keeps nothing any more: ${messageOf(cause)}`,
      { cause },
    );
    this.#onError(this.#error);
    this.#isBusy = false;
    this.#giveUp(this.#waiting);
  }

  #giveUp(waiting: readonly Waiting[]): void {
    this.#isClosed = true;
    this.#isDue = false;
    this.#waiting = [];
    const error = closed(this.#error);
    for (const { otherwise } of waiting) this.#tell(() => otherwise?.(error));
  }

  async #commit(): Promise<void> {
    this.#isBusy = true;
    // The source may still change something, and wait for that to be kept.
    const changes = this.#source.takeChanges();
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isDue = false;
    const isKept = changes.isEmpty || await this.#keep(changes);
    if (isKept) {
      this.#source.committed(changes);
      for (const { then } of waiting) this.#tell(then);
    } else {
      this.#giveUp([...waiting, ...this.#waiting]);
    }
    this.#isBusy = false;
    if (this.#isDue) setImmediate(this.#run);
  }

  /** Commits changes, again and again if need be; tells whether it could. */
  async #keep(changes: ChangeSet): Promise<boolean> {
    for (;;) {
      try {
        await this.#store.commit(changes);
        this.#error = undefined;
        return true;
      } catch (cause) {
        const refused = refusedBy(cause);
        const error = new PipelineError(
          "ERR_STORE_FAILED",
          `The store cannot keep ${
            refused === undefined ? "what happened" : `"${refused}"`
          }: ${messageOf(cause)}`,
          { id: refused, cause },
        );
        this.#onError(error, "store");
        if (refused !== undefined && changes.leaveOut(refused)) {
          this.#tell(() => this.#source.refused(refused, error));
          if (!changes.isEmpty) continue;
          this.#error = undefined;
          return true;
        }
        this.#error = error;
      }
      if (this.#isClosing) return false;
      await sleep(this.#retryMs, this.#closing.signal);
      changes.add(this.#source.takeChanges());
    }
  }

  /** One that fails shall not keep the others waiting. */
  #tell(one: () => void): void {
    try {
      one();
    } catch (error) {
      this.#onError(error as Error);
    }
  }
}

/** Which record it was that a store refused; `undefined` where the store itself fails. */
function refusedBy(error: unknown): string | undefined {
  const id = memberOf(error, "id");
  return typeof id === "string" ? id : undefined;
}

function closed(cause: PipelineError | undefined): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_CLOSED",
    "The pipeline was closed before this was kept",
    { cause },
  );
}
