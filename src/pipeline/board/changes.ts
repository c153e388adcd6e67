/**
 * Layer: pipeline/board. What has changed since the journal last took it.
 *
 * @module
 */
import type { FlowRecord, JobEvent, JobRecord } from "../model/records.ts";
import type { Batch } from "../store/job_store.ts";

/** Collects changes; each record once, with its last values. */
export class Changes implements Batch {
  readonly flows: Map<string, FlowRecord> = new Map();
  readonly jobs: Map<string, JobRecord> = new Map();
  readonly events: JobEvent[] = [];
  readonly settings: Map<string, string | null> = new Map();
}
