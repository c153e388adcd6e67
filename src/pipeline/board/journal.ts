/**
 * Layer: pipeline/board. Takes what changes on the board to the store: one
 * commit for all that happened in a turn of the event loop, one at a time.
 * What may only happen once it is kept, such as an answer, waits here for that.
 *
 * A store that fails is tried again; nothing that waits happens meanwhile, and
 * nothing is forgotten.
 *
 * @module
 */
import { PipelineError } from "../model/errors.ts";
import type { Batch, JobStore } from "../store/job_store.ts";
import type { Changes } from "./changes.ts";

/** The pause before a commit that failed is tried again, in milliseconds. */
const RETRY_MS = 1000;

/** Where changes come from. */
export interface ChangeSource {
  takeChanges(): Changes;
}

/** The way of changes to the store. */
export class Journal {
  readonly #store: JobStore;
  readonly #source: ChangeSource;
  readonly #onError: (error: PipelineError) => void;
  #waiting: (() => void)[] = [];
  #isDue = false;
  #work: Promise<void> | undefined;
  #error: PipelineError | undefined;
  #isClosing = false;

  /** @param onError Told of every commit that failed. */
  constructor(
    store: JobStore,
    source: ChangeSource,
    onError: (error: PipelineError) => void,
  ) {
    this.#store = store;
    this.#source = source;
    this.#onError = onError;
  }

  /** Why the store takes nothing at present; `undefined` while it does. */
  get error(): PipelineError | undefined {
    return this.#error;
  }

  /** Calls `then` once all that has changed until now is kept. */
  after(then: () => void): void {
    this.#waiting.push(then);
    this.flushSoon();
  }

  /** Takes what has changed to the store, at the end of this turn. */
  flushSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    if (this.#work === undefined) setImmediate(() => void this.flush());
  }

  /** Resolves once all that has changed until now is kept, or the store has failed. */
  async flush(): Promise<void> {
    await this.#work;
    this.#work ??= this.#commit().then(() => {
      this.#work = undefined;
      if (this.#isDue) setImmediate(() => void this.flush());
    });
    await this.#work;
  }

  /** Takes the rest to the store; a store that fails now is not tried again. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.flush();
  }

  async #commit(): Promise<void> {
    this.#isDue = false;
    const batch: Batch = this.#source.takeChanges();
    const waiting = this.#waiting;
    this.#waiting = [];
    if (isEmpty(batch) || await this.#keep(batch)) {
      for (const then of waiting) then();
    }
  }

  /** Commits a batch, again and again if need be; tells whether it could. */
  async #keep(batch: Batch): Promise<boolean> {
    for (;;) {
      try {
        await this.#store.commit(batch);
        this.#error = undefined;
        return true;
      } catch (cause) {
        const { message } = cause as Error;
        this.#error = new PipelineError(
          "ERR_STORE_FAILED",
          `The store cannot keep what happened: ${message}`,
          { cause },
        );
        this.#onError(this.#error);
      }
      if (this.#isClosing) return false;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function isEmpty({ flows, jobs, events, settings }: Batch): boolean {
  return flows.size + jobs.size + events.length + settings.size === 0;
}
