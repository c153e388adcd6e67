/**
 * Layer: pipeline/coordinator. Summaries of a pipeline. Types only.
 *
 * @module
 */
import type { FaultKind } from "../model/faults.ts";
import type { FlowRecord, JobRecord } from "../model/records.ts";
import type { JobCount, PipelineMember } from "../store/job_store.ts";
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

/** The queue of a job type at a glance. */
export interface QueueStats {
  /** The job type. */
  readonly jobType: string;
  /** How many jobs wait. */
  readonly waiting: number;
  /** How many jobs run. */
  readonly running: number;
  /** Whether the queue is paused. */
  readonly isPaused: boolean;
}

/** A pipeline at a glance. */
export interface Stats {
  /** How many jobs of a type are in a state, according to the store. */
  readonly counts: readonly JobCount[];
  /** The queues of waiting and running jobs, by job type. */
  readonly queues: readonly QueueStats[];
  /** @deprecated Use {@link queues}. */
  readonly lanes: readonly QueueStats[]; // words: ok, a former name
  /** The workers. */
  readonly workers: readonly Worker[];
  /** How many errors of a kind there were since the start. */
  readonly errors: Readonly<Partial<Record<FaultKind, number>>>;
  /** The processes of which one leads, that one first; none where the store cannot be shared. */
  readonly members: readonly PipelineMember[];
}
