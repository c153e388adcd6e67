/** Unit: the one warning that is left out. */
import { assertEquals, assertRejects } from "@std/assert";
import process from "node:process";
import { withoutSqliteWarning } from "../../src/cli/quiet_sqlite.ts";
import { test } from "../support/harness.ts";

test("only the warning about SQLite is suppressed", async () => {
  const { emitWarning } = process;
  const seen: unknown[][] = [];
  const recorder = ((...args: unknown[]) => {
    seen.push(args);
  }) as typeof emitWarning;
  process.emitWarning = recorder;
  try {
    await withoutSqliteWarning(async () => {
      const text =
        "SQLite is an experimental feature and might change at any time";
      process.emitWarning(text, "ExperimentalWarning");
      process.emitWarning(text, { type: "ExperimentalWarning" });
      await Promise.resolve();
      process.emitWarning("Fetch is experimental", "ExperimentalWarning");
      process.emitWarning("SQLite is old", "DeprecationWarning", "DEP1");
      process.emitWarning(new Error("SQLite"));
    });
    assertEquals(process.emitWarning, recorder);
    assertEquals(seen.map(([text]) => String(text)), [
      "Fetch is experimental",
      "SQLite is old",
      "Error: SQLite",
    ]);
    assertEquals(seen[1], ["SQLite is old", "DeprecationWarning", "DEP1"]);
    await assertRejects(
      () => withoutSqliteWarning(() => Promise.reject(new Error("no"))),
      Error,
      "no",
    );
    assertEquals(process.emitWarning, recorder);
  } finally {
    process.emitWarning = emitWarning;
  }
});
