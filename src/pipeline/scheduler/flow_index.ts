/**
 * Layer: pipeline/scheduler. Finds flows and their jobs, by id and by key. A
 * flow that has ended stays until its end is committed, so that at any time
 * either the scheduler or the store knows its state.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import { flowIdOf, isAssigned, isFinal } from "../model/job_states.ts";
import type { FlowRecord, JobRecord } from "../model/records.ts";
import type { LiveFlow } from "./live_flow.ts";

/** The flows that are held in memory. */
export class FlowIndex {
  readonly #flows: Map<string, LiveFlow> = new Map();
  readonly #running: Map<string, LiveFlow> = new Map();
  #idle: Set<LiveFlow> = new Set();
  /** The size of the payloads of all flows, in characters of JSON. */
  #size = 0;

  /**
   * Makes sure that one more payload can be held.
   *
   * @throws {PipelineError} `ERR_PIPELINE_FULL`.
   */
  requireRoom(size: number, most: number = Infinity): void {
    if (this.#size + size <= most) return;
    throw new PipelineError(
      "ERR_PIPELINE_FULL",
      `The payloads of unfinished flows have ${this.#size} bytes of JSON; the maximum is ${most} (maxQueuedBytes)`,
    );
  }

  /** A job of a flow has a payload more. */
  grow(flow: LiveFlow, size: number): void {
    flow.size += size;
    this.#size += size;
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

  /** The job with this id, if a worker has this attempt at it. */
  assignedJob(id: string, attempt: number): JobRecord | undefined {
    const job = this.job(id);
    const isIt = job !== undefined && isAssigned(job) &&
      job.attempt === attempt;
    return isIt ? job : undefined;
  }

  /**
   * A result came too late. A worker that does not know yet that its result is
   * settled may send it twice: that is not a late result.
   *
   * @returns The text for the event; `undefined` for none.
   */
  noteLate(
    id: string,
    attempt: number,
  ): { job: JobRecord; detail: string } | undefined {
    const job = this.job(id);
    if (job === undefined) return undefined;
    const isKnown = job.attempt === attempt &&
      (isFinal(job) || job.state === "retrying");
    const detail = isKnown
      ? undefined
      : this.#flows.get(job.flowId)!.noteLate(id, attempt);
    return detail === undefined ? undefined : { job, detail };
  }

  /** The flow that a submission stands for, if it is one that is held: that with its id, or with its name and key. */
  same({ id, name, key }: Pick<FlowRecord, "id" | "name" | "key">):
    | LiveFlow
    | undefined {
    return this.#flows.get(id) ?? this.running(name, key);
  }

  /** The running flow of this name and key. */
  running(name: string, key: string | undefined): LiveFlow | undefined {
    return key === undefined ? undefined : this.#running.get(join(name, key));
  }

  /**
   * Makes sure that no other flow of the same name and key runs.
   *
   * @throws {PipelineError} `ERR_PIPELINE_STATE`.
   */
  requireFreeKey({ id, name, key }: FlowRecord): void {
    const running = this.running(name, key)?.record.id ?? id;
    if (running === id) return;
    throw new PipelineError(
      "ERR_PIPELINE_STATE",
      `Cannot retry flow "${id}" while flow "${running}" with the same key "${key}" is running`,
      { id },
    );
  }

  /** Adds a flow. */
  add(flow: LiveFlow): void {
    this.#flows.set(flow.record.id, flow);
    this.#size += flow.size;
    this.update(flow);
  }

  /** The state of a flow or of its jobs has changed. */
  update(flow: LiveFlow): void {
    const { name, key, state } = flow.record;
    if (key !== undefined) {
      const place = join(name, key);
      const holder = this.#running.get(place);
      if (state !== "running") {
        if (holder === flow) this.#running.delete(place);
      } else if (holder === undefined) this.#running.set(place, flow);
    }
    if (flow.isIdle) this.#idle.add(flow);
    else this.#idle.delete(flow);
  }

  /** Removes a flow. */
  remove(flow: LiveFlow): void {
    const { id, name, key } = flow.record;
    if (this.#flows.delete(id)) this.#size -= flow.size;
    this.#idle.delete(flow);
    if (this.running(name, key) === flow) {
      this.#running.delete(join(name, key!));
    }
  }

  /** The flows that became idle since the last call. */
  takeIdle(): Set<LiveFlow> {
    const idle = this.#idle;
    this.#idle = new Set();
    return idle;
  }

  /** Drops committed flows from memory, but for those that were retried meanwhile. */
  forget(flows: Iterable<LiveFlow>): void {
    for (const flow of flows) {
      const { id } = flow.record;
      const isOver = flow.isIdle && !this.#idle.has(flow) &&
        this.#flows.get(id) === flow;
      if (!isOver) continue;
      this.#flows.delete(id);
      this.#size -= flow.size;
    }
  }
}

function join(name: string, key: string): string {
  return JSON.stringify([name, key]); // so that no two pairs look alike
}
