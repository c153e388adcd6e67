/**
 * Layer: pipeline/store. What a pipeline needs of a store. One pipeline owns
 * it: it holds what is unfinished in memory and decides there; the store makes
 * its decisions last, and answers for what is finished.
 *
 * Every store passes the same tests, `tests/pipeline/store/contract.ts`.
 *
 * @module
 */
import type { PipelineError } from "../model/errors.ts";
import type {
  FlowRecord,
  FlowState,
  JobEvent,
  JobRecord,
  JobState,
} from "../model/records.ts";

/** What happened in one turn of the event loop: kept whole, or not at all. */
export interface Batch {
  /** New or changed flows, by id; the last change of each. */
  readonly flows: ReadonlyMap<string, FlowRecord>;
  /** New or changed jobs, by id; the last change of each. Their flows are here too, or kept already. */
  readonly jobs: ReadonlyMap<string, JobRecord>;
  /** What happened to jobs that are here too, or kept already; oldest first. */
  readonly events: readonly JobEvent[];
  /** Settings of the pipeline: its epoch, pauses, schedules; JSON text, `null` to forget one. */
  readonly settings: ReadonlyMap<string, string | null>;
}

/** Which flows or jobs to list. */
export interface ListQuery<S extends string> {
  /** Only those in one of these states. */
  readonly states?: readonly S[];
  /** The name of a flow, or the type of a job. */
  readonly name?: string;
  /** At most so many, newest first: in the reverse order in which they were first kept. */
  readonly limit: number;
  /** Only those that are older than the one with this id: the next page. None, if that one is forgotten. */
  readonly before?: string;
  /** Whether to read payloads and results. Without them, payloads are `null` and results are absent. Default true. */
  readonly payloads?: boolean;
}

/** A part of a list. */
export interface Page {
  /** At most so many. Default: all. */
  readonly limit?: number;
  /** How many are left out at the beginning. Default 0. */
  readonly offset?: number;
}

/** How many jobs of a type are in a state. */
export interface JobCount {
  /** The type of the jobs. */
  readonly jobType: string;
  /** The state that they are in. */
  readonly state: JobState;
  /** How many there are. */
  readonly count: number;
}

/**
 * Keeps flows and jobs.
 *
 * What it gives is a copy. A member that is absent, and one that is
 * `undefined`, are the same. Numbers are finite; payloads and settings are JSON
 * text, as `JSON.stringify` writes it.
 */
export interface JobStore {
  /**
   * Why it should not be trusted any more, such as a damaged file that was met
   * while it was used. The pipeline reports it as its health.
   */
  readonly trouble?: PipelineError | undefined;

  /**
   * Opens it, and takes it for itself. Every other call needs that first.
   *
   * @throws {PipelineError} `ERR_STORE_LOCKED` if another pipeline has it,
   *   `ERR_STORE_VERSION` if it was written by a later version,
   *   `ERR_STORE_UNSUPPORTED` if this runtime cannot have it,
   *   `ERR_STORE_DAMAGED` if a part of it is damaged or missing,
   *   `ERR_STORE_FAILED` if it cannot be opened for another reason.
   */
  open(): Promise<void>;

  /**
   * Keeps a batch. When it resolves, the batch survives the end of the process;
   * when it rejects, nothing of it was kept, and it may be given again. Calls
   * do not overlap. The records go on changing: what is to be kept is how they
   * are during the call, before it gives its promise. What is `readonly` in a
   * record is kept as it was first.
   *
   * @throws {PipelineError} `ERR_STORE_FAILED`. With an `id`, that of a flow or
   *   a job, or the name of a setting, it is that one record that cannot be kept,
   *   whenever it is tried: the rest may be given again without it. Without one
   *   the store itself fails at present, and the whole batch may be given again.
   */
  commit(batch: Batch): Promise<void>;

  /** All flows that are running or have unfinished jobs, with all their jobs; flows and jobs oldest first. */
  unfinished(): Iterable<{ flow: FlowRecord; jobs: JobRecord[] }>;
  /** All settings. */
  settings(): ReadonlyMap<string, string>;

  /** The flow with this id. */
  flow(id: string): FlowRecord | undefined;
  /** The job with this id. */
  job(id: string): JobRecord | undefined;
  /** The jobs of a flow, oldest first; of a page, those alone are read. */
  jobsOf(flowId: string, page?: Page): JobRecord[];
  /** How many jobs a flow has. */
  jobCountOf(flowId: string): number;
  /** The timeline of a job, oldest first; of a page, those alone are read. */
  events(jobId: string, page?: Page): JobEvent[];
  /** Flows, newest first. */
  flows(query: ListQuery<FlowState>): FlowRecord[];
  /** Jobs, newest first. */
  jobs(query: ListQuery<JobState>): JobRecord[];
  /** How many jobs of each type are in each state, none left out but zeros; its cost does not grow with the number of finished jobs. */
  counts(): JobCount[];

  /**
   * Forgets flows that have expired, with their jobs and events; the first to
   * expire first. One that is running or has unfinished jobs stays. No commit
   * may be under way, and no change on its way to one.
   *
   * @param now In milliseconds since 1970.
   * @param limit At most so many, so that nothing is held up.
   * @returns How many it forgot.
   */
  prune(now: number, limit: number): number;

  /** Closes it, once all commits are kept. Safe to call again. */
  close(): Promise<void>;
}
