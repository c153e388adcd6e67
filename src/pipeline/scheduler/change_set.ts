/**
 * Layer: pipeline/scheduler. What has changed since the journal last took it.
 *
 * @module
 */
import { flowIdOf } from "../model/job_states.ts";
import type { FlowRecord, JobEvent, JobRecord } from "../model/records.ts";
import type { Batch } from "../store/job_store.ts";
import type { LiveFlow } from "./live_flow.ts";

/** Collects changes; each record once, with its last values. */
export class Changes implements Batch {
  readonly flows: Map<string, FlowRecord> = new Map();
  readonly jobs: Map<string, JobRecord> = new Map();
  readonly events: JobEvent[] = [];
  readonly settings: Map<string, string | null> = new Map();
  /** The flows that the board may forget once this is kept. */
  idle: Set<LiveFlow> = new Set();

  /** Whether there is nothing to keep. */
  get isEmpty(): boolean {
    return this.flows.size + this.jobs.size + this.events.length +
        this.settings.size === 0;
  }

  /**
   * Leaves out what cannot be kept: a flow with all that belongs to it, or a
   * setting.
   *
   * @param id Of the flow, of one of its jobs, or the name of the setting.
   * @returns Whether it was there.
   */
  leaveOut(id: string): boolean {
    const flowId = flowIdOf(id);
    let isFound = this.settings.delete(id);
    isFound = this.flows.delete(flowId) || isFound;
    for (const job of [...this.jobs.values()]) {
      if (job.flowId !== flowId) continue;
      this.jobs.delete(job.id);
      isFound = true;
    }
    const others = this.events.filter(({ jobId }) =>
      flowIdOf(jobId) !== flowId
    );
    isFound ||= others.length < this.events.length;
    this.events.length = 0;
    for (const event of others) this.events.push(event);
    return isFound;
  }

  /** Takes what has changed since into this. */
  add(later: Changes): void {
    for (const flow of later.flows.values()) this.flows.set(flow.id, flow);
    for (const job of later.jobs.values()) this.jobs.set(job.id, job);
    for (const event of later.events) this.events.push(event);
    for (const [name, value] of later.settings) this.settings.set(name, value);
    for (const flow of later.idle) this.idle.add(flow);
  }
}
