/**
 * Layer: pipeline/coordinator. Summaries of a pipeline. Types only.
 *
 * @module
 */
import type { FaultKind } from "../model/faults.ts";
import type { FlowRecord, JobRecord } from "../model/records.ts";
import type { JobCount } from "../store/job_store.ts";
import type { Worker } from "./worker_table.ts";

/** A flow and its jobs. */
export interface FlowStatus {
  /** The flow. */
  readonly flow: FlowRecord;
  /** The jobs of the steps that it has reached, oldest first: all, or the requested page. */
  readonly jobs: readonly JobRecord[];
  /** How many there are. */
  readonly jobCount: number;
}

/** A pipeline at a glance. */
export interface Stats {
  /** How many jobs of a type are in a state, according to the store. */
  readonly counts: readonly JobCount[];
  /** The queues of waiting and running jobs, by job type. */
  readonly lanes: readonly { // words: ok, a public name
    readonly jobType: string;
    readonly waiting: number;
    readonly running: number;
    readonly isPaused: boolean;
  }[];
  /** The workers. */
  readonly workers: readonly Worker[];
  /** How many errors of a kind there were since the start. */
  readonly errors: Readonly<Partial<Record<FaultKind, number>>>;
}
