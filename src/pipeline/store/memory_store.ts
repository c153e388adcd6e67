/**
 * Layer: pipeline/store. Keeps flows and jobs in memory: they are gone with the
 * process. For tests, and for work that can be submitted again.
 *
 * @module
 */
import { isFinal } from "../model/job_states.ts";
import type {
  FlowRecord,
  FlowState,
  JobEvent,
  JobRecord,
  JobState,
} from "../model/records.ts";
import type { Batch, JobCount, JobStore, ListQuery } from "./job_store.ts";

/** A store in memory. */
export function memoryStore(): JobStore {
  return new MemoryStore();
}

interface Kept {
  flow: FlowRecord;
  readonly jobs: Map<string, JobRecord>;
}

class MemoryStore implements JobStore {
  readonly #flows: Map<string, Kept> = new Map();
  readonly #jobs: Map<string, JobRecord> = new Map();
  readonly #events: Map<string, JobEvent[]> = new Map();
  readonly #settings: Map<string, string> = new Map();
  readonly #counts: Map<string, JobCount & { count: number }> = new Map();

  open(): Promise<void> {
    return Promise.resolve();
  }

  commit({ flows, jobs, events, settings }: Batch): Promise<void> {
    for (const flow of flows.values()) {
      const kept = this.#flows.get(flow.id);
      if (kept === undefined) {
        this.#flows.set(flow.id, { flow: { ...flow }, jobs: new Map() });
      } else kept.flow = { ...flow };
    }
    for (const job of jobs.values()) {
      const copy = { ...job };
      const before = this.#jobs.get(job.id);
      if (before !== undefined) this.#count(before, -1);
      this.#count(copy, 1);
      this.#jobs.set(job.id, copy);
      this.#flows.get(job.flowId)!.jobs.set(job.id, copy);
    }
    for (const event of events) {
      const all = this.#events.get(event.jobId);
      if (all === undefined) this.#events.set(event.jobId, [event]);
      else all.push(event);
    }
    for (const [name, value] of settings) {
      if (value === null) this.#settings.delete(name);
      else this.#settings.set(name, value);
    }
    return Promise.resolve();
  }

  *unfinished(): Iterable<{ flow: FlowRecord; jobs: JobRecord[] }> {
    for (const { flow, jobs } of this.#flows.values()) {
      const all = [...jobs.values()];
      if (flow.state === "running" || !all.every(isFinal)) {
        yield { flow: { ...flow }, jobs: all.map((job) => ({ ...job })) };
      }
    }
  }

  settings(): ReadonlyMap<string, string> {
    return this.#settings;
  }

  flow(id: string): FlowRecord | undefined {
    const kept = this.#flows.get(id);
    return kept && { ...kept.flow };
  }

  job(id: string): JobRecord | undefined {
    const job = this.#jobs.get(id);
    return job && { ...job };
  }

  jobsOf(flowId: string): JobRecord[] {
    const jobs = this.#flows.get(flowId)?.jobs.values() ?? [];
    return [...jobs].map((job) => ({ ...job }));
  }

  events(jobId: string): JobEvent[] {
    return [...this.#events.get(jobId) ?? []];
  }

  flowByKey(name: string, key: string): FlowRecord | undefined {
    for (const { flow } of this.#flows.values()) {
      const isIt = flow.state === "running" && flow.name === name &&
        flow.key === key;
      if (isIt) return { ...flow };
    }
    return undefined;
  }

  flows(query: ListQuery<FlowState>): FlowRecord[] {
    const all = [...this.#flows.values()].map(({ flow }) => flow);
    return select(all, query, ({ name }) => name);
  }

  jobs(query: ListQuery<JobState>): JobRecord[] {
    return select([...this.#jobs.values()], query, ({ jobType }) => jobType);
  }

  counts(): JobCount[] {
    return [...this.#counts.values()].filter(({ count }) => count > 0);
  }

  prune(now: number, limit: number): number {
    let count = 0;
    for (const { flow, jobs } of this.#flows.values()) {
      if (count >= limit) break;
      if (flow.expiresAt === undefined || flow.expiresAt > now) continue;
      if (![...jobs.values()].every(isFinal)) continue;
      for (const job of jobs.values()) {
        this.#count(job, -1);
        this.#jobs.delete(job.id);
        this.#events.delete(job.id);
      }
      this.#flows.delete(flow.id);
      count++;
    }
    return count;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #count({ jobType, state }: JobRecord, by: number): void {
    const place = `${jobType} ${state}`;
    const kept = this.#counts.get(place) ?? { jobType, state, count: 0 };
    this.#counts.set(place, { ...kept, count: kept.count + by });
  }
}

function select<S extends string, R extends { id: string; state: S }>(
  oldestFirst: readonly R[],
  { states, name, limit, before }: ListQuery<S>,
  nameOf: (record: R) => string,
): R[] {
  const found: R[] = [];
  let isBehind = before === undefined;
  for (let i = oldestFirst.length - 1; i >= 0 && found.length < limit; i--) {
    const record = oldestFirst[i]!;
    if (isBehind && matches(record)) found.push({ ...record });
    if (record.id === before) isBehind = true;
  }
  return found;

  function matches(record: R): boolean {
    return (states === undefined || states.includes(record.state)) &&
      (name === undefined || nameOf(record) === name);
  }
}
