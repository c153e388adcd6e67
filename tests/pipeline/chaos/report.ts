/**
 * Test support. A run of the chaos test in a line.
 *
 * @module
 */
import type { Kind } from "./plan.ts";
import type { Report } from "./run.ts";

/** A run. */
export function lineOf(report: Report): string {
  return `seed ${report.settings.seed}: ${textOf([report])}`;
}

/** All of them. */
export function summaryOf(reports: readonly Report[]): string {
  return `${reports.length} runs: ${textOf(reports)}`;
}

function textOf(reports: readonly Report[]): string {
  const all = reports.map(({ figures }) => figures);
  const sum = (of: (one: typeof all[number]) => number | undefined) =>
    all.reduce((total, one) => total + (of(one) ?? 0), 0);
  const done = (...kinds: Kind[]) =>
    sum(({ done }) => kinds.reduce((n, kind) => n + (done[kind] ?? 0), 0));
  const reasons = ["killed", "lease", "unclaimed"].map((name) =>
    `${sum(({ requeued }) => requeued[name])} ${name}`
  );
  const took = all.flatMap(({ takeoverMs }) => takeoverMs ?? []);
  const faults = reports.reduce((n, { faults }) => n + faults.length, 0);
  return [
    `${sum((one) => one.flows)} flows, ${sum((one) => one.jobs)} jobs`,
    `${done("kill-worker")} kills`,
    `${done("kill-pipeline")} restarts`,
    `${done("kill-both")} of both`,
    `${done("stop-worker")} + ${done("stop-long")} + ${
      done("stop-pipeline")
    } stops`,
    `${done("cut", "cut-all", "refuse", "stall")} cuts`,
    `${done("block")} blocks, ${sum((one) => one.keptBlocks)} kept`,
    `requeued ${reasons.join(", ")} (${sum((one) => one.needless)} needless)`,
    `${sum((one) => one.duplicates)} duplicates`,
    `${sum((one) => one.late)} late`,
    `${sum((one) => one.lost)} lost`,
    `${sum((one) => one.seconds).toFixed(1)} s`,
    `takeover ${took.length === 0 ? "-" : `${Math.max(...took)} ms`} (${
      sum((one) => one.takeovers)
    } jobs)`,
    `${faults} faults`,
  ].join("; ");
}
