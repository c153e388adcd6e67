/**
 * Layer: pipeline/step. What a worker tells of the process that it runs in.
 *
 * @module
 */
import { hostname } from "node:os";
import process from "node:process";

/** The host, the process and the runtime. */
export function machine(): { host: string; pid: number; runtime: string } {
  return { host: hostOf(), pid: process.pid, runtime: runtimeOf() };
}

/** Deno may not let us know. */
function hostOf(): string {
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
