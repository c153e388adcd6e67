/**
 * Test support. How much memory is alive: what garbage there is has been
 * collected before it is measured, on each runtime in its way.
 *
 * @module
 */
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const collectGarbage = garbageCollector();

/** The memory of all that is alive, in bytes. */
export function aliveBytes(): number {
  collectGarbage();
  collectGarbage(); // V8 frees the memory of arrays after their objects
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Whether more is alive than that. Collects garbage only if that decides, as it takes its time. */
export function isMoreAliveThan(sizeBytes: number): boolean {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external > sizeBytes && aliveBytes() > sizeBytes;
}

function garbageCollector(): () => void {
  const { Bun } = globalThis as { Bun?: { gc(isSync: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
