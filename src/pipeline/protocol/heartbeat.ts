/**
 * Layer: pipeline/protocol. ZMTP heartbeats, so that a connection whose other end
 * is gone without closing it is re-established: a machine that lost power, a
 * network that was cut. The engines exchange them; a program that is busy for
 * some seconds still answers.
 *
 * @module
 */
import { isIntegerIn } from "../../zmq/integers.ts";
import { MAX_TIMER_MS } from "../../async/timers.ts";
import { PipelineError } from "../model/pipeline_error.ts";

/** How long the pipeline may be silent before a connection to it is re-established, in milliseconds. */
const SILENCE_MS = 20_000;
/** The same for a worker, which the pipeline then takes for lost, too. */
export const WORKER_SILENCE_MS = 10_000;
/** How long this side may be silent before the pipeline may drop the connection, in milliseconds. */
const FORGET_MS = 120_000;

/** How long an attempt to connect may take, in milliseconds: the system repeats it after pauses that double, so a new one finds a pipeline sooner. */
const CONNECT_MS = 5000;

/**
 * The options of a socket that connects to a pipeline.
 *
 * @param silenceMs How long the pipeline may be silent; 0 for no heartbeats.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function heartbeats(silenceMs: number = SILENCE_MS): object {
  if (!isIntegerIn(silenceMs, 0)) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `silenceMs must be a whole number from 0, not ${silenceMs}`,
    );
  }
  const quarterMs = Math.ceil(Math.min(silenceMs, MAX_TIMER_MS) / 4);
  return {
    heartbeatInterval: quarterMs,
    heartbeatTimeout: 3 * quarterMs,
    connectTimeout: CONNECT_MS,
    heartbeatTimeToLive: Math.max(
      FORGET_MS,
      Math.min(2 * silenceMs, 6_553_500),
    ),
  };
}

/**
 * How long a worker may be silent before the pipeline drops its connection, and
 * gives its jobs to others, in milliseconds; 0 for as long as the lease.
 *
 * @param isFree Whether handlers run in threads of their own, so that none of them
 *   keeps the worker from answering.
 */
export function workerSilence(
  isFree: boolean,
  silenceMs: number = WORKER_SILENCE_MS,
): number {
  return isFree ? Math.min(Math.ceil(silenceMs / 4) * 3, 6_553_500) : 0;
}

/**
 * The times of heartbeats that are messages of their own: how often they are sent,
 * and how long the worker may be silent, which leaves room for one that is late.
 *
 * @returns `undefined` if it may be silent for any time.
 */
export function heartbeatTimes(
  silenceMs: number = WORKER_SILENCE_MS,
): { readonly intervalMs: number; readonly silenceMs: number } | undefined {
  if (silenceMs === 0) return undefined;
  const tenthMs = Math.ceil(Math.min(silenceMs, MAX_TIMER_MS) / 10);
  return { intervalMs: tenthMs, silenceMs: 9 * tenthMs };
}

/**
 * The options of the pipeline's socket to a worker. A worker may be silent for
 * its lease, so this is longer.
 */
export function patientHeartbeats(leaseMs: number): object {
  return {
    heartbeatInterval: Math.ceil(Math.min(Math.max(leaseMs / 6, 100), 10_000)),
    heartbeatTimeout: Math.min(leaseMs + Math.min(leaseMs, 5000), MAX_TIMER_MS),
  };
}
