/**
 * Layer: pipeline/protocol. Heartbeats of connections, so that one whose other end
 * is gone without having closed it is made anew: a machine that lost its power,
 * a network that was cut. Only the engines talk here; that a program is busy
 * for some seconds is no silence.
 *
 * @module
 */
import { MAX_TIMER_MS } from "../../async/timers.ts";
import { PipelineError } from "../model/errors.ts";

/** After how long a silence of the pipeline a connection to it is made anew, in milliseconds. */
const SILENCE_MS = 20_000;
/** After how long a silence of ours the pipeline may forget a connection, in milliseconds. */
const FORGET_MS = 120_000;

/**
 * The options of a socket that connects to a pipeline.
 *
 * @param silenceMs 0 for no heartbeats.
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function heartbeats(silenceMs: number = SILENCE_MS): object {
  if (!Number.isSafeInteger(silenceMs) || silenceMs < 0) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `silenceMs must be a whole number from 0, not ${silenceMs}`,
    );
  }
  const quarterMs = Math.ceil(Math.min(silenceMs, MAX_TIMER_MS) / 4);
  return {
    heartbeatInterval: quarterMs,
    heartbeatTimeout: 3 * quarterMs,
    heartbeatTimeToLive: Math.max(
      FORGET_MS,
      Math.min(2 * silenceMs, 6_553_500),
    ),
  };
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
