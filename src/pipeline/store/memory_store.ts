/**
 * Layer: pipeline/store. Holds flows and jobs in memory: they are lost with
 * the process. For tests, and for work that can be submitted again.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import { requireOptions, shown } from "../model/check.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { isFinal } from "../model/job_states.ts";
import type {
  FlowRecord,
  FlowState,
  JobEvent,
  JobRecord,
  JobState,
} from "../model/records.ts";
import {
  type Batch,
  type FlowSearchQuery,
  type JobCount,
  type ListQuery,
  type LocalJobStore,
  type Page,
  type SearchPart,
  type SearchQuery,
  UNFINISHED_PART,
  type UnfinishedFlow,
} from "./job_store.ts";
import { NO_ITEM } from "./columns.ts";
import { endOfLog } from "../model/job_log.ts";
import { pageOf } from "../model/page.ts";
import { TextMatcher } from "../model/text_matcher.ts";
import { RecordIndex } from "./record_index.ts";
import { binarySearch, SortedList } from "./sorted_list.ts";

/** How a store in memory is bounded. */
export interface MemoryStoreOptions {
  /**
   * How many jobs of finished flows it retains. Beyond that it deletes the flows
   * that would expire first. `Infinity` for no limit. Default: 50,000.
   */
  readonly maxFinished?: number;
  /**
   * How many bytes finished flows may hold, as for `maxFinished`: their payloads
   * and results, and 1 KiB for each job. Default: 32 MiB.
   */
  readonly maxFinishedBytes?: number;
}

/**
 * A store in memory, which is lost with the process: for tests, and for work
 * that can be submitted again.
 *
 * @example
 * ```ts
 * import { defineStep, memoryStore, Pipeline } from "@agentzero/agentzero/pipeline";
 *
 * const greet = defineStep("greet", (name: string) => `Hello, ${name}`);
 * await using pipeline = new Pipeline({
 *   name: "greetings",
 *   steps: [greet],
 *   store: memoryStore({ maxFinished: 1000 }),
 * });
 * ```
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function memoryStore(options: MemoryStoreOptions = {}): LocalJobStore {
  requireOptions(options, OPTIONS, "memoryStore()");
  const { maxFinished = 50_000, maxFinishedBytes = 32 * 1024 * 1024 } = options;
  const limits = { maxFinished, maxFinishedBytes };
  for (const [name, limit] of Object.entries(limits)) {
    if (typeof limit === "number" && limit >= 0) continue;
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `${name} cannot be ${shown(limit)}: expected a number from 0`,
    );
  }
  return new MemoryStore(limits);
}

const OPTIONS = optionNames<MemoryStoreOptions>({
  maxFinished: true,
  maxFinishedBytes: true,
});

/** How many records a commit deletes at least, where there are more than `maxFinished`. */
const MIN_EVICTED = 1000;

/** So long, the history of a job takes no more memory than it needs. */
const FEW_EVENTS = 8;

/** What a job takes apart from its payload and result: its record, its history, its places in lists. */
const RECORD_BYTES = 1024;

/** When a flow may be deleted. */
interface Expiry {
  readonly flowId: string;
  readonly at: number;
  readonly seq: number;
}

/** A flow's jobs and its place among the expiries. */
interface Entry {
  /** By node and item; most flows have one job, for which a set is too large. */
  jobIds: string[];
  unfinishedJobs: number;
  /** Of its jobs. */
  bytes: number;
  /** Absent while it is unfinished. */
  expiry?: Expiry;
}

class MemoryStore implements LocalJobStore {
  readonly #limits: Required<MemoryStoreOptions>;
  readonly #flows = new RecordIndex<FlowState, FlowRecord>(({ name }) => name);
  readonly #jobs = new RecordIndex<JobState, JobRecord>(({ jobType }) =>
    jobType
  );
  readonly #entries: Map<string, Entry> = new Map();
  readonly #events: Map<string, JobEvent[]> = new Map();
  readonly #logs: Map<string, string> = new Map();
  readonly #settings: Map<string, string> = new Map();
  /** The flows that are running or have unfinished jobs. */
  readonly #unfinished: Set<string> = new Set();
  /** All others. */
  readonly #expiries = new SortedList<Expiry>((a, b) =>
    a.at === b.at ? a.seq - b.seq : a.at - b.at
  );
  /** The jobs of the flows in `#expiries`. */
  #finishedJobs = 0;
  #finishedBytes = 0;
  #isOpen = false;

  constructor(limits: Required<MemoryStoreOptions>) {
    this.#limits = limits;
  }

  open(): Promise<void> {
    if (this.#isOpen) {
      return Promise.reject(
        new PipelineError(
          "ERR_STORE_LOCKED",
          "Cannot open the store: another pipeline uses it",
        ),
      );
    }
    this.#isOpen = true;
    return Promise.resolve();
  }

  // deno-lint-ignore require-await -- what it throws rejects the promise
  async commit({ flows, jobs, events, settings, logs }: Batch): Promise<void> {
    for (const { flowId } of jobs.values()) {
      if (!flows.has(flowId)) this.#require(this.#flows, "flow", flowId);
    }
    for (const { jobId } of events) {
      if (!jobs.has(jobId)) this.#require(this.#jobs, "job", jobId);
    }
    const touched = new Map<string, Entry>();
    for (const flow of flows.values()) {
      touched.set(flow.id, this.#putFlow(flow));
    }
    for (const job of jobs.values()) {
      let entry = touched.get(job.flowId);
      if (entry === undefined) {
        entry = this.#entries.get(job.flowId)!;
        touched.set(job.flowId, entry);
      }
      this.#putJob(job, entry);
    }
    for (const event of events) {
      this.#putEvent(event);
    }
    for (const [jobId, text] of logs) this.#addLog(jobId, text, touched);
    for (const [name, value] of settings) {
      if (value === null) this.#settings.delete(name);
      else this.#settings.set(name, value);
    }
    for (const [id, entry] of touched) this.#fileFlow(id, entry);
    // More than the batch can have added, so that it always catches up.
    this.#evict(
      MIN_EVICTED + 2 * (flows.size + jobs.size),
      () =>
        this.#finishedJobs > this.#limits.maxFinished ||
        // A flow that is larger than that alone stays until the next one ends.
        this.#expiries.size > 1 &&
          this.#finishedBytes > this.#limits.maxFinishedBytes,
    );
  }

  #putFlow(flow: FlowRecord): Entry {
    this.#flows.put(flow);
    let entry = this.#entries.get(flow.id);
    if (entry === undefined) {
      entry = { jobIds: [], unfinishedJobs: 0, bytes: 0 };
      this.#entries.set(flow.id, entry);
    }
    return entry;
  }

  #putEvent(event: JobEvent): void {
    const all = this.#events.get(event.jobId) ?? [];
    // `push` makes room for 16 more, and most jobs have three events.
    if (all.length >= FEW_EVENTS) all.push(event);
    else this.#events.set(event.jobId, all.concat(event));
  }

  #putJob(job: JobRecord, entry: Entry): void {
    const old = this.#jobs.get(job.id);
    this.#unfile(entry); // with the numbers with which it was filed
    entry.bytes += bytesOf(job);
    if (old === undefined) {
      this.#insertJob(job, entry);
    } else {
      entry.bytes -= bytesOf(old);
      if (!isFinal(old)) entry.unfinishedJobs--;
    }
    if (!isFinal(job)) entry.unfinishedJobs++;
    this.#jobs.put(job);
  }

  /** Adds the id of a new job to those of its flow; nearly always, it is the last one. */
  #insertJob(job: JobRecord, entry: Entry): void {
    const { jobIds } = entry;
    const isBehind = (i: number) =>
      comparePlaces(this.#jobs.get(jobIds[i]!)!, job) > 0;
    const end = jobIds.length;
    if (end === 0) entry.jobIds = [job.id]; // without the room that `push` makes
    else if (!isBehind(end - 1)) jobIds.push(job.id);
    else jobIds.splice(binarySearch(end, isBehind), 0, job.id);
  }

  #addLog(jobId: string, text: string, touched: Map<string, Entry>): void {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return;
    const entry = this.#entries.get(job.flowId)!;
    this.#unfile(entry); // with the numbers with which it was filed
    touched.set(job.flowId, entry);
    const before = this.log(jobId);
    const after = endOfLog(before + text);
    entry.bytes += after.length - before.length;
    this.#logs.set(jobId, after);
  }

  *unfinished(): Iterable<UnfinishedFlow> {
    const ids = [...this.#unfinished];
    ids.sort((a, b) => this.#flows.seqOf(a) - this.#flows.seqOf(b));
    for (const id of ids) {
      let jobs: JobRecord[] = [];
      for (const jobId of this.#entries.get(id)!.jobIds) {
        if (jobs.length === UNFINISHED_PART) {
          yield { flow: this.flow(id)!, jobs };
          jobs = [];
        }
        jobs.push(this.job(jobId)!);
      }
      yield { flow: this.flow(id)!, jobs };
    }
  }

  settings(): ReadonlyMap<string, string> {
    return new Map(this.#settings);
  }

  flow(id: string): FlowRecord | undefined {
    const flow = this.#flows.get(id);
    return flow && { ...flow };
  }

  job(id: string): JobRecord | undefined {
    const job = this.#jobs.get(id);
    return job && { ...job };
  }

  jobsOf(flowId: string, page?: Page): JobRecord[] {
    const { jobIds = [] } = this.#entries.get(flowId) ?? {};
    return pageOf(jobIds, page).map((id) => this.job(id)!);
  }

  jobCountOf(flowId: string): number {
    return this.#entries.get(flowId)?.jobIds.length ?? 0;
  }

  events(jobId: string, page?: Page): JobEvent[] {
    return pageOf(this.#events.get(jobId) ?? [], page);
  }

  log(jobId: string): string {
    return this.#logs.get(jobId) ?? "";
  }

  flows(query: ListQuery<FlowState>): FlowRecord[] {
    const flows = this.#flows.list(query);
    if (query.payloads !== false) return flows;
    return flows.map(headOfFlow);
  }

  jobs(query: ListQuery<JobState>): JobRecord[] {
    const jobs = this.#jobs.list(query);
    if (query.payloads !== false) return jobs;
    return jobs.map(headOfJob);
  }

  searchFlows(query: FlowSearchQuery): SearchPart<FlowRecord> {
    const { text, key } = query;
    const matcher = text === undefined ? undefined : new TextMatcher(text);
    const part = this.#flows.search(query, (flow) => {
      if (key !== undefined && flow.key !== key) return false;
      return matcher === undefined || matcher.isInError(flow.error) ||
        matcher.isInPayload(this.#jobs.get(flow.id)?.payload ?? "");
    });
    return { ...part, records: part.records.map(headOfFlow) };
  }

  searchJobs(query: SearchQuery<JobState>): SearchPart<JobRecord> {
    const { text } = query;
    const matcher = text === undefined ? undefined : new TextMatcher(text);
    const part = this.#jobs.search(
      query,
      ({ payload, error }) =>
        matcher === undefined || matcher.isInPayload(payload) ||
        matcher.isInError(error),
    );
    return { ...part, records: part.records.map(headOfJob) };
  }

  counts(): JobCount[] {
    return this.#jobs.counts().map(({ name, ...rest }) => ({
      jobType: name,
      ...rest,
    }));
  }

  prune(now: number, limit: number): number {
    return this.#evict(limit, () => {
      const first = this.#expiries.first;
      return first !== undefined && first.at <= now;
    });
  }

  close(): Promise<void> {
    this.#isOpen = false;
    return Promise.resolve();
  }

  #require(
    index: { get(id: string): unknown },
    what: string,
    id: string,
  ): void {
    if (index.get(id) !== undefined) return;
    throw new PipelineError(
      "ERR_STORE_FAILED",
      `Unknown ${what} "${id}"`,
      { id },
    );
  }

  /** Files a flow with the unfinished ones, or with those that expire. */
  #fileFlow(id: string, entry: Entry): void {
    const { state, expiresAt } = this.#flows.get(id)!;
    this.#unfile(entry);
    if (state === "running" || entry.unfinishedJobs > 0) {
      this.#unfinished.add(id);
      return;
    }
    this.#unfinished.delete(id);
    const seq = this.#flows.seqOf(id);
    entry.expiry = { flowId: id, at: expiresAt ?? Infinity, seq };
    this.#expiries.add(entry.expiry);
    this.#finishedJobs += entry.jobIds.length;
    this.#finishedBytes += entry.bytes;
  }

  /** Takes a flow out of those that expire, if it is among them. */
  #unfile(entry: Entry): void {
    if (entry.expiry === undefined) return;
    this.#expiries.delete(entry.expiry);
    entry.expiry = undefined;
    this.#finishedJobs -= entry.jobIds.length;
    this.#finishedBytes -= entry.bytes;
  }

  /**
   * Deletes the flows that expire first, while that is due.
   *
   * @param limit The maximum number of flows and jobs.
   * @returns How many were deleted.
   */
  #evict(limit: number, isDue: () => boolean): number {
    let count = 0;
    while (count < limit && isDue()) {
      const { flowId } = this.#expiries.first!;
      const entry = this.#entries.get(flowId)!;
      const deleted = entry.jobIds.splice(0, limit - count);
      for (const id of deleted) this.#deleteJob(id, entry);
      count += deleted.length;
      if (count === limit) return count;
      this.#unfile(entry);
      this.#flows.delete(flowId);
      this.#entries.delete(flowId);
      count++;
    }
    return count;
  }

  /** Deletes a job of a flow that has expired. */
  #deleteJob(id: string, entry: Entry): void {
    const bytes = bytesOf(this.#jobs.get(id)!) + this.log(id).length;
    entry.bytes -= bytes;
    this.#finishedJobs--;
    this.#finishedBytes -= bytes;
    this.#jobs.delete(id);
    this.#events.delete(id);
    this.#logs.delete(id);
  }
}

/** Without its result. */
function headOfFlow(flow: FlowRecord): FlowRecord {
  return { ...flow, result: undefined };
}

/** Without its payload and result. */
function headOfJob(job: JobRecord): JobRecord {
  return { ...job, payload: "null", result: undefined };
}

/** The order of a flow's jobs: by node and item. */
function comparePlaces(a: JobRecord, b: JobRecord): number {
  return a.node - b.node || (a.item ?? NO_ITEM) - (b.item ?? NO_ITEM);
}

/** About how much memory a finished job takes. */
function bytesOf({ payload, result = "" }: JobRecord): number {
  return RECORD_BYTES + payload.length + result.length;
}
