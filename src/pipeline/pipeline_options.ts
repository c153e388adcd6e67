/**
 * Layer: pipeline. The options of a pipeline, and their validation.
 *
 * @module
 */
import { optionNames } from "../util/check_options.ts";
import {
  DEFAULT_LIMITS,
  type Limits,
} from "./coordinator/coordinator_options.ts";
import type { Schedule } from "./coordinator/schedule_entry.ts";
import {
  checkOptionalText,
  invalid,
  requireFunction,
  requireOptions,
  requireText,
  requireWhole,
  shown,
} from "./model/check.ts";
import { givenPayload } from "./model/former_names.ts";
import { type PipelineSecurity, requireServer } from "./model/security.ts";
import type { ScheduleOptions } from "./model/submit_options.ts";
import { type Chain, nameOf, type Submittable } from "./define/chain.ts";
import { type Flow, flow } from "./define/flow.ts";
import type { AnyStep, Step } from "./worker/types.ts";
import type { JobStore } from "./store/job_store.ts";
import { requireJson } from "./protocol/json.ts";

/** A flow that a pipeline submits on a schedule. */
export interface PipelineSchedule extends ScheduleOptions {
  /** Letters, digits, `-` and `_`, 64 at most. */
  readonly id: string;
  /** The flow, its first step, or its name. */
  readonly flow: Submittable<never>;
  /** The input of the first step: any JSON value. Default `null`. */
  readonly payload?: unknown;
  /** @deprecated Use `payload`. */
  readonly instructions?: unknown;
}

/** The options of a pipeline. */
export interface PipelineOptions<
  S extends readonly AnyStep[] = readonly AnyStep[],
> extends Partial<Limits> {
  /** A display name. */
  readonly name: string;
  /** Consecutive steps: each gets the result of the previous one. */
  readonly steps?: S & Chain<S>;
  /** Flows with branches, or several flows. */
  readonly flows?: readonly Flow<never, unknown>[];
  /** Flows that are submitted on a schedule. A schedule that is removed here is deleted. */
  readonly schedules?: readonly PipelineSchedule[];
  /** Stores flows and jobs. Default: in memory, until the process ends. */
  readonly store?: JobStore;
  /** Its CURVE keys. */
  readonly security?: PipelineSecurity;
  /**
   * On loopback, the secret with which workers and clients connect: 16 to 255
   * visible ASCII characters, without spaces. Not together with `security`.
   */
  readonly token?: string;
  /**
   * Called with each error that does not stop the pipeline, such as a failed
   * commit. Errors that it throws are written to stderr. Default: writes errors to
   * stderr, each kind once a second with its count.
   */
  readonly onError?: (error: Error) => void;
}

/** The endpoints of a pipeline. */
export interface PipelineAddresses {
  /** For workers and clients, which need no other. */
  readonly requests: string;
  /** For results of workers of version 1; absent until one asks for it. */
  readonly results?: string;
  /** For logs and metrics of workers of version 1; absent until one asks for it. */
  readonly events?: string;
  /** For watchers. */
  readonly feed: string;
}

const LIMITS: Readonly<Record<keyof Limits, true>> = {
  maxQueued: true,
  maxQueuedBytes: true,
  maxWaiting: true,
  maxWorkers: true,
  maxItems: true,
  maxPayloadBytes: true,
  maxSchedules: true,
  minScheduleMs: true,
  maxKills: true,
  maxCredit: true,
  firstCredit: true,
  resultTtlMs: true,
  failedTtlMs: true,
  graceMs: true,
  suspectMs: true,
  leaseMs: true,
  claimMs: true,
};
const OPTIONS = optionNames<PipelineOptions>({
  ...LIMITS,
  name: true,
  steps: true,
  flows: true,
  schedules: true,
  store: true,
  security: true,
  token: true,
  onError: true,
});
const SCHEDULE = optionNames<PipelineSchedule>({
  id: true,
  flow: true,
  payload: true,
  instructions: true,
  cron: true,
  timezone: true,
  missed: true,
  priority: true,
});

/**
 * Checks the options of a pipeline, besides its flows and limits.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function checkPipelineOptions(options: PipelineOptions): void {
  requireOptions(options, OPTIONS, "new Pipeline()");
  requireText("name of a pipeline", options?.name);
  checkOptionalText("name of a pipeline", options.name, 1, 128);
  const { steps, flows, schedules, store, onError } = options;
  for (const [name, list] of Object.entries({ steps, flows, schedules })) {
    if (list === undefined || Array.isArray(list)) continue;
    throw invalid(`${name} of a pipeline must be a list, not ${shown(list)}`);
  }
  if (store !== undefined && typeof Object(store).commit !== "function") {
    throw invalid(
      `store of a pipeline must be a store, as memoryStore(), sqliteStore() or postgresStore() create it, not ${
        shown(store)
      }`,
    );
  }
  requireServer(options);
  requireFunction("onError of a pipeline", onError);
}

/** The limits of a pipeline. */
export function limitsOf(options: Partial<Limits>): Limits {
  const limits: Record<string, number> = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(LIMITS) as (keyof Limits)[]) {
    const value = options[name];
    requireWhole(
      `${name} of a pipeline`,
      value,
      name.startsWith("max") || name === "firstCredit" ? 1 : 0,
    );
    if (value !== undefined) limits[name] = value;
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
  for (const one of flows) requireFlow(one);
  const all = [...flows];
  const [first, ...rest] = steps;
  if (first !== undefined) {
    let chain: Flow<never, unknown> = flow(first);
    // TypeScript has checked that each accepts the result of the previous one.
    for (const step of rest) chain = chain.to(step as Step<unknown, unknown>);
    all.push(chain);
  }
  if (all.length === 0) throw invalid(`The pipeline "${name}" has no steps`);
  const byName = new Map(all.map((one) => [one.name, one]));
  if (byName.size < all.length) {
    const twice = all.find((one, i) =>
      all.findIndex(({ name }) => name === one.name) < i
    )!;
    throw invalid(
      `Duplicate flow name "${twice.name}" in the pipeline "${name}"`,
    );
  }
  return byName;
}

/** @throws {PipelineError} `ERR_PIPELINE_INVALID`. */
function requireFlow(one: unknown): void {
  const { name, graph, steps, jobType } = Object(one) as Partial<
    Flow<never, unknown> & AnyStep
  >;
  const isFlow = typeof name === "string" && Array.isArray(graph) &&
    typeof steps?.values === "function";
  if (isFlow) return;
  const hint = typeof jobType === "string"
    ? `the step "${jobType}": write flow(step), or name it under steps`
    : shown(one);
  throw invalid(`Expected a flow, as flow() creates it, not ${hint}`);
}

/** The steps of all flows, by job type. */
export function stepsOf(
  flows: Iterable<Flow<never, unknown>>,
): Map<string, AnyStep> {
  const steps = new Map<string, AnyStep>();
  for (const flow of flows) {
    for (const [jobType, step] of flow.steps) {
      if ((steps.get(jobType) ?? step) !== step) {
        throw invalid(`Two different steps have the job type "${jobType}"`);
      }
      steps.set(jobType, step);
    }
  }
  return steps;
}

/** The schedules of a pipeline, as they are stored. */
export function schedulesOf(
  schedules: readonly PipelineSchedule[] = [],
): Schedule[] {
  const ids = new Set<unknown>();
  return schedules.map((one) => {
    requireOptions(one, SCHEDULE, "a schedule");
    const { flow, payload: _, instructions: _former, ...rest } = one;
    if (ids.size === ids.add(rest.id).size) {
      throw invalid(`Duplicate schedule id ${shown(rest.id)}`);
    }
    return {
      ...rest,
      flow: nameOf(flow),
      payload: requireJson(
        "The payload of a schedule",
        givenPayload(one, `Schedule ${shown(rest.id)}`),
      ),
    };
  });
}
