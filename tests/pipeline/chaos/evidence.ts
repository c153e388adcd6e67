/**
 * Test support. What is known of a run of the chaos test when it is over, from
 * four sides: the client, the handlers, who did the mischief, and the store.
 * Types only; times are in milliseconds since 1970.
 *
 * @module
 */
import type {
  FlowRecord,
  JobEvent,
  JobRecord,
} from "@agentzero/agentzero/pipeline";
import type { FlowName } from "./flows.ts";
import type { Kind } from "./plan.ts";

/** What the client submitted. */
export interface Submitted {
  readonly id: string;
  readonly flow: FlowName;
  readonly n: number;
}

/** What the client received in the end; no value if it received none. */
export interface Reading {
  readonly id: string;
  readonly value?: unknown;
  readonly error?: string;
}

/** A handler ran, as it wrote down itself. */
export interface Execution {
  readonly job: string;
  readonly attempt: number;
  readonly step: string;
  /** The process: a name that is never used again. */
  readonly process: string;
  readonly begin: number;
  /** Absent if it did not come to its end. */
  readonly end?: number;
  /** Whether it threw. */
  readonly hasFailed?: boolean;
}

/** Something that was done to a process, or to the connections of one. */
export interface Happening {
  /** Which of the deeds it belongs to, by its number. */
  readonly deed: number;
  readonly kind: Kind;
  /** `"pipeline"`, or the name of a worker process. */
  readonly process: string;
  readonly from: number;
  readonly to: number;
}

/** A flow as the store has it, opened when all is over. */
export interface StoredFlow {
  readonly flow: FlowRecord;
  readonly jobs: readonly JobRecord[];
  readonly events: readonly JobEvent[];
}

/** All of it. */
export interface Evidence {
  readonly submitted: readonly Submitted[];
  readonly readings: readonly Reading[];
  readonly executions: readonly Execution[];
  readonly happenings: readonly Happening[];
  /** The process of each worker, by the worker's id. */
  readonly workers: ReadonlyMap<string, string>;
  readonly stored: readonly StoredFlow[];
}
