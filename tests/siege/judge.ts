/**
 * Test support. Whether a siege was withstood, and the tables of it.
 *
 * @module
 */
import { percentile } from "./meter.ts";
import type { Report } from "./siege.ts";

const MIB = 1 << 20;

/** What must hold. */
export const LIMITS = {
  /** How long an honest peer waits for its answer, 99 of 100 times. */
  tookMs: 50,
  /** How much more memory a process has than before. */
  grownBytes: 256 * MIB,
} as const;

/** What did not hold; none is good. */
export function faultsOf({ honest, victims, attacks }: Report): string[] {
  const faults: string[] = [];
  for (const { name, done, lost, reasons, tookMs } of honest) {
    if (done === 0) faults.push(`${name}: nothing was done`);
    if (lost !== 0) {
      faults.push(
        `${name}: ${lost} of ${done + lost} lost; ${reasons[0] ?? ""}`,
      );
    }
    const p99 = percentile(tookMs, 99);
    if (p99 > LIMITS.tookMs) {
      faults.push(`${name}: p99 is ${p99} ms, not ${LIMITS.tookMs} at most`);
    }
  }
  for (const { name, ended, grownBytes, counts } of victims) {
    if (ended !== undefined) faults.push(`${name}: ended with ${ended}`);
    if (grownBytes > LIMITS.grownBytes) {
      faults.push(`${name}: ${mib(grownBytes)} MiB more than before`);
    }
    if (counts.forged !== undefined && counts.forged > 0) {
      faults.push(`${name}: ran ${counts.forged} jobs of strangers`);
    }
  }
  for (const { name, times } of attacks) {
    if (times === 0) faults.push(`the attack "${name}" never came to its end`);
  }
  return faults;
}

/** The tables. */
export function tablesOf({ honest, victims, attacks }: Report): string {
  const rows = [
    ["honest peers", "done", "lost", "p50 ms", "p99 ms", "longest ms"],
    ...honest.map(({ name, done, lost, tookMs }) => [
      name,
      done,
      lost,
      ...tookMs.length === 0
        ? ["-", "-", "-"]
        : [50, 99, 100].map((of) => percentile(tookMs, of)),
    ]),
  ];
  const processes = [
    [
      "process",
      "memory above start, MiB",
      "loop late p99 ms",
      "longest ms",
      "counts",
    ],
    ...victims.map(({ name, grownBytes, lateMs, counts }) => [
      name,
      mib(grownBytes),
      ...[99, 100].map((of) => percentile(lateMs, of)),
      Object.entries(counts).map((pair) => pair.join(" ")).join(", "),
    ]),
  ];
  const kinds = [
    ["attack", "times", "cut off"],
    ...attacks.map(({ name, times, cut }) => [name, times, cut]),
  ];
  return [kinds, rows, processes].map(aligned).join("\n\n");
}

function aligned(rows: readonly (readonly (string | number)[])[]): string {
  const widths = rows[0]!.map((_, i) =>
    Math.max(...rows.map((row) => String(row[i]).length))
  );
  return rows.map((row) =>
    row.map((cell, i) =>
      i === 0
        ? String(cell).padEnd(widths[i]!)
        : String(cell).padStart(widths[i]!)
    ).join("  ").trimEnd()
  ).join("\n");
}

function mib(bytes: number): number {
  return Math.round(bytes / MIB);
}
