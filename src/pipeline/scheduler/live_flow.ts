/**
 * Layer: pipeline/scheduler. One unfinished flow: which of its nodes are complete,
 * and which jobs can start. Changes no record.
 *
 * @module
 */
import type { PipelineError } from "../model/pipeline_error.ts";
import type { GraphNode } from "../model/graph.ts";
import { isFinal, jobIdOf } from "../model/job_states.ts";
import type { FlowRecord, JobRecord } from "../model/records.ts";
import {
  type Advance,
  type FlowLimits,
  FlowProgress,
  type JobSpecs,
} from "./flow_progress.ts";

/** The maximum number of linked attempts: the default limit of a span in OpenTelemetry. */
const MAX_LINKS = 128;

/** An unfinished flow. */
export class LiveFlow {
  readonly record: FlowRecord;
  readonly jobs: Map<string, JobRecord> = new Map();
  /** Why the flow was dropped: the store refused it. */
  refusal: PipelineError | undefined;
  /** The size of the payloads of its jobs, in characters of JSON. */
  size = 0;
  /** How many of its jobs are not in a final state. */
  #open = 0;
  /** Its dead jobs; most flows never have any. */
  #dead: Set<JobRecord> | undefined;
  /** Its tasks that are done in slices, such as creating many jobs; most flows have none. */
  #tasks: Set<object> | undefined;
  /** How many late results there were, by job; most flows have none. */
  #late: Map<string, number> | undefined;
  readonly #progress: FlowProgress;

  constructor(record: FlowRecord) {
    this.record = record;
    this.#progress = new FlowProgress(record, this.jobs);
  }

  /**
   * Restores a flow from the store, one job a step.
   *
   * @returns The flow, and the jobs that are missing because the process ended
   *   before all of them were created.
   */
  static *restore(
    record: FlowRecord,
    jobs: readonly JobRecord[],
  ): Generator<void, { flow: LiveFlow; missing: JobSpecs[] }> {
    const flow = new LiveFlow(record);
    const missing: JobSpecs[] = [];
    const byNode: JobRecord[][] = record.graph.map(() => []);
    for (const job of jobs) {
      flow.add(job);
      flow.size += job.payload.length + (job.result?.length ?? 0);
      byNode[job.node]!.push(job);
      yield;
    }
    // In the graph's order, so that the input of a node is complete before it.
    for (const [node, own] of byNode.entries()) {
      const specs = flow.#progress.restoreEach(node, own.length);
      if (specs !== undefined) missing.push(specs);
      for (const job of own) {
        if (job.state === "completed") flow.#progress.note(job, job.result!);
        yield;
      }
    }
    return { flow, missing };
  }

  /** Whether nothing happens in it any more: no job runs, waits, or will be created. */
  get isIdle(): boolean {
    return this.record.state !== "running" && this.#open === 0 &&
      (this.#tasks?.size ?? 0) === 0;
  }

  /** Whether it cannot be cancelled, or is cancelled already. */
  get isOver(): boolean {
    return this.isIdle || this.record.state === "cancelled";
  }

  /** A task in slices begins. */
  begin(task: object): void {
    (this.#tasks ??= new Set()).add(task);
  }

  /** Whether a task has begun, and is neither done nor given up. */
  isDoing(task: object): boolean {
    return this.#tasks?.has(task) === true;
  }

  /** A task is done. */
  done(task: object): void {
    this.#tasks?.delete(task);
  }

  /** All tasks are given up. */
  giveUpTasks(): void {
    this.#tasks?.clear();
  }

  /** Adds a job. */
  add(job: JobRecord): void {
    this.jobs.set(job.id, job);
    if (!isFinal(job)) this.#open++;
    if (job.state === "dead") (this.#dead ??= new Set()).add(job);
  }

  /** A job has reached a final state. */
  finished(job: JobRecord): void {
    this.#open--;
    if (job.state === "dead") (this.#dead ??= new Set()).add(job);
  }

  /** A dead job is retried. */
  revived(): void {
    this.#open++;
  }

  /**
   * Records a late result. Repeated late results must not fill the history: only
   * the 1st, the 10th, the 100th … is recorded.
   *
   * @returns The text for the event; `undefined` for none.
   */
  noteLate(jobId: string, attempt: number): string | undefined {
    this.#late ??= new Map();
    const count = (this.#late.get(jobId) ?? 0) + 1;
    this.#late.set(jobId, count);
    if (!/^10*$/.test(String(count))) return undefined;
    const all = count === 1 ? "" : `; ${count} late results so far`;
    return `of attempt ${attempt}${all}`;
  }

  /**
   * Takes dead jobs to retry them; they count as dead no longer.
   *
   * @param id The flow's id for all, or that of one job.
   * @param jobType Only jobs of this type.
   * @returns The jobs, and whether they are all dead jobs.
   */
  takeDead(
    id: string,
    jobType: string | undefined,
  ): { jobs: Iterable<JobRecord>; count: number; isAll: boolean } {
    const dead = this.#dead ?? new Set();
    let jobs = dead;
    if (id === this.record.id && jobType === undefined) {
      this.#dead = undefined;
    } else {
      const isMeant = (job: JobRecord) =>
        (id === this.record.id || id === job.id) &&
        (jobType === undefined || jobType === job.jobType);
      jobs = new Set([...dead].filter(isMeant));
      for (const job of jobs) dead.delete(job);
    }
    const isAll = jobs.size > 0 && (jobs === dead || dead.size === 0);
    return { jobs, count: jobs.size, isAll };
  }

  /** Puts back dead jobs that are not retried after all. */
  returnDead(jobs: Iterable<JobRecord>): void {
    for (const job of jobs) (this.#dead ??= new Set()).add(job);
  }

  /** The traced attempts whose results are the input of a job; not all if there are many. */
  linksOf(job: JobRecord): string[] | undefined {
    if (this.record.traceparent === undefined) return undefined;
    const links: string[] = [];
    for (const source of this.#sourcesOf(this.record.graph[job.node]!)) {
      if (source.traceparent !== undefined) links.push(source.traceparent);
      if (links.length === MAX_LINKS) break;
    }
    return links.length === 0 ? undefined : links;
  }

  /**
   * A job is complete. Changes nothing if it throws.
   *
   * @param result JSON text.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID` if the next node requires an
   *   array and the result is none; `ERR_PIPELINE_TOO_LARGE`.
   */
  advance(job: JobRecord, result: string, limits: FlowLimits): Advance {
    return this.#progress.advance(job, result, limits);
  }

  /** The jobs whose results are the input of a node. */
  *#sourcesOf({ after }: GraphNode): Iterable<JobRecord> {
    const { id, graph } = this.record;
    for (const node of after) {
      const isEach = graph[node]!.each === true;
      for (let n = 0; isEach || n === 0; n++) {
        const job = this.jobs.get(jobIdOf(id, node, isEach ? n : undefined));
        if (job === undefined) break;
        yield job;
      }
    }
  }
}
