/**
 * Layer: pipeline/coordinator. Searches flows and jobs. A search looks at a part of
 * a list at a time, and others get their turn in between; there is one at a time.
 * After some time it answers with what it has found, and where to go on.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import { Mutex } from "../../async/mutex.ts";
import { invalid } from "../model/check.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import type {
  FlowRecord,
  FlowState,
  JobRecord,
  JobState,
} from "../model/records.ts";
import { TextMatcher } from "../model/text_matcher.ts";
import {
  type Awaitable,
  type JobStore,
  SEARCH_MS,
  type SearchPart,
  type SearchQuery,
} from "../store/job_store.ts";

/** How long one request may search, in milliseconds. */
const REQUEST_MS = 200;
/** How many requests may wait for the one that searches. */
const MAX_WAITING = 100;
/** How many jobs of a flow are read at a time, with their payloads. */
const JOBS_AT_ONCE = 32;

/** Which flows or jobs to search for, newest first. */
export interface Search<S extends string> {
  /** Only those in one of these states. */
  readonly states?: readonly S[] | undefined;
  /** The name of a flow, or the type of a job. */
  readonly name?: string | undefined;
  /** Only flows with this key, or the jobs of these: the newest flow first, and its jobs as in its status. */
  readonly key?: string | undefined;
  /** Only those with this text in their payload or error, ignoring the case of ASCII letters. */
  readonly search?: string | undefined;
  /** How many at most, from 1. */
  readonly limit: number;
  /** Only those before the one with this id. Not for the jobs of a key. */
  readonly before?: string | undefined;
  /** Where to go on: what the search before has returned. */
  readonly cursor?: string | undefined;
  /** Whether to read payloads and results. Default false. */
  readonly payloads?: boolean | undefined;
}

/** What a search has found. */
export interface SearchResult<R> {
  /** Those that were found, newest first. */
  readonly records: R[];
  /** Where to go on; absent at the end of the list. There may be more even if `records` is empty. */
  readonly cursor?: string;
}

/** A job that is looked at, and where to go on behind it. */
interface Candidate {
  readonly job?: JobRecord;
  readonly cursor: string;
}

/** Searches the store of a pipeline. */
export class Searches {
  readonly #store: JobStore;
  readonly #mutex = new Mutex();
  #waiting = 0;

  constructor(store: JobStore) {
    this.#store = store;
  }

  /** @throws {PipelineError} `ERR_PIPELINE_FULL` if too many searches wait. */
  async flows(query: Search<FlowState>): Promise<SearchResult<FlowRecord>> {
    const { key } = query;
    return await this.#inTurn(() =>
      search(query, (part) => this.#store.searchFlows({ ...part, key }))
    );
  }

  /** @throws {PipelineError} `ERR_PIPELINE_FULL` if too many searches wait. */
  async jobs(query: Search<JobState>): Promise<SearchResult<JobRecord>> {
    const { key } = query;
    return await this.#inTurn(() =>
      key === undefined
        ? search(query, (part) => this.#store.searchJobs(part))
        : this.#jobsWith(key, query)
    );
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING) {
      throw new PipelineError(
        "ERR_PIPELINE_FULL",
        `${this.#waiting} searches are waiting, which is the maximum`,
      );
    }
    this.#waiting++;
    try {
      return await this.#mutex.run(work);
    } finally {
      this.#waiting--;
    }
  }

  /** Looks for jobs of the flows with a key. */
  async #jobsWith(
    key: string,
    { states, name, search: text, limit, cursor }: Search<JobState>,
  ): Promise<SearchResult<JobRecord>> {
    const endsAt = performance.now() + REQUEST_MS;
    let turnEndsAt = performance.now() + SEARCH_MS;
    const matcher = text === undefined ? undefined : new TextMatcher(text);
    const isWanted = ({ state, jobType, payload, error }: JobRecord) =>
      (states === undefined || states.includes(state)) &&
      (name === undefined || name === jobType) &&
      (matcher === undefined || matcher.isInPayload(payload) ||
        matcher.isInError(error));
    const records: JobRecord[] = [];
    for await (const { job, cursor: next } of this.#jobsOf(key, cursor)) {
      if (job !== undefined && isWanted(job)) {
        records.push({ ...job, payload: "null", result: undefined });
      }
      const now = performance.now();
      if (now >= endsAt || records.length >= limit) {
        return { records, cursor: next };
      }
      if (now < turnEndsAt) continue;
      await yieldToEventLoop();
      turnEndsAt = performance.now() + SEARCH_MS;
    }
    return { records };
  }

  /** The jobs of the flows with a key. */
  async *#jobsOf(
    key: string,
    cursor: string | undefined,
  ): AsyncIterable<Candidate> {
    let [before, offset = 0] = placesIn(cursor);
    for (;;) {
      const { records: [flow], next } = await this.#store.searchFlows({
        key,
        limit: 1,
        before,
      });
      for (let isMore = flow !== undefined; isMore;) {
        const page = { offset, limit: JOBS_AT_ONCE };
        const jobs = await this.#store.jobsOf(flow!.id, page);
        for (const job of jobs) {
          // The flow is the first before the place behind its own.
          yield { job, cursor: `${next! + 1}.${++offset}` };
        }
        isMore = jobs.length === JOBS_AT_ONCE;
      }
      if (next === undefined) return;
      yield { cursor: String(next) };
      [before, offset] = [next, 0];
    }
  }
}

/** Looks at part after part of a list. */
async function search<S extends string, R>(
  { states, name, search: text, limit, before, cursor }: Search<S>,
  next: (part: SearchQuery<S>) => Awaitable<SearchPart<R>>,
): Promise<SearchResult<R>> {
  const endsAt = performance.now() + REQUEST_MS;
  const records: R[] = [];
  let place = cursor === undefined ? before : placesIn(cursor)[0];
  for (;;) {
    const part = await next({
      states,
      name,
      text,
      limit: limit - records.length,
      before: place,
    });
    for (const record of part.records) records.push(record);
    place = part.next;
    if (place === undefined) return { records };
    if (records.length >= limit || performance.now() >= endsAt) {
      return { records, cursor: String(place) };
    }
    await yieldToEventLoop();
  }
}

/** The place in a list where a search goes on, and how many jobs of the flow there it skips. */
function placesIn(cursor: string | undefined): (number | undefined)[] {
  if (cursor === undefined) return [];
  const [, place, offset] = /^(\d{1,16})(?:\.(\d{1,9}))?$/.exec(cursor) ?? [];
  if (place === undefined) {
    throw invalid(
      `cursor must be one that a search has returned, not "${cursor}"`,
    );
  }
  return [Number(place), offset === undefined ? undefined : Number(offset)];
}
