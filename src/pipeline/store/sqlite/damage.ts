/**
 * Layer: pipeline/store/sqlite. Notices a file that is not whole: pages that
 * are damaged, and a write-ahead log that is missing.
 *
 * While a store is open, what was committed last is in the write-ahead log
 * beside the file. SQLite opens the file without it, as it was some time ago,
 * and says nothing. So a mark in the file itself says that the store is in use;
 * only closing it takes the mark away.
 *
 * @module
 */
import { existsSync, realpathSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import {
  PipelineError,
  type PipelineErrorCode,
} from "../../model/pipeline_error.ts";

/** The setting that marks a store in use; no pipeline sees it. */
export const IN_USE = "store.in_use";

/** Larger files are not checked when they are opened: about 4 ms for each MB. */
const MAX_CHECKED_BYTES = 256 * 1024 * 1024;

/** SQLite's numbers for a damaged file, and for a disk without room. */
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;

/** Whether the write-ahead log of a file is there. Asked before it is opened, which makes one. */
export function hasLog(path: string): boolean {
  // SQLite keeps it beside the file itself, not beside a link to it.
  return existsSync(path) && existsSync(`${realpathSync(path)}-wal`);
}

/**
 * Refuses a store whose write-ahead log is missing.
 *
 * @throws {PipelineError} `ERR_STORE_DAMAGED`.
 */
export function requireLog(db: DatabaseSync, path: string): void {
  const mark = db.prepare("SELECT 1 FROM settings WHERE name = ?").get(IN_USE);
  if (mark === undefined) return;
  throw new PipelineError(
    "ERR_STORE_DAMAGED",
    `Cannot open the store "${path}": it was not closed, and its write-ahead log "${path}-wal", ` +
      "which has the last commits, is missing. Put the log back beside it, or open the store " +
      "with recover: true to go on without them",
  );
}

/**
 * Checks the pages of a file that is not too large for that.
 *
 * @throws {PipelineError} `ERR_STORE_DAMAGED`.
 */
export function requireWhole(db: DatabaseSync, path: string): void {
  const bytes = numberOf(db, "page_count") * numberOf(db, "page_size");
  if (bytes > MAX_CHECKED_BYTES) return;
  const row = db.prepare("PRAGMA quick_check(1)").get();
  const found = String(Object.values(row ?? {})[0]);
  if (found === "ok") return;
  throw new PipelineError(
    "ERR_STORE_DAMAGED",
    `Cannot open the store "${path}": the file is damaged (${found}). Restore a backup`,
  );
}

/**
 * Marks a store as in use, and takes that and all that is in the log to the file.
 * Where the disk is full that waits; commits will say so.
 */
export function markInUse(db: DatabaseSync): void {
  try {
    db.prepare("INSERT OR IGNORE INTO settings (name, value) VALUES (?, '1')")
      .run(IN_USE);
    db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  } catch (error) {
    if (!isCode(error, SQLITE_FULL, "is full")) throw error;
  }
}

/** Takes the mark away: the store is closed in order, or is a copy that is whole. */
export function unmark(db: DatabaseSync): void {
  db.prepare("DELETE FROM settings WHERE name = ?").run(IN_USE);
}

/** The error for what SQLite throws: with the path, and a code to match on. */
export function storeError(
  what: string,
  path: string,
  cause: unknown,
): PipelineError {
  if (cause instanceof PipelineError) return cause;
  const code: PipelineErrorCode = isCode(cause, SQLITE_CORRUPT, "malformed")
    ? "ERR_STORE_DAMAGED"
    : "ERR_STORE_FAILED";
  const { message } = cause as Error;
  return new PipelineError(
    code,
    `Cannot ${what} the store "${path}": ${message}`,
    { cause },
  );
}

/** Whether it is this error of SQLite: by its number, or on Deno, which has none, by its text. */
export function isCode(error: unknown, code: number, text: string): boolean {
  const { errcode, message } = error as Error & { errcode?: number };
  return errcode === undefined
    ? message.includes(text)
    : (errcode & 0xff) === code;
}

function numberOf(db: DatabaseSync, pragma: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get()!)[0]);
}
