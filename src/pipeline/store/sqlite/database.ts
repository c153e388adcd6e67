/**
 * Layer: pipeline/store/sqlite. Opens the file, and takes it for this process
 * alone. Knows what the runtimes need and how their errors differ; not what is
 * in the file.
 *
 * The lock is SQLite's own, on the file itself: the operating system takes it
 * away when the process ends, however it ends.
 *
 * @module
 */
import { sleep } from "../../../async/pending_call.ts";
import { closeSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { PipelineError } from "../../model/pipeline_error.ts";
import {
  hasLog,
  isCode,
  markInUse,
  requireLog,
  requireWhole,
  storeError,
} from "./damage.ts";
import { migrate, requireOurs } from "./schema.ts";

/** How the file is kept. */
export interface DatabaseOptions {
  readonly path: string;
  /** Whether each commit waits until the disk has it. */
  readonly isFull: boolean;
  /** Whether it is opened although its write-ahead log is missing. Default false. */
  readonly canRecover?: boolean;
}

/** How long a locked file is retried, in milliseconds: a process that is ending may still have it. */
const PATIENCE_MS = 500;

/** SQLite's number for a file that another has. */
const SQLITE_BUSY = 5;

/**
 * Opens the file, makes it if it is not there, and brings it to the latest
 * version.
 *
 * @throws {PipelineError} `ERR_STORE_UNSUPPORTED`, `ERR_STORE_LOCKED`,
 *   `ERR_STORE_VERSION`, `ERR_STORE_DAMAGED`, `ERR_STORE_FAILED`.
 */
export async function openDatabase(
  options: DatabaseOptions,
): Promise<DatabaseSync> {
  const { DatabaseSync } = await loadSqlite();
  const { path } = options;
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return take(DatabaseSync, options);
    } catch (cause) {
      if (cause instanceof PipelineError) throw cause;
      if (!isBusy(cause)) throw storeError("open", path, cause);
      if (Date.now() >= end) {
        throw new PipelineError(
          "ERR_STORE_LOCKED",
          `Cannot open the store "${path}": another pipeline uses it`,
          { cause },
        );
      }
    }
    // By chance, so that of two that hinder each other one goes first.
    const pauseMs = 10 + 40 * Math.random();
    await sleep(pauseMs);
  }
}

function take(
  Database: typeof DatabaseSync,
  { path, isFull, canRecover = false }: DatabaseOptions,
): DatabaseSync {
  makePrivately(path);
  const isLogThere = hasLog(path);
  const db = new Database(path);
  try {
    // Before the first look into the file, which then takes the lock for good.
    db.exec("PRAGMA locking_mode = EXCLUSIVE");
    requireOurs(db, path);
    const row = db.prepare("PRAGMA journal_mode = WAL").get()!;
    if (row["journal_mode"] !== "wal") {
      throw new PipelineError(
        "ERR_STORE_FAILED",
        `Cannot open the store "${path}": SQLite cannot keep a write-ahead log there`,
      );
    }
    db.exec(`
      PRAGMA synchronous = ${isFull ? "FULL" : "NORMAL"};
      PRAGMA fullfsync = ${isFull ? "ON" : "OFF"};
      PRAGMA cache_size = -65536;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 67108864;
    `);
    migrate(db);
    if (!isLogThere && !canRecover) requireLog(db, path);
    requireWhole(db, path);
    markInUse(db);
    // A file that is up to date was only read; this makes sure that it can be written.
    db.exec("BEGIN IMMEDIATE; COMMIT");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Makes the file if it is not there, for this user alone: it has all payloads in
 * the clear. SQLite gives the files beside it the same mode.
 */
export function makePrivately(path: string): void {
  try {
    closeSync(openSync(path, "ax", 0o600));
  } catch {
    // It is there, or it cannot be made: SQLite says which.
  }
}

async function loadSqlite(): Promise<typeof import("node:sqlite")> {
  try {
    return await import("node:sqlite");
  } catch (cause) {
    throw new PipelineError(
      "ERR_STORE_UNSUPPORTED",
      "This runtime has no SQLite: sqliteStore() needs Node 22.13, Deno 2.2 or Bun 1.4, or a later one",
      { options: ["sqliteStore()"], cause },
    );
  }
}

function isBusy(error: unknown): boolean {
  return isCode(error, SQLITE_BUSY, "database is locked");
}
