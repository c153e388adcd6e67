/**
 * Test support. Flows, jobs and batches to keep in a store.
 *
 * @module
 */
import { jobIdOf } from "../../../src/pipeline/model/job_states.ts";
import type {
  FlowRecord,
  JobEvent,
  JobRecord,
} from "../../../src/pipeline/model/records.ts";
import type { Batch } from "../../../src/pipeline/store/job_store.ts";

/** A flow; running by default. */
export function flowOf(
  id: string,
  more: Partial<FlowRecord> = {},
): FlowRecord {
  return {
    id,
    name: "hash",
    graph: [{ jobType: "hash", after: [] }],
    state: "running",
    priority: 0,
    createdAt: 1_700_000_000_000,
    ...more,
  };
}

/** A job; waiting by default. */
export function jobOf(
  flowId: string,
  more: Partial<JobRecord> = {},
): JobRecord {
  const { node = 0, item } = more;
  return {
    id: jobIdOf(flowId, node, item),
    flowId,
    node,
    jobType: "hash",
    state: "waiting",
    payload: "null",
    priority: 0,
    attempt: 0,
    failures: 0,
    kills: 0,
    retry: { attempts: 5, delayMs: 1000, maxDelayMs: 60_000 },
    createdAt: 1_700_000_000_000,
    ...more,
  };
}

/** An event of a job. */
export function eventOf(
  jobId: string,
  type: JobEvent["type"],
  more: Partial<JobEvent> = {},
): JobEvent {
  return { jobId, at: 1_700_000_000_000, type, attempt: 1, ...more };
}

/** What a batch is made of. */
export interface Parts {
  readonly flows?: readonly FlowRecord[];
  readonly jobs?: readonly JobRecord[];
  readonly events?: readonly JobEvent[];
  readonly settings?: Readonly<Record<string, string | null>>;
  readonly logs?: Readonly<Record<string, string>>;
}

/** A batch. */
export function batchOf(
  { flows = [], jobs = [], events = [], settings = {}, logs = {} }: Parts,
): Batch {
  return {
    flows: new Map(flows.map((flow) => [flow.id, flow])),
    jobs: new Map(jobs.map((job) => [job.id, job])),
    events,
    settings: new Map(Object.entries(settings)),
    logs: new Map(Object.entries(logs)),
  };
}

/** The same without members that are `undefined`, which means that they are absent. */
export function plain<T>(value: T): T {
  if (Array.isArray(value)) return value.map(plain) as T;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Map) {
    return new Map([...value].map(([k, v]) => [k, plain(v)])) as T;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, plain(member)]),
  ) as T;
}
