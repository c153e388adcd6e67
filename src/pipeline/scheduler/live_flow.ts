/**
 * Layer: pipeline/scheduler. One unfinished flow: which of its nodes are complete,
 * and which jobs that lets begin. It changes no record.
 *
 * @module
 */
import { PipelineError } from "../model/errors.ts";
import type { GraphNode } from "../model/graph.ts";
import { isFinal, jobIdOf } from "../model/job_states.ts";
import { requirePayload, requireSize } from "../model/payload.ts";
import type { FlowRecord, JobRecord } from "../model/records.ts";

/** So many attempts are linked at most: as many links as a span of OpenTelemetry has by default. */
const MAX_LINKS = 128;

/** A job that can begin. */
export interface JobSpec {
  readonly node: number;
  readonly item?: number;
  /** JSON text. */
  readonly payload: string;
}

/** The jobs of a step that runs for each item: made one by one. */
export interface JobSpecs extends IterableIterator<JobSpec> {}

/** How large a flow may become. */
export interface FlowLimits {
  /** For how many items an `each` may run. */
  readonly maxItems: number;
  /** How large what a job gets, and what it gives, may be: in bytes of JSON. */
  readonly maxPayloadBytes: number;
}

/** What the completion of a job leads to. */
export interface Advance {
  readonly specs: readonly JobSpec[];
  /** Those of steps that run for each item, which may be many. */
  readonly many: readonly JobSpecs[];
  /** The flow's result, if this completes it; JSON text. */
  readonly result?: string;
}

/** A flow at work. */
export class LiveFlow {
  readonly record: FlowRecord;
  readonly jobs: Map<string, JobRecord> = new Map();
  /** Why it was given up: the store cannot keep it. */
  refusal: PipelineError | undefined;
  /** Jobs that can begin, and that there are not yet. */
  readonly pendingSpecs: Set<JobSpecs> = new Set();
  /** How large what its jobs got and gave is, in characters of JSON. */
  size = 0;
  /** How many of its jobs may still leave their state by themselves. */
  #open = 0;
  /** What each node gave; JSON text. */
  readonly #outputs: (string | undefined)[];
  /** How many results came too late, by job. */
  readonly #late: Map<string, number> = new Map();
  /** For a node with `each`: how many of its items are not complete. */
  readonly #missing: Map<number, number> = new Map();
  /** Whether each node runs once, on what one other gave. */
  readonly #isChain: boolean;

  constructor(record: FlowRecord) {
    this.record = record;
    this.#isChain = record.graph.every(({ each, after }) =>
      each === undefined && after.length <= 1
    );
    this.#outputs = record.graph.map(() => undefined);
  }

  /** Takes up a flow as the store has it. */
  static restore(record: FlowRecord, jobs: readonly JobRecord[]): LiveFlow {
    const flow = new LiveFlow(record);
    const byNode: JobRecord[][] = record.graph.map(() => []);
    for (const job of jobs) {
      flow.add(job);
      flow.size += job.payload.length + (job.result?.length ?? 0);
      byNode[job.node]!.push(job);
    }
    // In the graph's order, so that whatever a node waits for is known before.
    byNode.forEach((own, i) => {
      if (record.graph[i]!.each !== undefined) flow.#restoreEach(i, own);
      for (const job of own) {
        if (job.state === "completed") flow.#note(job, job.result!);
      }
    });
    return flow;
  }

  /**
   * Knows how many items a node runs for, and which of its jobs there are not
   * yet: the process may have ended before all of them were created.
   */
  #restoreEach(node: number, jobs: readonly JobRecord[]): void {
    const { graph, state } = this.record;
    const input = this.#inputOf(graph[node]!);
    if (input === undefined) return;
    const items = itemsOf(input, graph[node]!.jobType);
    if (items.length === 0) {
      this.#outputs[node] = "[]";
      return;
    }
    this.#missing.set(node, items.length);
    const isOver = state === "cancelled" || state === "completed";
    if (isOver || jobs.length >= items.length) return;
    const known = new Set(jobs.map(({ item }) => item));
    this.pendingSpecs.add(specsOf(node, items, known));
  }

  /** Whether nothing of it goes on: no job runs, waits, or is to come. */
  get isIdle(): boolean {
    return this.record.state !== "running" && this.#open === 0 &&
      this.pendingSpecs.size === 0;
  }

  /** Whether it cannot be cancelled, or is so already. */
  get isOver(): boolean {
    return this.isIdle || this.record.state === "cancelled";
  }

  /** A job of it begins, or is there already. */
  add(job: JobRecord): void {
    this.jobs.set(job.id, job);
    if (!isFinal(job)) this.#open++;
  }

  /** A job of it goes on, or has come to its end. */
  note(isOpen: boolean): void {
    this.#open += isOpen ? 1 : -1;
  }

  /**
   * A result came too late. Whoever sends such again and again fills no timeline:
   * the 1st, the 10th, the 100th … is a line of it.
   *
   * @returns What is to be said of it; `undefined` for nothing.
   */
  noteLate(jobId: string, attempt: number): string | undefined {
    const count = (this.#late.get(jobId) ?? 0) + 1;
    this.#late.set(jobId, count);
    if (!/^10*$/.test(String(count))) return undefined;
    const all = count === 1 ? "" : `; ${count} results were late until then`;
    return `of attempt ${attempt}${all}`;
  }

  /**
   * The dead jobs that are meant, and how many dead ones there are.
   *
   * @param id The flow's, for all, or that of one of them.
   * @param jobType Only those of this type.
   */
  deadJobs(
    id: string,
    jobType: string | undefined,
  ): { again: JobRecord[]; dead: number } {
    const dead = [...this.jobs.values()].filter((job) => job.state === "dead");
    const again = dead.filter((job) =>
      (id === this.record.id || id === job.id) &&
      (jobType === undefined || jobType === job.jobType)
    );
    return { again, dead: dead.length };
  }

  /** The attempts whose results a job runs on, if they were traced; not all, where they are many. */
  linksOf(job: JobRecord): string[] | undefined {
    if (this.record.traceparent === undefined) return undefined;
    const links: string[] = [];
    for (const source of this.#sourcesOf(this.record.graph[job.node]!)) {
      if (source.traceparent !== undefined) links.push(source.traceparent);
      if (links.length === MAX_LINKS) break;
    }
    return links.length === 0 ? undefined : links;
  }

  /**
   * A job is complete. Changes nothing if it throws.
   *
   * @param result JSON text.
   * @throws {PipelineError} `ERR_PIPELINE_INVALID` if the next node wants a
   *   list and this is none; `ERR_PIPELINE_TOO_LARGE`.
   */
  advance(job: JobRecord, result: string, limits: FlowLimits): Advance {
    requirePayload(result, limits.maxPayloadBytes, "The result");
    // In a chain nothing else can throw.
    if (this.#isChain) return this.#advance(job, result, limits);
    const saved = {
      outputs: [...this.#outputs],
      missing: new Map(this.#missing),
    };
    try {
      return this.#advance(job, result, limits);
    } catch (error) {
      this.#outputs.splice(0, Infinity, ...saved.outputs);
      this.#missing.clear();
      for (const [node, count] of saved.missing) this.#missing.set(node, count);
      throw error;
    }
  }

  #advance(job: JobRecord, result: string, limits: FlowLimits): Advance {
    const specs: JobSpec[] = [];
    const many: JobSpecs[] = [];
    const isNew = this.#note(job, result);
    if (isNew) {
      const { maxPayloadBytes } = limits;
      const list = this.#outputs[job.node]!;
      requireSize(list, maxPayloadBytes, "The list of the results");
      this.#follow(job.node, { specs, many }, limits);
    }
    const { graph } = this.record;
    return { specs, many, result: this.#outputs[graph.length - 1] };
  }

  /** Notes a result; tells whether that makes the node complete. */
  #note(job: JobRecord, result: string): boolean {
    if (job.item === undefined) {
      this.#outputs[job.node] = result;
      return true;
    }
    const missing = this.#missing.get(job.node)! - 1;
    this.#missing.set(job.node, missing);
    if (missing > 0) return false;
    const results: string[] = [];
    for (const one of this.jobs.values()) {
      if (one.node !== job.node) continue;
      results[one.item!] = one === job ? result : one.result!;
    }
    this.#outputs[job.node] = `[${results.join(",")}]`;
    return true;
  }

  /** Begins every node that waited for this one alone. */
  #follow(
    completed: number,
    next: { readonly specs: JobSpec[]; readonly many: JobSpecs[] },
    limits: FlowLimits,
  ): void {
    const { maxItems, maxPayloadBytes } = limits;
    this.record.graph.forEach((node, i) => {
      if (!node.after.includes(completed)) return;
      const input = this.#inputOf(node);
      if (input === undefined) return;
      if (node.each === undefined) {
        if (node.after.length > 1) {
          requireSize(input, maxPayloadBytes, "The list of the results");
        }
        next.specs.push({ node: i, payload: input });
        return;
      }
      const items = itemsOf(input, node.jobType);
      if (items.length === 0) {
        this.#outputs[i] = "[]";
        return this.#follow(i, next, limits);
      }
      if (items.length > maxItems) {
        throw tooMany(items.length, maxItems, node.jobType);
      }
      this.#missing.set(i, items.length);
      next.many.push(specsOf(i, items));
    });
  }

  /** The jobs whose results a node runs on. */
  *#sourcesOf({ after }: GraphNode): Iterable<JobRecord> {
    const { id, graph } = this.record;
    for (const node of after) {
      const isEach = graph[node]!.each === true;
      for (let n = 0; isEach || n === 0; n++) {
        const job = this.jobs.get(jobIdOf(id, node, isEach ? n : undefined));
        if (job === undefined) break;
        yield job;
      }
    }
  }

  /** What a node runs on; `undefined` while something of it is missing. */
  #inputOf(node: GraphNode): string | undefined {
    const inputs = node.after.map((i) => this.#outputs[i]);
    if (inputs.includes(undefined)) return undefined;
    return inputs.length === 1 ? inputs[0] : `[${inputs.join(",")}]`;
  }
}

/** A job for each item, but for those that there are. */
function* specsOf(
  node: number,
  items: readonly unknown[],
  known?: ReadonlySet<number | undefined>,
): JobSpecs {
  for (let item = 0; item < items.length; item++) {
    if (known?.has(item)) continue;
    yield { node, item, payload: JSON.stringify(items[item]) };
  }
}

function tooMany(count: number, most: number, jobType: string): PipelineError {
  return new PipelineError(
    "ERR_PIPELINE_TOO_LARGE",
    `The step "${jobType}" would run for each of ${count} items, and the pipeline takes ${most} at most (maxItems)`,
  );
}

function itemsOf(input: string, jobType: string): unknown[] {
  const items: unknown = JSON.parse(input);
  if (Array.isArray(items)) return items;
  throw new PipelineError(
    "ERR_PIPELINE_INVALID",
    `The step "${jobType}" runs for each item of a list, and what it got is none`,
  );
}
