/**
 * Layer: pipeline/board. Finds flows and their jobs, by id and by key. One that
 * nothing goes on in stays until it is kept, so that at every moment either the
 * board or the store knows what has become of it.
 *
 * @module
 */
import { flowIdOf } from "../model/job_states.ts";
import type { JobRecord } from "../model/records.ts";
import type { LiveFlow } from "./live_flow.ts";

/** The flows that are held in memory. */
export class FlowIndex {
  readonly #flows: Map<string, LiveFlow> = new Map();
  readonly #running: Map<string, LiveFlow> = new Map();
  #idle: Set<LiveFlow> = new Set();

  /** All of them. */
  values(): Iterable<LiveFlow> {
    return this.#flows.values();
  }

  /** The flow with this id. */
  flow(id: string): LiveFlow | undefined {
    return this.#flows.get(id);
  }

  /** The flow that a job belongs to. */
  flowOf(jobId: string): LiveFlow | undefined {
    return this.#flows.get(flowIdOf(jobId));
  }

  /** The job with this id. */
  job(id: string): JobRecord | undefined {
    return this.flowOf(id)?.jobs.get(id);
  }

  /** The running flow of this name and key. */
  running(name: string, key: string | undefined): LiveFlow | undefined {
    return key === undefined ? undefined : this.#running.get(join(name, key));
  }

  /** Adds a flow. */
  add(flow: LiveFlow): void {
    this.#flows.set(flow.record.id, flow);
    this.update(flow);
  }

  /** A flow's state, or that of its jobs, has changed: it is found by its key while it runs. */
  update(flow: LiveFlow): void {
    const { name, key, state } = flow.record;
    if (key !== undefined) {
      const place = join(name, key);
      if (state === "running") this.#running.set(place, flow);
      else if (this.#running.get(place) === flow) this.#running.delete(place);
    }
    if (flow.isIdle) this.#idle.add(flow);
    else this.#idle.delete(flow);
  }

  /** The flows in which nothing goes on since this was called last. */
  takeIdle(): Set<LiveFlow> {
    const idle = this.#idle;
    this.#idle = new Set();
    return idle;
  }

  /** Forgets flows that are kept; not those that were tried again meanwhile. */
  forget(flows: Iterable<LiveFlow>): void {
    for (const flow of flows) {
      const isOver = flow.isIdle && !this.#idle.has(flow);
      if (isOver) this.#flows.delete(flow.record.id);
    }
  }
}

function join(name: string, key: string): string {
  return `${name}\n${key}`;
}
