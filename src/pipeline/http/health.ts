/**
 * Layer: pipeline/http. The health of a pipeline. It fails if it cannot do its
 * work, so that a restart may help. What a restart does not change, such as a
 * step without workers, is a warning.
 *
 * @module
 */
import type { PipelineError } from "../model/pipeline_error.ts";
import type { View } from "../server/views.ts";
import type { Row } from "./page_views.ts";

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

/** Determines the health of a pipeline. @param stats As on the wire. */
export function healthOf(
  trouble: PipelineError | undefined,
  stats: View | undefined,
): Health {
  return {
    status: trouble === undefined ? "ok" : "failing",
    reasons: trouble === undefined
      ? []
      : [{ code: trouble.code, message: trouble.message }],
    warnings: stats === undefined ? [] : warningsOf(stats),
  };
}

function warningsOf(stats: View): Remark[] {
  const workers = stats.workers as Row[];
  const warnings: Remark[] = [];
  const served = new Set(workers.map(({ job_type }) => job_type));
  for (const { job_type, waiting, paused } of stats.job_types as Row[]) {
    const about = { job_type: job_type as string };
    if (paused === true) {
      warnings.push({
        code: "paused",
        message: `The step "${job_type}" is paused`,
        ...about,
      });
    }
    if (Number(waiting) > 0 && !served.has(job_type)) {
      warnings.push({
        code: "no_workers",
        message:
          `The step "${job_type}" has no workers; ${waiting} jobs are waiting`,
        ...about,
      });
    }
  }
  const suspect = workers.filter((worker) => worker.suspect === true).length;
  if (suspect > 0) {
    warnings.push({
      code: "suspect_workers",
      message: `Workers that have been silent for too long: ${suspect}`,
    });
  }
  return warnings;
}
