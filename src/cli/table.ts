/**
 * Layer: cli. Tables of plain text, for people.
 *
 * @module
 */
import { escaped } from "./escape.ts";

/** Lines with columns below their titles; cells hold no control characters afterwards. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly unknown[])[],
): string[] {
  const cells = rows.map((row) =>
    row.map((cell) => escaped(String(cell ?? "")))
  );
  const all = [titles, ...cells];
  const widths = titles.map((_, i) =>
    Math.max(...all.map((row) => row[i]!.length))
  );
  return all.map((row) =>
    row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()
  );
}

/** A time as people read it: UTC, to the millisecond. */
export function timeText(at: number | undefined): string {
  return at === undefined ? "" : new Date(at).toISOString();
}

/** A duration as people read it. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  const s = ms / 1000;
  if (s < 120) return `${Number(s.toFixed(1))} s`;
  return s < 7200 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`;
}
