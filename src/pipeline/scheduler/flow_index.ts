/**
 * Layer: pipeline/scheduler. Finds flows and their jobs, by id and by key. One that
 * nothing goes on in stays until it is kept, so that at every moment either the
 * scheduler or the store knows what has become of it.
 *
 * @module
 */
import { PipelineError } from "../model/errors.ts";
import { flowIdOf, isAssigned, isFinal } from "../model/job_states.ts";
import type { FlowRecord, JobRecord } from "../model/records.ts";
import type { LiveFlow } from "./live_flow.ts";

/** The flows that are held in memory. */
export class FlowIndex {
  readonly #flows: Map<string, LiveFlow> = new Map();
  readonly #running: Map<string, LiveFlow> = new Map();
  #idle: Set<LiveFlow> = new Set();
  /** How large what the jobs of all flows got and gave is, in characters of JSON. */
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
      `The payloads of unfinished flows have ${this.#size} bytes of JSON, and the pipeline takes ${most} at most (maxQueuedBytes)`,
    );
  }

  /** A job of a flow has got or given something. */
  grow(flow: LiveFlow, size: number): void {
    flow.size += size;
    this.#size += size;
  }

  /** The jobs that workers have. */
  *assigned(): Iterable<JobRecord> {
    for (const { jobs } of this.#flows.values()) {
      for (const job of jobs.values()) if (isAssigned(job)) yield job;
    }
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
   * A result came too late. One that is sent twice, as it was not known to be
   * settled, is no late one.
   *
   * @returns What is to be said of it; `undefined` for nothing.
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
      `The flow "${id}" cannot be tried again while "${running}" runs, which has the same key "${key}"`,
      { id },
    );
  }

  /** Adds a flow. */
  add(flow: LiveFlow): void {
    this.#flows.set(flow.record.id, flow);
    this.#size += flow.size;
    this.update(flow);
  }

  /** A flow's state, or that of its jobs, has changed: it is found by its key while it runs. */
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

  /** Gives a flow up. */
  remove(flow: LiveFlow): void {
    const { id, name, key } = flow.record;
    if (this.#flows.delete(id)) this.#size -= flow.size;
    this.#idle.delete(flow);
    if (this.running(name, key) === flow) {
      this.#running.delete(join(name, key!));
    }
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
