/**
 * Layer: pipeline/scheduler. Writes down what becomes of jobs and flows: for the
 * journal, and for whoever watches. It decides nothing.
 *
 * @module
 */
import type {
  FlowRecord,
  FlowState,
  JobEvent,
  JobRecord,
  JobState,
} from "../model/records.ts";
import { Changes } from "./change_set.ts";

/** Who watches, and what time it is. */
export interface LedgerOptions {
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** How long a flow is kept that was completed or cancelled, in milliseconds. */
  readonly resultTtlMs: number;
  /** How long a flow is kept that has failed, in milliseconds. */
  readonly failedTtlMs: number;
  /** Told of each line of a timeline. */
  readonly onEvent?: (event: JobEvent, job: JobRecord) => void;
  /** Told that a flow is not running any more. */
  readonly onFlow?: (flow: FlowRecord) => void;
}

/** The book of what happened. */
export class Ledger {
  #changes: Changes = new Changes();
  /** Jobs that have changed in a way that need not be kept at once. */
  readonly #late: Map<string, JobRecord> = new Map();
  readonly #options: LedgerOptions;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Whether something has changed since changes were taken last. */
  get hasChanges(): boolean {
    return !this.#changes.isEmpty;
  }

  /** What has changed since this was called last. */
  takeChanges(): Changes {
    const changes = this.#changes;
    this.#changes = new Changes();
    return changes;
  }

  /** A job came into a state. */
  become(job: JobRecord, state: JobState, detail?: string): void {
    job.state = state;
    this.touch(job);
    this.tell(job, state, detail);
  }

  /** A job came into a state that it does not leave by itself. */
  finish(job: JobRecord, state: JobState): void {
    job.finishedAt = this.#options.now();
    this.become(job, state, job.error?.message);
  }

  /** A job changed within its state. */
  touch(job: JobRecord): void {
    this.#changes.jobs.set(job.id, job);
    this.#late.delete(job.id);
  }

  /**
   * A job changed in a way that nobody waits for: that goes with its next
   * change, or when `hurry` is called. So a job is written once less, which is
   * a third of what a store does for it.
   */
  touchLate(job: JobRecord): void {
    if (!this.#changes.jobs.has(job.id)) this.#late.set(job.id, job);
  }

  /** Nothing is late any more. */
  hurry(): void {
    for (const [id, job] of this.#late) this.#changes.jobs.set(id, job);
    this.#late.clear();
  }

  /** A line for the timeline. */
  tell(job: JobRecord, type: JobEvent["type"], detail?: string): void {
    const event = this.#eventOf(job, type, detail);
    this.#changes.events.push(event);
    this.#options.onEvent?.(event, job);
  }

  /** Something that only those want to know who watch now. */
  whisper(job: JobRecord, type: JobEvent["type"]): void {
    this.#options.onEvent?.(this.#eventOf(job, type), job);
  }

  /** A flow began, or runs again. */
  run(flow: FlowRecord): void {
    flow.state = "running";
    flow.error = flow.finishedAt = flow.expiresAt = undefined;
    this.#changes.flows.set(flow.id, flow);
  }

  /** A flow is not running any more. */
  end(flow: FlowRecord, state: FlowState): void {
    const { now, resultTtlMs, failedTtlMs, onFlow } = this.#options;
    flow.state = state;
    flow.finishedAt = now();
    flow.expiresAt = flow.finishedAt +
      (state === "failed" ? failedTtlMs : resultTtlMs);
    this.#changes.flows.set(flow.id, flow);
    onFlow?.(flow);
  }

  /** A setting of the pipeline: JSON text, or `null` to forget it. */
  set(name: string, value: string | null): void {
    this.#changes.settings.set(name, value);
  }

  #eventOf(job: JobRecord, type: JobEvent["type"], detail?: string): JobEvent {
    const { id: jobId, attempt, worker } = job;
    return { jobId, at: this.#options.now(), type, attempt, worker, detail };
  }
}
