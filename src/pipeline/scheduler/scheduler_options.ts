/**
 * Layer: pipeline/scheduler. What a scheduler is given, and why a job comes back to it.
 *
 * @module
 */
import type { ChangeSetOptions } from "./change_set.ts";
import type { FlowLimits } from "./live_flow.ts";
import type { StepPolicy } from "../model/step_policy.ts";

/** What a scheduler is told once. */
export interface SchedulerOptions extends ChangeSetOptions, FlowLimits {
  /** The policy of each job type. */
  readonly steps: ReadonlyMap<string, StepPolicy>;
  /** How many jobs of one type may wait, for a worker or a time, before submissions are refused. */
  readonly maxQueued: number;
  /** How large the payloads of unfinished flows may be together before submissions are refused. */
  readonly maxQueuedBytes?: number;
  /** How many workers may die with a job before it is dead. */
  readonly maxKills: number;
  /** A number from 0 to below 1. */
  readonly random: () => number;
}

/** Which attempt at which job. */
export interface Attempt {
  readonly id: string;
  readonly attempt: number;
}

/** Why a job that a worker had waits again. */
export type ReturnReason = "released" | "killed" | "lease" | "unclaimed";
