/**
 * Layer: pipeline/scheduler. Records what happens to flows and jobs since the
 * last commit: for the store, which commits it as one batch, and for listeners.
 * It decides nothing.
 *
 * @module
 */
import { flowIdOf } from "../model/job_states.ts";
import type {
  FlowRecord,
  FlowState,
  JobEvent,
  JobRecord,
  JobState,
} from "../model/records.ts";
import type { Batch } from "../store/job_store.ts";
import { PendingLogs } from "./pending_logs.ts";
import type { LiveFlow } from "./live_flow.ts";

/** The clock, the retention times and the listeners of a change set. */
export interface ChangeSetOptions {
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** How long a completed or cancelled flow is retained, in milliseconds. */
  readonly resultTtlMs: number;
  /** How long a failed flow is retained, in milliseconds. */
  readonly failedTtlMs: number;
  /** Called for each event of a job. */
  readonly onEvent?: (event: JobEvent, job: JobRecord) => void;
  /** Whether anyone is interested in events that are not stored. Default: always. */
  readonly isWatched?: () => boolean;
  /** Called when a flow stops running. */
  readonly onFlow?: (flow: FlowRecord) => void;
}

/** When a flow expires that was removed: before all others. */
export const REMOVED_AT = 0;

/** The uncommitted changes. Each record is in it once, with its latest values. */
export class ChangeSet implements Batch {
  readonly flows: Map<string, FlowRecord> = new Map();
  readonly jobs: Map<string, JobRecord> = new Map();
  readonly events: JobEvent[] = [];
  readonly settings: Map<string, string | null> = new Map();
  readonly logs: Map<string, string> = new Map();
  /** The flows that the scheduler may drop from memory after the commit. */
  idle: Set<LiveFlow> = new Set();
  /** Changed jobs that need not be committed at once; shared by successive sets. */
  readonly #lazy: Map<string, JobRecord>;
  /** What jobs have logged, which goes with any other change; shared likewise. */
  readonly #lazyLogs: PendingLogs;
  readonly #options: ChangeSetOptions;

  constructor(
    options: ChangeSetOptions,
    lazy: Map<string, JobRecord> = new Map(),
    lazyLogs: PendingLogs = new PendingLogs(),
  ) {
    this.#options = options;
    this.#lazy = lazy;
    this.#lazyLogs = lazyLogs;
  }

  /** The set that records what happens after this one was taken to the store. */
  next(): ChangeSet {
    return new ChangeSet(this.#options, this.#lazy, this.#lazyLogs);
  }

  /** Whether there is nothing to commit. */
  get isEmpty(): boolean {
    return this.flows.size + this.jobs.size + this.events.length +
        this.settings.size + this.logs.size === 0;
  }

  /** Puts a job into a state. */
  transition(job: JobRecord, state: JobState, detail?: string): void {
    job.state = state;
    this.markDirty(job);
    this.record(job, state, detail);
  }

  /** Puts a job into a final state. */
  finish(job: JobRecord, state: JobState): void {
    job.finishedAt = this.#options.now();
    this.transition(job, state, job.error?.message);
  }

  /** A job changed within its state. */
  markDirty(job: JobRecord): void {
    this.jobs.set(job.id, job);
    this.#lazy.delete(job.id);
  }

  /**
   * A job changed in a way that need not be durable at once. It is committed
   * with the job's next change, or after `flushLazy`. This saves one write for
   * each job, a third of what a job costs the store.
   */
  markDirtyLazily(job: JobRecord): void {
    if (!this.jobs.has(job.id)) this.#lazy.set(job.id, job);
  }

  /** Includes lazily persisted state in this change set. */
  flushLazy(): void {
    for (const [id, job] of this.#lazy) this.jobs.set(id, job);
    this.#lazy.clear();
    this.flushLogs();
  }

  /** Adds text to the log of a job. It is committed with the next change, or after `flushLogs`. */
  log(jobId: string, text: string): void {
    this.#lazyLogs.add(jobId, text);
  }

  /** Includes what jobs have logged in this change set. */
  flushLogs(): void {
    for (const [jobId, text] of this.#lazyLogs.take()) {
      this.#addLog(jobId, text);
    }
  }

  #addLog(jobId: string, text: string): void {
    this.logs.set(jobId, (this.logs.get(jobId) ?? "") + text);
  }

  /** Adds an event to a job's history, and notifies the listener. */
  record(job: JobRecord, type: JobEvent["type"], detail?: string): void {
    const event = this.#eventOf(job, type, detail);
    this.events.push(event);
    this.#options.onEvent?.(event, job);
  }

  /** Notifies the listener of an event that is not persisted. */
  emitTransient(job: JobRecord, type: JobEvent["type"]): void {
    const { onEvent, isWatched } = this.#options;
    if (onEvent === undefined || isWatched?.() === false) return;
    onEvent(this.#eventOf(job, type), job);
  }

  /** A flow starts, or runs again. */
  run(flow: FlowRecord): void {
    flow.state = "running";
    flow.error = flow.finishedAt = flow.expiresAt = undefined;
    this.flows.set(flow.id, flow);
  }

  /** A flow stops running. */
  end(flow: FlowRecord, state: FlowState): void {
    const { now, resultTtlMs, failedTtlMs, onFlow } = this.#options;
    flow.state = state;
    flow.finishedAt = now();
    flow.expiresAt = flow.finishedAt +
      (state === "failed" ? failedTtlMs : resultTtlMs);
    this.flows.set(flow.id, flow);
    onFlow?.(flow);
  }

  /** A flow changed while it runs. */
  markFlow(flow: FlowRecord): void {
    this.flows.set(flow.id, flow);
  }

  /** A finished flow is removed: it expires before all others. */
  expire(flow: FlowRecord): void {
    this.flows.set(flow.id, { ...flow, expiresAt: REMOVED_AT });
  }

  /** Changes a setting of the pipeline: JSON text, or `null` to delete it. */
  set(name: string, value: string | null): void {
    this.settings.set(name, value);
  }

  /**
   * Leaves out a record that the store refuses: a flow with everything that
   * belongs to it, or a setting.
   *
   * @param id Of the flow, of one of its jobs, or the name of the setting.
   * @returns Whether the set contained it.
   */
  leaveOut(id: string): boolean {
    const flowId = flowIdOf(id);
    let isFound = this.settings.delete(id);
    isFound = this.flows.delete(flowId) || isFound;
    for (const job of [...this.jobs.values()]) {
      if (job.flowId !== flowId) continue;
      this.jobs.delete(job.id);
      isFound = true;
    }
    for (const jobId of [...this.logs.keys()]) {
      if (flowIdOf(jobId) === flowId) this.logs.delete(jobId);
    }
    const others = this.events.filter(({ jobId }) =>
      flowIdOf(jobId) !== flowId
    );
    isFound ||= others.length < this.events.length;
    this.events.length = 0;
    for (const event of others) this.events.push(event);
    return isFound;
  }

  /** Merges later changes into this set. */
  add(later: ChangeSet): void {
    for (const flow of later.flows.values()) this.flows.set(flow.id, flow);
    for (const job of later.jobs.values()) this.jobs.set(job.id, job);
    for (const event of later.events) this.events.push(event);
    for (const [name, value] of later.settings) this.settings.set(name, value);
    for (const [jobId, text] of later.logs) this.#addLog(jobId, text);
    for (const flow of later.idle) this.idle.add(flow);
  }

  #eventOf(job: JobRecord, type: JobEvent["type"], detail?: string): JobEvent {
    const { id: jobId, attempt, worker } = job;
    return { jobId, at: this.#options.now(), type, attempt, worker, detail };
  }
}
