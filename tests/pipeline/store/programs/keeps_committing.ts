/**
 * Opens a store in SQLite and says `open`, or the code of the error. With
 * `commit` it goes on from where the store is, commits without end, and says
 * the number of each batch once it is kept; with `hold` it only stays.
 *
 *     keeps_committing.ts <path> commit|hold
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { sqliteStore } from "../../../../src/pipeline/store/sqlite_store.ts";
import { batchAt } from "./steady_batches.ts";

const [path, way] = process.argv.slice(2);
const store = sqliteStore(path!);
try {
  await store.open();
} catch (error) {
  say((error as Error & { code: string }).code);
  process.exit(0);
}
say("open");
// A store that nothing refers to is collected as garbage, and its file let go.
if (way === "hold") setInterval(() => store.settings(), 60_000);
else {
  for (let n = Number(store.settings().get("last") ?? -1) + 1;; n++) {
    await store.commit(batchAt(n));
    say(String(n));
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
