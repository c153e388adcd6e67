/**
 * Layer: pipeline/worker. The process that a worker runs in: its description, and
 * the signals that ask it to end.
 *
 * @module
 */
import { hostname } from "node:os";
import process from "node:process";
import { isGranted } from "../../util/deno_permission.ts";

export { onTermination } from "../../util/termination.ts";

/** The host, the process and the runtime. */
export function machine(): { host: string; pid: number; runtime: string } {
  return { host: hostOf(), pid: process.pid, runtime: runtimeOf() };
}

/** Deno may not allow it, and is not asked to. */
function hostOf(): string {
  if (!isGranted({ name: "sys", kind: "hostname" })) return "unknown";
  try {
    return hostname();
  } catch {
    return "unknown";
  }
}

function runtimeOf(): string {
  const { deno, bun, node } = process.versions as Record<string, string>;
  if (deno !== undefined) return `deno ${deno}`;
  return bun !== undefined ? `bun ${bun}` : `node ${node}`;
}
