/**
 * Layer: pipeline/store. What a pipeline needs of a store. One pipeline owns
 * it: it holds what is unfinished in memory and decides there; the store makes
 * its decisions last, and answers for what is finished.
 *
 * Every store passes the same tests, `tests/pipeline/store/contract.ts`.
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

/** What happened in one turn of the event loop: kept whole, or not at all. */
export interface Batch {
  /** New or changed flows; the last change of each. */
  readonly flows: ReadonlyMap<string, FlowRecord>;
  /** New or changed jobs; the last change of each. */
  readonly jobs: ReadonlyMap<string, JobRecord>;
  readonly events: readonly JobEvent[];
  /** Settings of the pipeline: its epoch, pauses, schedules; JSON text, `null` to forget one. */
  readonly settings: ReadonlyMap<string, string | null>;
}

/** Which flows or jobs to list. */
export interface ListQuery<S extends string> {
  readonly states?: readonly S[];
  /** The name of a flow, or the type of a job. */
  readonly name?: string;
  /** At most so many, newest first. */
  readonly limit: number;
  /** Only those that are older than the one with this id: the next page. */
  readonly before?: string;
}

/** How many jobs of a type are in a state. */
export interface JobCount {
  readonly jobType: string;
  readonly state: JobState;
  readonly count: number;
}

/** Keeps flows and jobs. */
export interface JobStore {
  /**
   * Opens it, and takes it for itself.
   *
   * @throws {PipelineError} `ERR_STORE_LOCKED` if another pipeline has it,
   *   `ERR_STORE_VERSION` if it was written by a later version,
   *   `ERR_STORE_UNSUPPORTED` if this runtime cannot have it.
   */
  open(): Promise<void>;

  /**
   * Keeps a batch. When it resolves, the batch survives the end of the process.
   * Calls do not overlap. The records go on changing: what is to be kept is how
   * they are during the call, before it gives its promise.
   */
  commit(batch: Batch): Promise<void>;

  /** All flows that are running or have unfinished jobs, with all their jobs; oldest first. */
  unfinished(): Iterable<{ flow: FlowRecord; jobs: JobRecord[] }>;
  /** All settings. */
  settings(): ReadonlyMap<string, string>;

  flow(id: string): FlowRecord | undefined;
  job(id: string): JobRecord | undefined;
  jobsOf(flowId: string): JobRecord[];
  /** The timeline of a job, oldest first. */
  events(jobId: string): JobEvent[];
  /** The running flow of this name and key. */
  flowByKey(name: string, key: string): FlowRecord | undefined;
  flows(query: ListQuery<FlowState>): FlowRecord[];
  jobs(query: ListQuery<JobState>): JobRecord[];
  /** How many jobs of each type are in each state; its cost does not grow with the number of finished jobs. */
  counts(): JobCount[];

  /**
   * Forgets flows that have expired, with their jobs and events.
   *
   * @param now In milliseconds since 1970.
   * @param limit At most so many, so that nothing is held up.
   * @returns How many it forgot.
   */
  prune(now: number, limit: number): number;

  /** Closes it, once all commits are kept. Safe to call again. */
  close(): Promise<void>;
}
