/**
 * Layer: pipeline. What a pipeline is told, and whether that can be.
 *
 * @module
 */
import {
  DEFAULT_LIMITS,
  type Limits,
} from "./coordinator/coordinator_options.ts";
import type { Schedule } from "./coordinator/schedules.ts";
import { PipelineError } from "./model/errors.ts";
import type { PipelineSecurity } from "./model/security.ts";
import type { ScheduleOptions } from "./model/submit_options.ts";
import { type Chain, nameOf, type Submittable } from "./step/chain.ts";
import { type Flow, flow } from "./step/flow.ts";
import type { AnyStep, Step } from "./step/types.ts";
import type { JobStore } from "./store/job_store.ts";
import { toJson } from "./wire/json.ts";

/** A flow that a pipeline submits by the clock. */
export interface PipelineSchedule extends ScheduleOptions {
  /** Letters, digits, `-` and `_`, 64 at most. */
  readonly id: string;
  /** The flow, its first step, or its name. */
  readonly flow: Submittable<never>;
  /** What the first step gets. Default `null`. */
  readonly instructions?: unknown;
}

/** What a pipeline is. */
export interface PipelineOptions<
  S extends readonly AnyStep[] = readonly AnyStep[],
> extends Partial<Limits> {
  /** A name for people. */
  readonly name: string;
  /** Steps that follow each other: each gets the result of the one before. */
  readonly steps?: S & Chain<S>;
  /** Flows that are more than a chain, or several of them. */
  readonly flows?: readonly Flow<never, unknown>[];
  /** Flows that are submitted by the clock; one that is here no more is forgotten. */
  readonly schedules?: readonly PipelineSchedule[];
  /** Where it keeps what happens. Default: in memory, until the process ends. */
  readonly store?: JobStore;
  /** Its keys, for CURVE. */
  readonly security?: PipelineSecurity;
  /** Told of what does not stop it, such as a store that fails at present. Default: `console.error`. */
  readonly onError?: (error: Error) => void;
}

/** Where a pipeline listens. */
export interface PipelineAddresses {
  /** For the events of steps. */
  readonly events: string;
  /** For requests: all that steps and clients need. */
  readonly requests: string;
  /** For the results of steps. */
  readonly results: string;
  /** For whoever watches. */
  readonly feed: string;
}

/** The limits of a pipeline. */
export function limitsOf(options: Partial<Limits>): Limits {
  const limits: Record<string, number> = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    const value = options[name] ?? DEFAULT_LIMITS[name];
    const least = name.startsWith("max") ? 1 : 0;
    if (!Number.isSafeInteger(value) || value < least) {
      throw invalid(
        `${name} of a pipeline must be a whole number from ${least}, not ${value}`,
      );
    }
    limits[name] = value;
  }
  return limits as unknown as Limits;
}

/** The flows of a pipeline, by their names. */
export function flowsOf(
  { name, steps = [], flows = [] }: Pick<
    PipelineOptions,
    "name" | "steps" | "flows"
  >,
): Map<string, Flow<never, unknown>> {
  const all = [...flows];
  const [first, ...rest] = steps;
  if (first !== undefined) {
    let chain: Flow<never, unknown> = flow(first);
    // Whether each takes what the one before gives, TypeScript has checked.
    for (const step of rest) chain = chain.to(step as Step<unknown, unknown>);
    all.push(chain);
  }
  if (all.length === 0) throw invalid(`The pipeline "${name}" has no steps`);
  const byName = new Map(all.map((one) => [one.name, one]));
  if (byName.size < all.length) {
    throw invalid(`Two flows of the pipeline "${name}" have the same name`);
  }
  return byName;
}

/** The steps of all flows, by job type. */
export function stepsOf(
  flows: Iterable<Flow<never, unknown>>,
): Map<string, AnyStep> {
  const steps = new Map<string, AnyStep>();
  for (const flow of flows) {
    for (const [jobType, step] of flow.steps) {
      if ((steps.get(jobType) ?? step) !== step) {
        throw invalid(`There are two steps of the job type "${jobType}"`);
      }
      steps.set(jobType, step);
    }
  }
  return steps;
}

/** The schedules of a pipeline, as they are kept. */
export function schedulesOf(
  schedules: readonly PipelineSchedule[] = [],
): Schedule[] {
  return schedules.map(({ flow, instructions, ...rest }) => ({
    ...rest,
    flow: nameOf(flow),
    instructions: toJson(instructions),
  }));
}

function invalid(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_INVALID", message);
}
