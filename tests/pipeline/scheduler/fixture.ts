/**
 * Test support. A scheduler with a clock that is set by hand and no chance, and a
 * store beside it, as the commit queue would use it.
 */
import { JobScheduler } from "../../../src/pipeline/scheduler/job_scheduler.ts";
import { DEFAULT_RETRY } from "../../../src/pipeline/model/retry.ts";
import type { StepPolicy } from "../../../src/pipeline/model/step_policy.ts";
import type { Graph } from "../../../src/pipeline/model/graph.ts";
import type {
  JobEvent,
  JobRecord,
} from "../../../src/pipeline/model/records.ts";
import type {
  LocalJobStore,
  UnfinishedFlow,
} from "../../../src/pipeline/store/job_store.ts";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";

/** One step. */
export const ONE: Graph = [{ jobType: "a", after: [] }];
/** Two steps, one after the other. */
export const CHAIN: Graph = [...ONE, { jobType: "b", after: [0] }];
/** A list, a step for each of its items, and one that gets the list of their results. */
export const EACH: Graph = [
  ...ONE,
  { jobType: "b", after: [0], each: true },
  { jobType: "c", after: [1] },
];
/** Two branches that are joined. */
export const FORK: Graph = [
  ...ONE,
  { jobType: "b", after: [0] },
  { jobType: "c", after: [0] },
  { jobType: "d", after: [1, 2] },
];

/** What a test may change of a scheduler. */
export interface TestSchedulerOptions {
  readonly steps?: Record<string, Partial<StepPolicy>>;
  readonly maxQueued?: number;
  readonly maxQueuedBytes?: number;
  readonly maxKills?: number;
  readonly maxItems?: number;
  readonly maxPayloadBytes?: number;
  readonly store?: LocalJobStore;
  readonly now?: number;
}

/** A failure of a handler. */
export const FAILURE = { name: "Error", message: "no", retryable: true };

/** A scheduler at a time that only a test moves on. */
export class TestScheduler {
  now: number;
  readonly scheduler: JobScheduler;
  readonly store: LocalJobStore;
  readonly events: JobEvent[] = [];
  #lastId = 0;

  constructor(options: TestSchedulerOptions = {}) {
    this.now = options.now ?? 1_000_000;
    this.store = options.store ?? memoryStore();
    const types = ["a", "b", "c", "d"];
    this.scheduler = new JobScheduler({
      steps: new Map(
        types.map((type) => [type, {
          retry: DEFAULT_RETRY,
          ...options.steps?.[type],
        }]),
      ),
      maxQueued: options.maxQueued ?? 100,
      maxQueuedBytes: options.maxQueuedBytes,
      maxKills: options.maxKills ?? 3,
      maxItems: options.maxItems ?? 100,
      maxPayloadBytes: options.maxPayloadBytes ?? 1000,
      failedTtlMs: 20_000,
      resultTtlMs: 1000,
      now: () => this.now,
      random: () => 0.5,
      onEvent: (event) => this.events.push(event),
    });
  }

  /** Submits a flow; `null` is what its first step gets. */
  submit(
    graph: Graph,
    options: Partial<Parameters<JobScheduler["submit"]>[0]> = {},
  ): string {
    const id = `f${++this.#lastId}`;
    const submission = { id, name: "flow", graph, payload: "null" };
    return this.scheduler.submit({ ...submission, ...options }).flow.id;
  }

  /** Gives the next job of a type to a worker that begins it. */
  take(jobType: string, worker = "w1"): JobRecord | undefined {
    const job = this.scheduler.dispatch(jobType, worker, true) ??
      this.scheduler.dispatch(jobType, worker);
    if (job !== undefined) this.scheduler.activate(job.id, job.attempt);
    return job && { ...job };
  }

  /** The next job of a type is done. */
  do(jobType: string, result: unknown): JobRecord {
    const job = this.take(jobType)!;
    this.scheduler.succeed(job.id, job.attempt, JSON.stringify(result));
    return job;
  }

  /** Moves the clock on, and does what is due. */
  pass(ms: number): void {
    this.now += ms;
    this.scheduler.tick();
  }

  /** The state of a job, on the scheduler or in the store. */
  state(id: string): string | undefined {
    return (this.scheduler.job(id) ?? this.store.job(id))?.state;
  }

  /** Commits all changes, as the commit queue does. */
  async keep(): Promise<void> {
    const changes = this.scheduler.takeChanges();
    await this.store.commit(changes);
    this.scheduler.forget(changes);
  }

  /** Another scheduler, with the unfinished work of the store. */
  restart(options: TestSchedulerOptions = {}): TestScheduler {
    const { now, store } = this;
    const next = new TestScheduler({ now, store, ...options });
    const whole = new Map<string, UnfinishedFlow>();
    for (const part of store.unfinished()) {
      const known = whole.get(part.flow.id);
      if (known === undefined) whole.set(part.flow.id, part);
      else known.jobs.push(...part.jobs);
    }
    for (const { flow, jobs } of whole.values()) {
      restore(next.scheduler, flow, jobs);
    }
    next.#lastId = this.#lastId;
    return next;
  }
}

/** Restores a flow at once. */
export function restore(
  scheduler: JobScheduler,
  ...args: Parameters<JobScheduler["restore"]>
): void {
  const steps = scheduler.restore(...args);
  while (steps.next().done !== true);
}

/** A scheduler over a store that is open. */
export async function testScheduler(
  options: TestSchedulerOptions = {},
): Promise<TestScheduler> {
  const one = new TestScheduler(options);
  await one.store.open();
  return one;
}
