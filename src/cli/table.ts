/**
 * Layer: cli. Plain text tables.
 *
 * @module
 */
import { escaped } from "./escape.ts";

/** The lines of a table; control characters in cells are escaped. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly unknown[])[],
): string[] {
  const cells = rows.map((row) =>
    row.map((cell) => escaped(String(cell ?? "")))
  );
  const all = [titles, ...cells];
  const widths = titles.map((_, i) =>
    all.reduce((width, row) => Math.max(width, row[i]!.length), 0)
  );
  return all.map((row) =>
    row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()
  );
}

/** A time in ISO 8601, UTC; in milliseconds if it is out of range. */
export function timeText(at: number | undefined): string {
  if (at === undefined) return "";
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}

/** A duration in the format of options: `250ms`, `1.5s`, `2m`, `1h`, `3d`; long ones are rounded. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const s = ms / 1000;
  if (s < 120) return s === 60 ? "1m" : `${Number(s.toFixed(1))}s`;
  const m = s / 60;
  if (m < 120) return m === 60 ? "1h" : `${Math.round(m)}m`;
  const h = m / 60;
  return h < 48 ? `${Math.round(h)}h` : `${Math.round(h / 24)}d`;
}
