/**
 * Layer: pipeline/define. Builds the graph of a flow out of steps, so that TypeScript
 * checks that each gets what the one before it gives.
 *
 * @module
 */
import { checkOptionalText, invalid, shown } from "../model/check.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import type { Graph, GraphNode } from "../model/graph.ts";
import type { AnyStep, Step } from "../worker/types.ts";

/** What the branches of a fork give, as a list in the order of the branches. */
export type OutputsOf<B extends readonly unknown[]> = {
  -readonly [K in keyof B]: B[K] extends Step<never, infer O> ? O
    : B[K] extends Flow<never, infer O> ? O
    : never;
};

/** A step, or a flow of several, that takes `I`. */
export type Branch<I> = Step<I, unknown> | Flow<I, unknown>;

/** Steps that follow each other: the input of the first, the output of the last. */
export class Flow<in I, out O> {
  /** The name under which it is submitted. */
  readonly name: string;
  /** Which step gets the result of which. */
  readonly graph: Graph;
  /** The steps, by job type. */
  readonly steps: ReadonlyMap<string, AnyStep>;
  /** @internal Use {@link flow}. */
  constructor(
    name: string,
    graph: Graph,
    steps: ReadonlyMap<string, AnyStep>,
  ) {
    this.name = name;
    this.graph = graph;
    this.steps = steps;
  }

  /** The result goes to a step. */
  to<P>(step: Step<O, P>): Flow<I, P> {
    requireStep(step);
    return this.#add(step, {
      jobType: step.jobType,
      after: [this.graph.length - 1],
    });
  }

  /**
   * The result is a list: a step runs once for each item, all at the same time.
   * The result is the list of their results, in the order of the items.
   */
  each<T, P>(this: Flow<I, readonly T[]>, step: Step<T, P>): Flow<I, P[]> {
    requireStep(step);
    return this.#add(step, {
      jobType: step.jobType,
      after: [this.graph.length - 1],
      each: true,
    });
  }

  /**
   * The result goes to several branches at the same time, each a step or a
   * flow; a step joins their results.
   *
   * @param join Gets the list of results, in the order of the branches.
   */
  fork<const B extends readonly Branch<O>[], P>(
    branches: B,
    join: Step<OutputsOf<B>, P>,
  ): Flow<I, P> {
    requireStep(join);
    if (!Array.isArray(branches) || branches.length < 2) {
      throw new PipelineError(
        "ERR_PIPELINE_INVALID",
        `A fork of the flow "${this.name}" needs two branches`,
      );
    }
    const graph: GraphNode[] = [...this.graph];
    const tail = graph.length - 1;
    const ends: number[] = [];
    let steps = this.steps;
    for (const branch of branches) {
      const part = branch instanceof Flow ? branch : flow(branch);
      const offset = graph.length;
      for (const node of part.graph) {
        const after = node.after.map((i) => i + offset);
        graph.push({ ...node, after: after.length > 0 ? after : [tail] });
      }
      ends.push(graph.length - 1);
      for (const step of part.steps.values()) steps = withStep(steps, step);
    }
    graph.push({ jobType: join.jobType, after: ends });
    return new Flow(this.name, graph, withStep(steps, join));
  }

  #add<P>(step: AnyStep, node: GraphNode): Flow<I, P> {
    return new Flow(
      this.name,
      [...this.graph, node],
      withStep(this.steps, step),
    );
  }
}

/**
 * Begins a flow.
 *
 * @param name The name under which it is submitted; by default the job type of
 *   its first step.
 *
 * @example
 * ```ts
 * import { defineStep, flow } from "@agentzero/agentzero/pipeline";
 *
 * const split = defineStep("split", (text: string) => text.split(" "));
 * const count = defineStep("count", (word: string) => word.length);
 * const add = defineStep("add", (counts: number[]) =>
 *   counts.reduce((sum, n) => sum + n, 0));
 *
 * export const letters = flow(split).each(count).to(add);
 * ```
 */
export function flow<I, O>(step: Step<I, O>, name?: string): Flow<I, O> {
  requireStep(step);
  checkOptionalText("The name of a flow", name, 1, 128);
  return new Flow(
    name ?? step.jobType,
    [{ jobType: step.jobType, after: [] }],
    withStep(new Map(), step),
  );
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
function requireStep(step: unknown): void {
  const { jobType, handler } = Object(step) as Partial<AnyStep>;
  if (typeof jobType === "string" && typeof handler === "function") return;
  throw invalid(
    `Expected a step, as defineStep() makes it, not ${shown(step)}`,
  );
}

function withStep(
  steps: ReadonlyMap<string, AnyStep>,
  step: AnyStep,
): ReadonlyMap<string, AnyStep> {
  const known = steps.get(step.jobType);
  if (known !== undefined && known !== step) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `There are two steps of the job type "${step.jobType}"`,
    );
  }
  return new Map(steps).set(step.jobType, step);
}
