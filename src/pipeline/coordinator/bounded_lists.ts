/**
 * Layer: pipeline/coordinator. Lists that are to be answered over a network:
 * they end where their payloads become too many bytes for one answer, however
 * many were asked for. One is always there, so whoever goes on from its last
 * one comes to the end.
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

/** So many jobs are read with their payloads at a time. */
const CHUNK = 8;

/** What answers without a most of bytes. */
interface Lists {
  status(id: string, page: Page): FlowStatus;
  job(id: string): JobRecord;
  flows(query: ListQuery<FlowState>): FlowRecord[];
  jobs(query: ListQuery<JobState>): JobRecord[];
}

/** The same lists, with a most of bytes. */
export class BoundedLists {
  readonly #lists: Lists;
  readonly #maxSize: number;

  /** @param maxPayloadBytes The largest payload; an answer has twice that and one record at most. */
  constructor(lists: Lists, maxPayloadBytes: number) {
    this.#lists = lists;
    this.#maxSize = 2 * maxPayloadBytes;
  }

  /** A flow, and a page of its jobs. */
  status(id: string, page: Page): FlowStatus {
    const status = this.#lists.status(id, { ...page, limit: 0 });
    const jobs = this.#until(this.#jobsOf(status.flow.id, page), sizeOfJob);
    return { ...status, jobs };
  }

  /** Flows, newest first. */
  flows(query: ListQuery<FlowState>): FlowRecord[] {
    const heads = this.#lists.flows({ ...query, payloads: false });
    if (query.payloads === false) return heads;
    const whole = mapped(
      heads,
      ({ id }) => this.#lists.status(id, { limit: 0 }).flow,
    );
    return this.#until(whole, ({ result }) => result?.length ?? 0);
  }

  /** Jobs, newest first. */
  jobs(query: ListQuery<JobState>): JobRecord[] {
    const heads = this.#lists.jobs({ ...query, payloads: false });
    if (query.payloads === false) return heads;
    const whole = mapped(heads, ({ id }) => this.#lists.job(id));
    return this.#until(whole, sizeOfJob);
  }

  *#jobsOf(flowId: string, page: Page): Iterable<JobRecord> {
    const { limit = Infinity, offset = 0 } = page;
    for (let at = 0; at < limit; at += CHUNK) {
      const { jobs } = this.#lists.status(flowId, {
        limit: Math.min(CHUNK, limit - at),
        offset: offset + at,
      });
      yield* jobs;
      if (jobs.length < CHUNK) return;
    }
  }

  #until<T>(items: Iterable<T>, sizeOf: (item: T) => number): T[] {
    let size = 0;
    const all: T[] = [];
    for (const item of items) {
      all.push(item);
      if ((size += sizeOf(item)) > this.#maxSize) break;
    }
    return all;
  }
}

function sizeOfJob({ payload, result = "" }: JobRecord): number {
  return payload.length + result.length;
}

function* mapped<T>(
  heads: Iterable<T>,
  whole: (head: T) => T,
): Iterable<T> {
  for (const head of heads) yield whole(head);
}
