/**
 * Layer: pipeline/step. How a step runs. Types only.
 *
 * @module
 */
import type { PeerSecurity } from "../model/security.ts";

/** How a step runs; times are in milliseconds. */
export interface RunOptions {
  /** Where the pipeline takes requests, such as `tcp://pipeline.example:7000`. */
  readonly pipeline: string;
  /** How many jobs to work on at a time. Default 1. */
  readonly concurrency?: number;
  /** How many jobs to have ready beyond that, so that none is waited for. Default 0. */
  readonly prefetch?: number;
  /** Where to listen for jobs. Default: any port, on loopback if the pipeline is there, else on all interfaces. */
  readonly bind?: string;
  /** How the pipeline reaches that, if not by the machine's own address. */
  readonly address?: string;
  /** A name for people. Default: the job type. */
  readonly name?: string;
  /** The keys, for a pipeline that is protected by CURVE. */
  readonly security?: PeerSecurity;
  /** Listens beyond loopback without CURVE. Default false. */
  readonly insecure?: boolean;
  /** How long `drain` lets jobs finish before it aborts them. Default 25,000. */
  readonly drainMs?: number;
  /** Drains when aborted. */
  readonly signal?: AbortSignal;
}
