/**
 * Layer: cli. Periodic backups of the store of a pipeline.
 *
 * @module
 */
import { sleep } from "../async/pending_call.ts";
import type { JobStore, SqliteStore } from "../pipeline/mod.ts";
import { usageError } from "./cli_error.ts";
import type { Shell } from "./shell.ts";

/** A backup file. */
export interface BackUp {
  /** Its path. */
  readonly path: string;
  /** Writes it, or replaces it. */
  readonly copy: () => Promise<void>;
}

/**
 * The backup of a store; `undefined` without a path.
 *
 * @throws {CliError} `ERR_CLI_USAGE` if the store cannot be backed up.
 */
export function backupOf(store: JobStore, path?: string): BackUp | undefined {
  if (path === undefined) return undefined;
  const { backup } = store as Partial<SqliteStore>;
  if (backup === undefined) {
    throw usageError("--backup needs a store in a file: add --store <file>");
  }
  return { path, copy: () => backup.call(store, path) };
}

/** Backs up until the signal is aborted. Errors are written to stderr; the next backup follows as usual. */
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
