/**
 * Layer: pipeline/step. The process that a worker runs in: what is told of it,
 * and whether it is to end.
 *
 * @module
 */
import { hostname } from "node:os";
import process from "node:process";

/** The host, the process and the runtime. */
export function machine(): { host: string; pid: number; runtime: string } {
  return { host: hostOf(), pid: process.pid, runtime: runtimeOf() };
}

/**
 * Calls back when the process is asked to end, instead of ending it.
 *
 * @returns Stops that.
 */
export function onTermination(listener: () => void): () => void {
  for (const name of ["SIGTERM", "SIGINT"]) process.on(name, listener);
  return () => {
    for (const name of ["SIGTERM", "SIGINT"]) process.off(name, listener);
  };
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
