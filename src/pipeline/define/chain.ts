/**
 * Layer: pipeline/define. The types of steps: the result of a step, and the check
 * that each step of a chain accepts the result of the one before. Also the name
 * under which a step or flow is submitted.
 *
 * @module
 */
import { PipelineError } from "../model/pipeline_error.ts";
import type { Flow } from "./flow.ts";
import type { AnyStep, Step } from "../worker/types.ts";

/** The result of a step. */
export type OutputOf<S extends AnyStep> = S extends Step<never, infer O> ? O
  : never;

/**
 * Steps in a row. Where one does not take what the one before it gives, this
 * has the step that would.
 */
export type Chain<S extends readonly AnyStep[]> = S extends readonly [
  infer A extends AnyStep,
  infer B extends AnyStep,
  ...infer Rest extends readonly AnyStep[],
] ? readonly [A, ...Chain<readonly [Fitting<A, B>, ...Rest]>]
  : S;

/** The step itself where it takes what `A` gives, else the one that would. */
export type Fitting<A extends AnyStep, B extends AnyStep> = B extends
  Step<infer I, infer O> ? [OutputOf<A>] extends [I] ? B
  : Step<OutputOf<A>, O>
  : never;

/** What can be submitted: a step, a flow, or the name of a flow. */
export type Submittable<I> = Step<I, unknown> | Flow<I, unknown> | string;

/**
 * The name under which something is submitted.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function nameOf(what: Submittable<never>): string {
  if (typeof what === "string") return what;
  const { jobType, name } = Object(what) as { jobType?: string; name?: string };
  const found = jobType ?? name;
  if (typeof found === "string") return found;
  throw new PipelineError(
    "ERR_PIPELINE_INVALID",
    "Only a flow, a step or a name can be submitted",
  );
}
