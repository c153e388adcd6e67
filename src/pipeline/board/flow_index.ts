/**
 * Layer: pipeline/board. Finds unfinished flows and their jobs, by id and by
 * key.
 *
 * @module
 */
import { flowIdOf, isFinal } from "../model/job_states.ts";
import type { JobRecord } from "../model/records.ts";
import type { LiveFlow } from "./live_flow.ts";

/** The flows that are held in memory. */
export class FlowIndex {
  readonly #flows: Map<string, LiveFlow> = new Map();
  readonly #running: Map<string, LiveFlow> = new Map();

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

  /** A flow's state, or that of its jobs, has changed: it is found by its key while it runs, and kept while it has something to do. */
  update(flow: LiveFlow): void {
    const { id, name, key, state } = flow.record;
    if (key !== undefined) {
      const place = join(name, key);
      if (state === "running") this.#running.set(place, flow);
      else if (this.#running.get(place) === flow) this.#running.delete(place);
    }
    if (state === "running") return;
    for (const job of flow.jobs.values()) if (!isFinal(job)) return;
    this.#flows.delete(id);
  }
}

function join(name: string, key: string): string {
  return `${name}\n${key}`;
}
