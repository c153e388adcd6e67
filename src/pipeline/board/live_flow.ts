/**
 * Layer: pipeline/board. One unfinished flow: which of its nodes are complete,
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
export interface JobSeed {
  readonly node: number;
  readonly item?: number;
  /** JSON text. */
  readonly instructions: string;
}

/** How large a flow may become. */
export interface FlowLimits {
  /** For how many items an `each` may run. */
  readonly maxItems: number;
  /** How large what a job gets, and what it gives, may be: in bytes of JSON. */
  readonly maxPayloadBytes: number;
}

/** What the completion of a job leads to. */
export interface Advance {
  readonly seeds: readonly JobSeed[];
  /** The flow's result, if this completes it; JSON text. */
  readonly result?: string;
}

/** A flow at work. */
export class LiveFlow {
  readonly record: FlowRecord;
  readonly jobs: Map<string, JobRecord> = new Map();
  /** Why it was given up: the store cannot keep it. */
  refusal: PipelineError | undefined;
  /** How many of its jobs may still leave their state by themselves. */
  #open = 0;
  /** What each node gave; JSON text. */
  readonly #outputs: (string | undefined)[];
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
    for (const job of jobs) {
      flow.add(job);
      if (job.item === undefined) continue;
      flow.#missing.set(job.node, (flow.#missing.get(job.node) ?? 0) + 1);
    }
    // In the graph's order, so that whatever a node waits for is known before.
    const inOrder = [...jobs].sort((a, b) => a.node - b.node);
    for (const job of inOrder) {
      if (job.state === "completed") flow.#note(job, job.result!);
    }
    flow.record.graph.forEach((node, i) => {
      if (flow.#outputs[i] === undefined && flow.#isEmptyEach(node)) {
        flow.#outputs[i] = "[]";
      }
    });
    return flow;
  }

  /** Whether nothing of it goes on: no job runs, waits, or is to come. */
  get isIdle(): boolean {
    return this.record.state !== "running" && this.#open === 0;
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
    const seeds: JobSeed[] = [];
    const isNew = this.#note(job, result);
    if (isNew) {
      const { maxPayloadBytes } = limits;
      const list = this.#outputs[job.node]!;
      requireSize(list, maxPayloadBytes, "The list of the results");
      this.#follow(job.node, seeds, limits);
    }
    const { graph } = this.record;
    return { seeds, result: this.#outputs[graph.length - 1] };
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
  #follow(completed: number, seeds: JobSeed[], limits: FlowLimits): void {
    const { maxItems, maxPayloadBytes } = limits;
    this.record.graph.forEach((node, i) => {
      if (!node.after.includes(completed)) return;
      const input = this.#inputOf(node);
      if (input === undefined) return;
      if (node.each === undefined) {
        if (node.after.length > 1) {
          requireSize(input, maxPayloadBytes, "The list of the results");
        }
        seeds.push({ node: i, instructions: input });
        return;
      }
      const items = itemsOf(input, node.jobType);
      if (items.length === 0) {
        this.#outputs[i] = "[]";
        return this.#follow(i, seeds, limits);
      }
      if (items.length > maxItems) {
        throw tooMany(items.length, maxItems, node.jobType);
      }
      this.#missing.set(i, items.length);
      items.forEach((item, n) =>
        seeds.push({ node: i, item: n, instructions: JSON.stringify(item) })
      );
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

  /** Whether a node that runs for each item had none: it left no job behind. */
  #isEmptyEach(node: GraphNode): boolean {
    if (node.each === undefined) return false;
    const input = this.#inputOf(node);
    return input !== undefined && itemsOf(input, node.jobType).length === 0;
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
