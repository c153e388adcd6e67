/**
 * Test support. What a process under siege reports once a second: how
 * much memory it has, and how late its timers fire.
 *
 * @module
 */
import process from "node:process";

const EVERY_MS = 10;
const REPORT_MS = 1000;

/** What a process reports, in a line of JSON. */
export interface Reading {
  /** The memory of the process, in bytes. */
  readonly rssBytes: number;
  /** How late timers of the last second were, in milliseconds. */
  readonly lateMs: readonly number[];
}

/** Reports from now on; `extra` adds more members. */
export function startMeter(extra: () => object = () => ({})): void {
  let due = performance.now() + EVERY_MS;
  let lateMs: number[] = [];
  setInterval(() => {
    const now = performance.now();
    lateMs.push(Math.max(0, Math.round((now - due) * 10) / 10));
    due = now + EVERY_MS;
  }, EVERY_MS);
  setInterval(() => {
    const rssBytes = process.memoryUsage().rss;
    void report({ rssBytes, lateMs, ...extra() });
    lateMs = [];
  }, REPORT_MS);
}

/** Writes a line of JSON; resolves once it is written, so that the process may exit. */
export function report(value: object): Promise<void> {
  return new Promise((resolve) =>
    process.stdout.write(`${JSON.stringify(value)}\n`, () => resolve())
  );
}

/** The value below which so many of a hundred lie; 0 of none. */
export function percentile(values: readonly number[], of: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[
    Math.min(sorted.length - 1, Math.floor(sorted.length * of / 100))
  ] ??
    0;
}
