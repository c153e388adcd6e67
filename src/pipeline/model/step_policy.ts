/**
 * Layer: pipeline/model. How the jobs of one type are treated.
 *
 * @module
 */
import type { RateLimitOptions } from "./rate_limit.ts";
import type { RetryPolicy } from "./records.ts";

/** How the jobs of a type are treated. */
export interface StepPolicy {
  /** How often, and when, what failed is tried again. */
  readonly retry: RetryPolicy;
  /** How long one attempt may take. */
  readonly timeoutMs?: number;
  /** How many may run at a time, on all workers together. */
  readonly limit?: number;
  /** How many may begin in a time, on all workers together. */
  readonly rateLimit?: RateLimitOptions;
}
