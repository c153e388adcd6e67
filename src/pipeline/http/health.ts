/**
 * Layer: pipeline/http. Whether a pipeline is well. It is not when it cannot do
 * its work: then a restart may help, and clients are better sent elsewhere.
 * What a restart would not change, such as a step without workers, is a
 * warning.
 *
 * @module
 */
import type { Stats } from "../coordinator/overviews.ts";
import type { PipelineError } from "../model/errors.ts";

/** Something that is not as it should be. */
export interface Remark {
  /** Stable, to match on: the code of an error, or `no_workers`, `suspect_workers`, `paused`. */
  readonly code: string;
  /** For a person. */
  readonly message: string;
  /** The type of the jobs concerned. */
  readonly job_type?: string;
}

/** How a pipeline is. */
export interface Health {
  readonly status: "ok" | "failing";
  /** Why it fails. */
  readonly reasons: readonly Remark[];
  /** What somebody should look at. */
  readonly warnings: readonly Remark[];
}

/** Judges a pipeline. */
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

function warningsOf({ lanes, workers }: Stats): Remark[] {
  const warnings: Remark[] = [];
  const served = new Set(workers.map(({ info }) => info.jobType));
  for (const { jobType, waiting, isPaused } of lanes) {
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
        message: `The step "${jobType}" has no workers; ${waiting} wait`,
        job_type: jobType,
      });
    }
  }
  const suspect = workers.filter(({ isSuspect }) => isSuspect).length;
  if (suspect > 0) {
    warnings.push({
      code: "suspect_workers",
      message: `${suspect} workers have been silent for long`,
    });
  }
  return warnings;
}
