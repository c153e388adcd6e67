/**
 * Layer: pipeline/http. The health of a pipeline. It fails if it cannot do its
 * work, so that a restart may help. What a restart does not change, such as a
 * step without workers, is a warning.
 *
 * @module
 */
import type { Stats } from "../coordinator/overviews.ts";
import type { PipelineError } from "../model/pipeline_error.ts";

/** A problem. */
export interface Remark {
  /** A stable code: that of an error, or `no_workers`, `suspect_workers`, `paused`. */
  readonly code: string;
  /** A text for people. */
  readonly message: string;
  /** The job type concerned. */
  readonly job_type?: string;
}

/** The health of a pipeline. */
export interface Health {
  readonly status: "ok" | "failing";
  /** Why it fails. */
  readonly reasons: readonly Remark[];
  /** What needs attention. */
  readonly warnings: readonly Remark[];
}

/** Determines the health of a pipeline. */
export function healthOf(
  trouble: PipelineError | undefined,
  stats: Stats | undefined,
): Health {
  return {
    status: trouble === undefined ? "ok" : "failing",
    reasons: trouble === undefined
      ? []
      : [{ code: trouble.code, message: trouble.message }],
    warnings: stats === undefined ? [] : warningsOf(stats),
  };
}

function warningsOf(stats: Stats): Remark[] {
  const { queues, workers } = stats;
  const warnings: Remark[] = [];
  const served = new Set(workers.map(({ info }) => info.jobType));
  for (const { jobType, waiting, isPaused } of queues) {
    if (isPaused) {
      warnings.push({
        code: "paused",
        message: `The step "${jobType}" is paused`,
        job_type: jobType,
      });
    }
    if (waiting > 0 && !served.has(jobType)) {
      warnings.push({
        code: "no_workers",
        message:
          `The step "${jobType}" has no workers; ${waiting} jobs are waiting`,
        job_type: jobType,
      });
    }
  }
  const suspect = workers.filter(({ isSuspect }) => isSuspect).length;
  if (suspect > 0) {
    warnings.push({
      code: "suspect_workers",
      message: `Workers that have been silent for too long: ${suspect}`,
    });
  }
  return warnings;
}
