/**
 * Layer: pipeline/coordinator. Lists for answers over a network: a list ends
 * where its payloads have too many bytes for one answer, whatever its limit is.
 * It always has at least one record, so a client that goes on from the last one
 * reaches the end.
 *
 * @module
 */
import type {
  FlowRecord,
  FlowState,
  JobRecord,
  JobState,
} from "../model/records.ts";
import type { ListQuery, Page } from "../store/job_store.ts";
import type { FlowStatus } from "./overviews.ts";
import type { Search, SearchResult } from "./searches.ts";

/** How many jobs are read with their payloads at a time. */
const CHUNK = 8;

/** The lists without a limit of bytes. */
interface Lists {
  status(id: string, page: Page): Promise<FlowStatus>;
  job(id: string): Promise<JobRecord>;
  flows(query: ListQuery<FlowState>): Promise<FlowRecord[]>;
  jobs(query: ListQuery<JobState>): Promise<JobRecord[]>;
  searchFlows(query: Search<FlowState>): Promise<SearchResult<FlowRecord>>;
  searchJobs(query: Search<JobState>): Promise<SearchResult<JobRecord>>;
}

/** The same lists, with a limit of bytes. */
export class BoundedLists {
  readonly #lists: Lists;
  readonly #maxSize: number;

  /** @param maxPayloadBytes The largest payload; an answer has at most twice that and one record. */
  constructor(lists: Lists, maxPayloadBytes: number) {
    this.#lists = lists;
    this.#maxSize = 2 * maxPayloadBytes;
  }

  /** A flow, and a page of its jobs. */
  async status(id: string, page: Page): Promise<FlowStatus> {
    const status = await this.#lists.status(id, { ...page, limit: 0 });
    const jobs = await this.#until(
      this.#jobsOf(status.flow.id, page),
      sizeOfJob,
    );
    return { ...status, jobs };
  }

  /** Flows, newest first. */
  async flows(query: ListQuery<FlowState>): Promise<FlowRecord[]> {
    const heads = await this.#lists.flows({ ...query, payloads: false });
    if (query.payloads === false) return heads;
    const whole = mapped(
      heads,
      async ({ id }) => (await this.#lists.status(id, { limit: 0 })).flow,
    );
    return await this.#until(whole, sizeOfFlow);
  }

  /** Jobs, newest first. */
  async jobs(query: ListQuery<JobState>): Promise<JobRecord[]> {
    const heads = await this.#lists.jobs({ ...query, payloads: false });
    if (query.payloads === false) return heads;
    const whole = mapped(heads, ({ id }) => this.#lists.job(id));
    return await this.#until(whole, sizeOfJob);
  }

  /** Flows that are searched for. */
  async searchFlows(
    query: Search<FlowState>,
  ): Promise<SearchResult<FlowRecord>> {
    const find = (part: Search<FlowState>) => this.#lists.searchFlows(part);
    return query.payloads === true
      ? await this.#search(query, find, sizeOfFlow)
      : await find(query);
  }

  /** Jobs that are searched for. */
  async searchJobs(query: Search<JobState>): Promise<SearchResult<JobRecord>> {
    const find = (part: Search<JobState>) => this.#lists.searchJobs(part);
    return query.payloads === true
      ? await this.#search(query, find, sizeOfJob)
      : await find(query);
  }

  /** Searches for one record after the other, since the cursor is behind the last one. */
  async #search<S extends string, T>(
    query: Search<S>,
    find: (part: Search<S>) => Promise<SearchResult<T>>,
    sizeOf: (record: T) => number,
  ): Promise<SearchResult<T>> {
    const records: T[] = [];
    let size = 0;
    for (let part = { ...query, limit: 1 };;) {
      const { records: found, cursor } = await find(part);
      for (const record of found) {
        records.push(record);
        size += sizeOf(record);
      }
      // After a part without any, it has searched for as long as it may.
      const isEnough = found.length === 0 || records.length >= query.limit ||
        size > this.#maxSize;
      if (cursor === undefined || isEnough) return { records, cursor };
      part = { ...part, before: undefined, cursor };
    }
  }

  async *#jobsOf(flowId: string, page: Page): AsyncIterable<JobRecord> {
    const { limit = Infinity, offset = 0 } = page;
    for (let at = 0; at < limit; at += CHUNK) {
      const { jobs } = await this.#lists.status(flowId, {
        limit: Math.min(CHUNK, limit - at),
        offset: offset + at,
      });
      yield* jobs;
      if (jobs.length < CHUNK) return;
    }
  }

  async #until<T>(
    items: AsyncIterable<T>,
    sizeOf: (item: T) => number,
  ): Promise<T[]> {
    let size = 0;
    const all: T[] = [];
    for await (const item of items) {
      all.push(item);
      if ((size += sizeOf(item)) > this.#maxSize) break;
    }
    return all;
  }
}

function sizeOfFlow({ result = "" }: FlowRecord): number {
  return result.length;
}

function sizeOfJob({ payload, result = "" }: JobRecord): number {
  return payload.length + result.length;
}

async function* mapped<T>(
  heads: Iterable<T>,
  whole: (head: T) => Promise<T>,
): AsyncIterable<T> {
  for (const head of heads) yield await whole(head);
}
