/**
 * Layer: pipeline/coordinator. Restores flows from the store: all unfinished ones
 * when a pipeline starts, and a failed one that is retried. It works in slices:
 * however many jobs there are, the event loop goes on.
 *
 * @module
 */
import type { FlowRecord, JobRecord } from "../model/records.ts";
import type { JobScheduler } from "../scheduler/job_scheduler.ts";
import type { JobStore, UnfinishedFlow } from "../store/job_store.ts";
import { TurnBudget } from "./turn_budget.ts";

/** How many jobs are read at a time. */
const PAGE = 500;

/** Restores flows. */
export class Recovery {
  readonly #store: JobStore;
  readonly #scheduler: JobScheduler;
  /** The failed flows that are being restored, by id. */
  readonly #restoring: Map<string, Promise<boolean>> = new Map();

  constructor(store: JobStore, scheduler: JobScheduler) {
    this.#store = store;
    this.#scheduler = scheduler;
  }

  /**
   * Restores all unfinished flows.
   *
   * @returns The settings of the store.
   */
  async start(): Promise<ReadonlyMap<string, string>> {
    const store = this.#store;
    const budget = new TurnBudget();
    for await (const { flow, jobs } of wholeFlows(store.unfinished(), budget)) {
      const returned = new Set<JobRecord>();
      for (const job of jobs) {
        if (job.state !== "waiting" || job.attempt === 0) continue;
        if (await hasReturned(store, job)) returned.add(job);
        await budget.spend();
      }
      const isReturned = (job: JobRecord) => returned.has(job);
      await budget.run(this.#scheduler.restore(flow, jobs, isReturned));
      await budget.spend();
    }
    return await store.settings();
  }

  /**
   * Restores a failed flow that is not in memory, to retry it. The store must
   * not be pruned meanwhile.
   *
   * @param use Called in the turn in which the flow is in the scheduler.
   * @returns What that returns; `undefined` if the store has begun to delete the flow.
   */
  async failed<T>(flow: FlowRecord, use: () => T): Promise<T | undefined> {
    const { id } = flow;
    if (this.#scheduler.flow(id) === undefined) {
      const known = this.#restoring.get(id);
      const restored = known ?? this.#restore(flow);
      if (known === undefined) this.#restoring.set(id, restored);
      try {
        if (!await restored) return undefined;
      } finally {
        this.#restoring.delete(id);
      }
    }
    return use();
  }

  async #restore(flow: FlowRecord): Promise<boolean> {
    const budget = new TurnBudget();
    const jobs: JobRecord[] = [];
    for (;;) {
      const page = await this.#store.jobsOf(flow.id, {
        limit: PAGE,
        offset: jobs.length,
      });
      for (const job of page) jobs.push(job);
      if (page.length < PAGE) break;
      await budget.spend(PAGE);
    }
    if (jobs[0]?.id !== flow.id) return false;
    await budget.run(this.#scheduler.restore(flow, jobs));
    return true;
  }
}

/** Joins the parts in which flows with many jobs come. */
async function* wholeFlows(
  parts: Iterable<UnfinishedFlow> | AsyncIterable<UnfinishedFlow>,
  budget: TurnBudget,
): AsyncIterable<UnfinishedFlow> {
  let last: UnfinishedFlow | undefined;
  for await (const part of parts) {
    if (last?.flow.id === part.flow.id) {
      for (const job of part.jobs) last.jobs.push(job);
    } else {
      if (last !== undefined) yield last;
      last = { flow: part.flow, jobs: part.jobs };
    }
    await budget.spend(part.jobs.length);
  }
  if (last !== undefined) yield last;
}

/** Whether a waiting job came back from a worker: such jobs go first. */
async function hasReturned(
  store: JobStore,
  { id }: JobRecord,
): Promise<boolean> {
  const last = (await store.events(id)).at(-1)?.type;
  return last === "requeued" || last === "released";
}
