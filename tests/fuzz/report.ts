/**
 * Test support. What a run found, for people.
 *
 * @module
 */
import type { Report } from "./runner.ts";
import type { Target } from "./target.ts";

/** A table of the outcomes of the inputs, and a line about all of them. */
export function describe(report: Report, targets: readonly Target[]): string {
  const lines: string[] = [];
  for (const { name, counts } of targets) {
    const outcomes = [...report.outcomes.get(name)!];
    const total = outcomes.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) continue;
    lines.push("", `${name}: ${number(total)} inputs`);
    for (const [what, count] of sorted(outcomes)) {
      const share = (100 * count / total).toFixed(1).padStart(5);
      lines.push(`  ${number(count).padStart(11)} ${share} %  ${what}`);
    }
    const also = sorted([...counts ?? []])
      .map(([what, count]) => `${number(count)} ${what}`);
    if (also.length > 0) lines.push(`  with events: ${also.join(", ")}`);
  }
  const { inputs, seconds, peakBytes, failure } = report;
  lines.push(
    "",
    [
      `${number(inputs)} inputs`,
      `${seconds.toFixed(1)} s`,
      `${number(Math.round(inputs / seconds))} a second`,
      `peak memory ${number(Math.round(peakBytes / 1e6))} MB`,
      failure === undefined ? "nothing broke" : "1 failure",
    ].join(", "),
  );
  return lines.join("\n");
}

function sorted(counts: readonly [string, number][]): [string, number][] {
  return [...counts].sort(([, a], [, b]) => b - a);
}

function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
