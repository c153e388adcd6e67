/**
 * Layer: pipeline/store/sqlite. Writes wholly, or not at all.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";

/** Does all of `work` in one transaction; what it throws undoes it. */
export function transact(db: DatabaseSync, work: () => void): void {
  db.exec("BEGIN");
  try {
    work();
    db.exec("COMMIT");
  } catch (error) {
    try {
      db.exec("ROLLBACK");
    } catch {
      // After some errors, such as a full disk, SQLite has done that itself.
    }
    throw error;
  }
}
