/**
 * Layer: pipeline/store/sqlite. Copies a database that is in use to a file:
 * whole, as it was at one moment, or not at all.
 *
 * @module
 */
import { open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { PipelineError } from "../../model/pipeline_error.ts";
import { makePrivately } from "./database.ts";
import { storeError, unmark } from "./damage.ts";

/** So many pages are copied before others get their turn, where the runtime can do that. */
const RATE_PAGES = 256;

/** Copies a database; a file that is there is replaced once the copy is on the disk. */
export async function backUp(
  db: DatabaseSync,
  from: string,
  to: string,
): Promise<void> {
  if (to === "" || resolve(to) === resolve(from)) {
    throw new PipelineError(
      "ERR_PIPELINE_INVALID",
      `The store "${from}" cannot be backed up to "${to}": expected the path of another file`,
    );
  }
  const part = `${to}.part`;
  try {
    await rm(part, { force: true });
    makePrivately(part);
    await copy(db, part);
    const file = await open(part, "r+");
    await file.sync().finally(() => file.close());
    await rename(part, to);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => {}); // the cause is thrown
    throw storeError(`back up to "${to}"`, from, cause);
  }
}

async function copy(db: DatabaseSync, part: string): Promise<void> {
  const { backup, DatabaseSync } = await import("node:sqlite");
  if (typeof backup === "function") {
    await backup(db, part, { rate: RATE_PAGES });
  } else db.prepare("VACUUM INTO ?").run(part); // Node before 22.16
  // The copy is whole by itself: there is no log that could be missing.
  const made = new DatabaseSync(part);
  try {
    unmark(made);
  } finally {
    made.close();
  }
}
