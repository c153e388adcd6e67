/**
 * Layer: pipeline/store. The contract between a pipeline and its store.
 * One pipeline owns a store: it holds unfinished work in memory and makes all
 * decisions there; the store persists them, and answers queries about finished
 * work.
 *
 * Every store passes the same tests, `tests/pipeline/store/contract.ts`.
 *
 * @module
 */
import type { PipelineError } from "../model/pipeline_error.ts";
import type {
  FlowRecord,
  FlowState,
  JobEvent,
  JobRecord,
  JobState,
} from "../model/records.ts";
import type { Shard } from "../model/shards.ts";

/** A value, or a promise of it: a store in this process can answer at once. */
export type Awaitable<T> = T | Promise<T>;

/** What happened in one turn of the event loop. It is committed as a whole, or not at all. */
export interface Batch {
  /** New or changed flows, by id, with their latest values. */
  readonly flows: ReadonlyMap<string, FlowRecord>;
  /** New or changed jobs, by id, with their latest values. Their flows are in this batch, or committed before. */
  readonly jobs: ReadonlyMap<string, JobRecord>;
  /** Events of jobs that are in this batch, or committed before; oldest first. */
  readonly events: readonly JobEvent[];
  /** Settings of the pipeline, such as pauses and schedules: JSON text, or `null` to delete one. */
  readonly settings: ReadonlyMap<string, string | null>;
  /**
   * What is added to the logs of jobs, by their ids: at most `MAX_LOG_LENGTH`
   * characters of ASCII. The jobs were committed before; what is for a job that
   * does not exist is ignored.
   */
  readonly logs: ReadonlyMap<string, string>;
}

/** Which flows or jobs to list. */
export interface ListQuery<S extends string> {
  /** Only those in one of these states. */
  readonly states?: readonly S[];
  /** The name of a flow, or the type of a job. */
  readonly name?: string;
  /** The maximum number, newest first: in the reverse order in which they were first committed. */
  readonly limit: number;
  /** Only those that are older than the one with this id: the next page. None if that record was deleted. */
  readonly before?: string;
  /** Whether to read payloads and results. Without them, payloads are `null` and results are absent. Default true. */
  readonly payloads?: boolean;
}

/** Which flows or jobs to search for. */
export interface SearchQuery<S extends string> {
  /** Only those in one of these states. */
  readonly states?: readonly S[] | undefined;
  /** The name of a flow, or the type of a job. */
  readonly name?: string | undefined;
  /** Only those with this text in their payload or error, see `TextMatcher`. The payload of a flow is that of its first step. */
  readonly text?: string | undefined;
  /** The maximum number, from 1, newest first. */
  readonly limit: number;
  /** Only those that are older than the one with this id, or at this place: `next` of the part before. */
  readonly before?: string | number | undefined;
}

/** Which flows to search for. */
export interface FlowSearchQuery extends SearchQuery<FlowState> {
  /** Only those with this key. A store that persists has an index for that. */
  readonly key?: string | undefined;
}

/** What was found in a part of a list, by looking for {@link SEARCH_MS} or a few hundred records. */
export interface SearchPart<R> {
  /** Without payloads and results. */
  readonly records: R[];
  /** The place of the last one that was looked at, a whole number, if there may be more. Older records have smaller ones. */
  readonly next?: number;
}

/** A part of a list. */
export interface Page {
  /** The maximum number. Default: all. */
  readonly limit?: number;
  /** How many to skip. Default 0. */
  readonly offset?: number;
}

/** A process that runs a pipeline, or waits for the end of the one that does. */
export interface PipelineMember {
  /** Where it takes requests when it leads. */
  readonly address: string;
  /** The name of its host; empty if that is not known. */
  readonly host: string;
  /** The id of the process. */
  readonly pid: number;
  /** When it began, in milliseconds since 1970. */
  readonly since: number;
  /** Whether it leads: the others are standbys. */
  readonly leads: boolean;
}

/** What distinguishes a process from all others that share a pipeline. */
export function processName(
  { host, pid, address }: Pick<PipelineMember, "host" | "pid" | "address">,
): string {
  return `${host} ${pid} ${address}`;
}

/** The lead of a pipeline, which one of several processes has. */
export interface Lead {
  /** Counts up with each process that comes to lead. */
  readonly term: number;
  /** This process takes requests here. */
  announce(address: string): void;
  /** The processes that share the store, the leader first. */
  members(): Promise<PipelineMember[]>;
  /** How many shards each process leads that shares any of them, by its host, number and address; with a store of one shard. */
  census?(): Promise<ReadonlyMap<string, number>>;
}

/** How a store is opened that several processes can share. */
export interface OpenOptions {
  /** This process, for those who ask which there are. */
  readonly member?: Pick<PipelineMember, "address" | "host" | "pid">;
  /** How long this process leaves a lead that is free to others, in milliseconds. Default 0. */
  readonly patienceMs?: (() => number) | undefined;
  /** Ends the wait for the lead: `open` rejects. */
  readonly signal?: AbortSignal | undefined;
  /** Called while another process leads: at first, and whenever that changes. */
  readonly onStandby?: ((leader: PipelineMember) => void) | undefined;
  /** Called once if this process has lost the lead, with `ERR_STORE_FENCED`: nothing can be committed any more. */
  readonly onLost?: (error: PipelineError) => void;
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

/** An unfinished flow, with all of its jobs or some of them. */
export interface UnfinishedFlow {
  /** The flow. */
  readonly flow: FlowRecord;
  /** Its jobs; of a flow with many jobs, the next of them. */
  readonly jobs: JobRecord[];
}

/**
 * Persists flows and jobs.
 *
 * Every query returns its answer, or a promise of it; so a store can be in this
 * process or behind a network. A query sees all commits that were resolved
 * before it was made. Records are returned as copies. A member that is absent
 * and one that is `undefined` are the same. Numbers are finite; payloads and
 * settings are JSON text, as `JSON.stringify` writes it.
 */
export interface JobStore {
  /** The shard of the pipeline that it holds, if that has several. */
  readonly shard?: Shard | undefined;

  /**
   * Why the store should not be trusted any more, such as a damaged file that
   * was found while it was in use. The pipeline reports it as unhealthy.
   */
  readonly trouble?: PipelineError | undefined;

  /**
   * Opens the store for exclusive use. Every other call requires this. A store
   * that several processes share waits until the one that leads has ended.
   *
   * @throws {PipelineError} `ERR_STORE_LOCKED` if another pipeline uses it,
   *   `ERR_STORE_VERSION` if it was written by a later version,
   *   `ERR_STORE_UNSUPPORTED` if this runtime does not support it,
   *   `ERR_STORE_DAMAGED` if a part of it is damaged or missing,
   *   `ERR_STORE_FAILED` if it cannot be opened for another reason.
   */
  open(options?: OpenOptions): Promise<void>;

  /** The lead that this process has; absent where only one process can have the store. */
  readonly lead?: Lead;

  /**
   * Commits a batch. When the promise resolves, the batch survives the end of
   * the process; when it rejects, nothing was committed, and the batch may be
   * committed again. A store behind a network may not know that: then the next
   * batch has all of the rejected one, its events first. Calls do not overlap. The caller goes on to change the
   * records: the store must read them during the call, before it returns its
   * promise. `readonly` members of a record keep the values of its first commit.
   *
   * @throws {PipelineError} `ERR_STORE_FENCED` if another process has taken the
   *   store over: nothing can be committed any more. `ERR_STORE_DAMAGED` if it
   *   has lost earlier commits. `ERR_STORE_FAILED` else. With an `id` (of a flow, of a
   *   job, or the name of a setting) that one record can never be committed; the
   *   rest may be committed without it. Without one, the store itself fails at
   *   present, and the whole batch may be committed again.
   */
  commit(batch: Batch): Promise<void>;

  /**
   * All flows that are running or have unfinished jobs, with all their jobs;
   * flows oldest first, jobs by node and item. A flow with many jobs comes several
   * times in succession, each time with the next of its jobs, so that no step of
   * the iteration grows with the number of jobs.
   */
  unfinished(): Iterable<UnfinishedFlow> | AsyncIterable<UnfinishedFlow>;
  /** All settings. */
  settings(): Awaitable<ReadonlyMap<string, string>>;

  /** The flow with this id. */
  flow(id: string): Awaitable<FlowRecord | undefined>;
  /** The job with this id. */
  job(id: string): Awaitable<JobRecord | undefined>;
  /** The jobs of a flow, by node and item. Reads only the requested page. */
  jobsOf(flowId: string, page?: Page): Awaitable<JobRecord[]>;
  /** How many jobs a flow has. */
  jobCountOf(flowId: string): Awaitable<number>;
  /** The history of a job, oldest event first. Reads only the requested page. */
  events(jobId: string, page?: Page): Awaitable<JobEvent[]>;
  /** The log of a job: the last `MAX_LOG_LENGTH` characters of what was added; empty for none. */
  log(jobId: string): Awaitable<string>;
  /** Flows, newest first. */
  flows(query: ListQuery<FlowState>): Awaitable<FlowRecord[]>;
  /** Jobs, newest first. */
  jobs(query: ListQuery<JobState>): Awaitable<JobRecord[]>;
  /** Looks for flows in a part of their list, with bounded work. */
  searchFlows(query: FlowSearchQuery): Awaitable<SearchPart<FlowRecord>>;
  /** Looks for jobs in a part of their list, with bounded work. */
  searchJobs(query: SearchQuery<JobState>): Awaitable<SearchPart<JobRecord>>;
  /** How many jobs of each type are in each state, without zeros. The cost does not grow with the number of finished jobs. */
  counts(): Awaitable<JobCount[]>;

  /**
   * Deletes expired flows with their jobs and events; the first to expire
   * first. A flow that is running or has unfinished jobs stays. A flow with many
   * jobs is deleted over several calls: its jobs by node and item, the flow last.
   * No commit may be in progress, and no change may wait for one.
   *
   * @param now In milliseconds since 1970.
   * @param limit The maximum number of records, flows and jobs, to process in
   *   this call.
   * @returns How many records were processed; fewer than `limit` if nothing
   *   else has expired.
   */
  prune(now: number, limit: number): Awaitable<number>;

  /** Closes the store, once all commits are done. Safe to call again. */
  close(): Promise<void>;
}

/** A store in this process: it answers every query at once. */
export interface LocalJobStore extends JobStore {
  /** See {@link JobStore.unfinished}. */
  unfinished(): Iterable<UnfinishedFlow>;
  /** See {@link JobStore.settings}. */
  settings(): ReadonlyMap<string, string>;
  /** See {@link JobStore.flow}. */
  flow(id: string): FlowRecord | undefined;
  /** See {@link JobStore.job}. */
  job(id: string): JobRecord | undefined;
  /** See {@link JobStore.jobsOf}. */
  jobsOf(flowId: string, page?: Page): JobRecord[];
  /** See {@link JobStore.jobCountOf}. */
  jobCountOf(flowId: string): number;
  /** See {@link JobStore.events}. */
  events(jobId: string, page?: Page): JobEvent[];
  /** See {@link JobStore.log}. */
  log(jobId: string): string;
  /** See {@link JobStore.flows}. */
  flows(query: ListQuery<FlowState>): FlowRecord[];
  /** See {@link JobStore.jobs}. */
  jobs(query: ListQuery<JobState>): JobRecord[];
  /** See {@link JobStore.searchFlows}. */
  searchFlows(query: FlowSearchQuery): SearchPart<FlowRecord>;
  /** See {@link JobStore.searchJobs}. */
  searchJobs(query: SearchQuery<JobState>): SearchPart<JobRecord>;
  /** See {@link JobStore.counts}. */
  counts(): JobCount[];
  /** See {@link JobStore.prune}. */
  prune(now: number, limit: number): number;
}

/** How long a search in this process looks at a time, in milliseconds. */
export const SEARCH_MS = 4;

/** How many jobs of a flow a store in this process yields at a time. */
export const UNFINISHED_PART = 1000;
