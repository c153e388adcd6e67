/**
 * Layer: cli. Copies the store of a pipeline to a file, again and again.
 *
 * @module
 */
import { sleep } from "../async/pending_call.ts";
import type { JobStore, SqliteStore } from "../pipeline/mod.ts";
import { usageError } from "./errors.ts";
import type { Shell } from "./shell.ts";

/** A copy that can be made again and again. */
export interface BackUp {
  /** The file that it is in. */
  readonly path: string;
  /** Makes it anew. */
  readonly copy: () => Promise<void>;
}

/**
 * The copy of a store; `undefined` where there is no path for one.
 *
 * @throws {CliError} `ERR_CLI_USAGE` if the store cannot be copied.
 */
export function backupOf(store: JobStore, path?: string): BackUp | undefined {
  if (path === undefined) return undefined;
  const { backup } = store as Partial<SqliteStore>;
  if (backup === undefined) {
    throw usageError("--backup needs a store in a file: add --store <file>");
  }
  return { path, copy: () => backup.call(store, path) };
}

/** Backs up until the end. What goes wrong is written to stderr, and tried again the next time. */
export async function keepBackingUp(
  shell: Shell,
  { path, copy }: BackUp,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await copy().then(
      () => shell.note(`backed up to ${path}`, { event: "backup", path }),
      (error) => shell.complain(error),
    );
    await sleep(Math.max(1, everyMs), signal);
  }
}
