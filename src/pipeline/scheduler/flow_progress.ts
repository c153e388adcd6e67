/**
 * Layer: pipeline/scheduler. How far the nodes of a flow are: which of them are
 * complete, with their outputs, and which jobs can start next.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import type { GraphNode } from "../model/graph.ts";
import { itemsOf } from "../model/json_items.ts";
import { jobIdOf } from "../model/job_states.ts";
import { requireSize } from "../model/payload.ts";
import type { FlowRecord, JobRecord } from "../model/records.ts";

/** A job that can start. */
export interface JobSpec {
  readonly node: number;
  readonly item?: number;
  /** JSON text. */
  readonly payload: string;
}

/** The jobs of a step that runs for each item: created one by one. */
export interface JobSpecs extends IterableIterator<JobSpec> {}

/** How large a flow may become. */
export interface FlowLimits {
  /** The maximum number of items of an `each`. */
  readonly maxItems: number;
  /** The maximum size of payloads and results, in bytes of JSON. */
  readonly maxPayloadBytes: number;
}

/** The jobs that can start, and the result, after a job is complete. */
export interface Advance {
  readonly specs: readonly JobSpec[];
  /** The jobs of steps that run for each item, which may be many. */
  readonly many: readonly JobSpecs[];
  /** The flow's result, if this completes it; JSON text. */
  readonly result?: string;
}

/** The outputs of the nodes of a flow. */
export class FlowProgress {
  readonly #record: FlowRecord;
  readonly #jobs: ReadonlyMap<string, JobRecord>;
  /** The output of each complete node; JSON text. */
  readonly #outputs: (string | undefined)[];
  /** For a node with `each`: how many of its items are not complete; most flows have none. */
  #missing: Map<number, number> | undefined;
  /** Whether each node runs once, on the output of one other. */
  readonly #isChain: boolean;

  constructor(record: FlowRecord, jobs: ReadonlyMap<string, JobRecord>) {
    this.#record = record;
    this.#jobs = jobs;
    this.#isChain = record.graph.every(({ each, after }) =>
      each === undefined && after.length <= 1
    );
    this.#outputs = record.graph.map(() => undefined);
  }

  /**
   * Restores the number of items of a node with `each`.
   *
   * @param count How many of its jobs there are.
   * @returns Those of its jobs that were not created before the process ended.
   */
  restoreEach(node: number, count: number): JobSpecs | undefined {
    const { id, graph, state } = this.#record;
    if (graph[node]!.each === undefined) return undefined;
    const input = this.#inputOf(graph[node]!);
    if (input === undefined) return undefined;
    const items = itemsFor(graph[node]!.jobType, input, Infinity);
    if (items.length === 0) {
      this.#outputs[node] = "[]";
      return undefined;
    }
    this.#setMissing(node, items.length);
    const isOver = state === "cancelled" || state === "completed";
    if (isOver || count >= items.length) return undefined;
    return specsOf(
      node,
      items,
      (item) => this.#jobs.has(jobIdOf(id, node, item)),
    );
  }

  /**
   * A job is complete. Changes nothing if it throws.
   *
   * @param result JSON text.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID` if the next node requires an
   *   array and the result is none; `ERR_PIPELINE_TOO_LARGE`.
   */
  advance(job: JobRecord, result: string, limits: FlowLimits): Advance {
    requireSize(result, limits.maxPayloadBytes, "The result");
    // In a chain nothing else throws.
    if (this.#isChain) return this.#advance(job, result, limits);
    const saved = {
      outputs: [...this.#outputs],
      missing: this.#missing && new Map(this.#missing),
    };
    try {
      return this.#advance(job, result, limits);
    } catch (error) {
      this.#outputs.splice(0, Infinity, ...saved.outputs);
      this.#missing = saved.missing;
      throw error;
    }
  }

  #advance(job: JobRecord, result: string, limits: FlowLimits): Advance {
    const specs: JobSpec[] = [];
    const many: JobSpecs[] = [];
    const isNew = this.note(job, result);
    if (isNew) {
      const { maxPayloadBytes } = limits;
      const list = this.#outputs[job.node]!;
      requireSize(list, maxPayloadBytes, "The list of results");
      this.#follow(job.node, { specs, many }, limits);
    }
    const { graph } = this.#record;
    return { specs, many, result: this.#outputs[graph.length - 1] };
  }

  /** Records a result. Returns whether that completes the node. */
  note(job: JobRecord, result: string): boolean {
    if (job.item === undefined) {
      this.#outputs[job.node] = result;
      return true;
    }
    const missing = this.#missing!.get(job.node)! - 1;
    this.#setMissing(job.node, missing);
    if (missing > 0) return false;
    const results: string[] = [];
    for (const one of this.#jobs.values()) {
      if (one.node !== job.node) continue;
      results[one.item!] = one === job ? result : one.result!;
    }
    this.#outputs[job.node] = `[${results.join(",")}]`;
    return true;
  }

  #setMissing(node: number, count: number): void {
    (this.#missing ??= new Map()).set(node, count);
  }

  /** Starts every node that waited only for this one. */
  #follow(
    completed: number,
    next: { readonly specs: JobSpec[]; readonly many: JobSpecs[] },
    limits: FlowLimits,
  ): void {
    const { maxItems, maxPayloadBytes } = limits;
    this.#record.graph.forEach((node, i) => {
      if (!node.after.includes(completed)) return;
      const input = this.#inputOf(node);
      if (input === undefined) return;
      if (node.each === undefined) {
        if (node.after.length > 1) {
          requireSize(input, maxPayloadBytes, "The list of results");
        }
        next.specs.push({ node: i, payload: input });
        return;
      }
      const items = itemsFor(node.jobType, input, maxItems);
      if (items.length === 0) {
        this.#outputs[i] = "[]";
        return this.#follow(i, next, limits);
      }
      this.#setMissing(i, items.length);
      next.many.push(specsOf(i, items));
    });
  }

  /** The input of a node; `undefined` while a part of it is missing. */
  #inputOf(node: GraphNode): string | undefined {
    const inputs = node.after.map((i) => this.#outputs[i]);
    if (inputs.includes(undefined)) return undefined;
    return inputs.length === 1 ? inputs[0] : `[${inputs.join(",")}]`;
  }
}

/** A job for each item that has none yet. */
function* specsOf(
  node: number,
  items: readonly string[],
  hasJob?: (item: number) => boolean,
): JobSpecs {
  for (let item = 0; item < items.length; item++) {
    if (hasJob?.(item) === true) continue;
    yield { node, item, payload: items[item]! };
  }
}

/**
 * The items of the list for which a step runs.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_TOO_LARGE`.
 */
function itemsFor(
  jobType: string,
  input: string,
  most: number,
): readonly string[] {
  const list = itemsOf(input, most);
  if (list === undefined) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `The step "${jobType}" runs for each item of an array, but its input is not an array`,
    );
  }
  if (list.count <= most) return list.items;
  throw new PipelineError(
    "ERR_PIPELINE_TOO_LARGE",
    `The step "${jobType}" would run for ${list.count} items; the maximum is ${most} (maxItems)`,
  );
}
