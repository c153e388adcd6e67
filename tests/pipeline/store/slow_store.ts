/**
 * Test support. A store that answers as one behind a network would: each answer
 * is a promise that another turn of the event loop resolves.
 *
 * @module
 */
import type {
  Batch,
  JobStore,
  LocalJobStore,
  UnfinishedFlow,
} from "../../../src/pipeline/store/job_store.ts";

/** Passes every call to another store, and its answer on in a later turn. */
export class SlowStore implements JobStore {
  readonly inner: LocalJobStore;
  /** How many calls are in progress. */
  #calls = 0;

  constructor(inner: LocalJobStore) {
    this.inner = inner;
  }

  get trouble() {
    return this.inner.trouble;
  }

  open(): Promise<void> {
    return this.inner.open();
  }

  async close(): Promise<void> {
    if (this.#calls > 0) throw new Error("A call is in progress");
    await this.inner.close();
  }

  /** The contract: what is committed is read during the call. */
  async commit(batch: Batch): Promise<void> {
    const copy = structuredClone({
      flows: new Map(batch.flows),
      jobs: new Map(batch.jobs),
      events: [...batch.events],
      settings: new Map(batch.settings),
      logs: new Map(batch.logs),
    });
    await this.#later(() => undefined);
    await this.inner.commit(copy);
    await this.#later(() => undefined);
  }

  async *unfinished(): AsyncIterable<UnfinishedFlow> {
    for (const part of this.inner.unfinished()) {
      yield await this.#later(() => part);
    }
  }

  readonly settings = () => this.#later(() => this.inner.settings());
  readonly flow = this.#slow("flow");
  readonly job = this.#slow("job");
  readonly jobsOf = this.#slow("jobsOf");
  readonly jobCountOf = this.#slow("jobCountOf");
  readonly events = this.#slow("events");
  readonly log = this.#slow("log");
  readonly searchFlows = this.#slow("searchFlows");
  readonly searchJobs = this.#slow("searchJobs");
  readonly flows = this.#slow("flows");
  readonly jobs = this.#slow("jobs");
  readonly counts = this.#slow("counts");
  readonly prune = this.#slow("prune");

  #slow<
    K extends
      | "flow"
      | "job"
      | "jobsOf"
      | "jobCountOf"
      | "events"
      | "log"
      | "flows"
      | "searchFlows"
      | "searchJobs"
      | "jobs"
      | "counts"
      | "prune",
  >(name: K) {
    return (
      ...args: Parameters<LocalJobStore[K]>
    ): Promise<ReturnType<LocalJobStore[K]>> => {
      const call = this.inner[name] as (
        ...args: Parameters<LocalJobStore[K]>
      ) => ReturnType<LocalJobStore[K]>;
      return this.#later(() => call.apply(this.inner, args));
    };
  }

  async #later<T>(answer: () => T): Promise<T> {
    this.#calls++;
    try {
      await new Promise((resolve) => setImmediate(resolve));
      const value = answer();
      await new Promise((resolve) => setImmediate(resolve));
      return value;
    } finally {
      this.#calls--;
    }
  }
}
