/**
 * Layer: pipeline/scheduler. The options of a scheduler, and why a job is requeued.
 *
 * @module
 */
import type { ChangeSetOptions } from "./change_set.ts";
import type { FlowLimits } from "./flow_progress.ts";
import type { StepPolicy } from "../model/step_policy.ts";

/** The limits, policies and listeners of a scheduler. */
export interface SchedulerOptions extends ChangeSetOptions, FlowLimits {
  /** The policy of each job type. */
  readonly steps: ReadonlyMap<string, StepPolicy>;
  /** How many jobs of one type may wait, for a worker or a time, before submissions are refused. */
  readonly maxQueued: number;
  /** The total size of the payloads of unfinished flows at which submissions are refused. */
  readonly maxQueuedBytes?: number;
  /** How many workers may die with a job before it is dead. */
  readonly maxKills: number;
  /** A number from 0 to below 1. */
  readonly random: () => number;
}

/** An attempt at a job. */
export interface Attempt {
  readonly id: string;
  readonly attempt: number;
}

/** Why a job that a worker had is requeued. */
export type ReturnReason = "released" | "killed" | "lease" | "unclaimed";
