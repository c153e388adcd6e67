/**
 * Test support. How large a run of the chaos test is, and its times.
 *
 * @module
 */
import type { Kind, PlannedEvent } from "./plan.ts";
import { KINDS, planOf } from "./plan.ts";

/** A run. */
export interface Settings {
  readonly seed: number;
  /** How many are submitted. */
  readonly jobs: number;
  /** In which time they are submitted, if nothing holds that up. */
  readonly paceMs: number;
  /** How many worker processes there are. */
  readonly workers: number;
  /** How long a handler takes at most, half of that on average: so that workers have something to lose. */
  readonly workMs: number;
  /** How long a handler blocks its event loop. */
  readonly blockMs: number;
  readonly suspectMs: number;
  readonly leaseMs: number;
  readonly claimMs: number;
  /** After this time whatever is missing is taken for lost. */
  readonly limitMs: number;
  readonly plan: readonly PlannedEvent[];
}

/** A run of full length: 15 to 30 s. */
export function fullRun(
  seed: number,
  jobs: number,
  only: readonly Kind[] = KINDS,
): Settings {
  return {
    seed,
    jobs,
    paceMs: 14_000,
    workers: 4,
    workMs: Math.min(600, Math.round(120 * 3000 / jobs)),
    suspectMs: 1500,
    leaseMs: 7500,
    claimMs: 3000,
    blockMs: 5000,
    limitMs: 120_000,
    plan: planOf(seed, { only }),
  };
}

/** One for every day: each kind of mischief once. */
export function shortRun(seed: number, jobs: number): Settings {
  return {
    seed,
    jobs,
    paceMs: 6000,
    workers: 3,
    workMs: Math.min(600, Math.round(400 * 300 / jobs)),
    suspectMs: 1500,
    leaseMs: 4000,
    claimMs: 3000,
    blockMs: 2000,
    limitMs: 60_000,
    plan: planOf(seed, { isShort: true }),
  };
}
