/**
 * Layer: pipeline/store/sqlite. The tables, and the way from each version of
 * them to the next.
 *
 * Inside, flows and jobs go by `seq`, a number that counts up as they come: it
 * is the order of lists, and rows that are new go to the end of each table. The
 * id of a job is not kept: flow, node and item say it. What a job runs on never
 * changes and may be big, so it has a table of its own, and a change of state
 * does not write it again.
 *
 * All times and whatever need not be whole is REAL: SQLite gives back each
 * number of JavaScript as it was, and keeps whole ones short.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { PipelineError } from "../../model/pipeline_error.ts";
import { transact } from "./transact.ts";

/** Says whose file it is: `AZjb`, in bytes. */
const APPLICATION_ID = 0x415a6a62;

/** What leads from version 0, an empty file, to 1, from 1 to 2, and so on. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE flows (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    graph TEXT NOT NULL,
    state TEXT NOT NULL,
    key TEXT,
    priority REAL NOT NULL,
    retry TEXT,
    timeout_ms REAL,
    traceparent TEXT,
    created_at REAL NOT NULL,
    finished_at REAL,
    expires_at REAL,
    error TEXT,
    result TEXT
  ) STRICT;
  CREATE INDEX flows_by_state ON flows (state, name);
  CREATE INDEX flows_by_expiry ON flows (expires_at)
    WHERE expires_at IS NOT NULL;

  CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,
    flow INTEGER NOT NULL,
    node INTEGER NOT NULL,
    item INTEGER NOT NULL, -- -1 for a node that does not run for each item
    job_type TEXT NOT NULL,
    state TEXT NOT NULL,
    priority REAL NOT NULL,
    attempt INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    kills INTEGER NOT NULL,
    retry TEXT NOT NULL,
    timeout_ms REAL,
    run_at REAL,
    worker TEXT,
    progress REAL,
    created_at REAL NOT NULL,
    started_at REAL,
    finished_at REAL,
    traceparent TEXT,
    error TEXT,
    result TEXT
  ) STRICT;
  CREATE UNIQUE INDEX jobs_by_flow ON jobs (flow, node, item);
  CREATE INDEX jobs_by_state ON jobs (state, job_type);

  CREATE TABLE instructions (
    job INTEGER PRIMARY KEY,
    json TEXT NOT NULL
  ) STRICT;

  CREATE TABLE events (
    job INTEGER NOT NULL,
    n INTEGER NOT NULL,
    at REAL NOT NULL,
    type TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    worker TEXT,
    detail TEXT,
    PRIMARY KEY (job, n)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE counts (
    state TEXT NOT NULL,
    job_type TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (state, job_type)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  "ALTER TABLE jobs ADD COLUMN together INTEGER",
  `
  CREATE TABLE logs (
    job INTEGER PRIMARY KEY,
    text TEXT NOT NULL
  ) STRICT;
  `,
  "CREATE INDEX flows_by_key ON flows (key) WHERE key IS NOT NULL",
];

/**
 * Refuses the database of another program, and one of a later version. Changes
 * nothing.
 *
 * @throws {PipelineError} `ERR_STORE_FAILED`, `ERR_STORE_VERSION`.
 */
export function requireOurs(
  db: DatabaseSync,
  path: string,
  latest: number = MIGRATIONS.length,
): void {
  const isEmpty = db.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
  const owner = numberOf(db, "application_id");
  if (owner !== APPLICATION_ID && !(owner === 0 && isEmpty)) {
    throw new PipelineError(
      "ERR_STORE_FAILED",
      `Cannot open the store "${path}": it is the database of another program`,
    );
  }
  const version = numberOf(db, "user_version");
  if (version > latest) {
    throw new PipelineError(
      "ERR_STORE_VERSION",
      `Cannot open the store "${path}": it has version ${version}, and this program knows those up to ${latest}`,
    );
  }
}

/** Brings the tables to the latest version; each step wholly, or not at all. */
export function migrate(
  db: DatabaseSync,
  migrations: readonly string[] = MIGRATIONS,
): void {
  for (let v = numberOf(db, "user_version"); v < migrations.length; v++) {
    transact(db, () => {
      db.exec(migrations[v]!);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.exec(`PRAGMA user_version = ${v + 1}`);
    });
  }
}

function numberOf(db: DatabaseSync, pragma: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get()!)[0]);
}
