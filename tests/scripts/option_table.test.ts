import { assert, assertEquals, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { optionsPage } from "../../scripts/option_table.ts";
import { OPTIONS } from "../../src/zmq/options/table.ts";
import { test } from "../support/harness.ts";

const read = (path: string) =>
  readFileSync(
    fileURLToPath(new URL(`../../${path}`, import.meta.url)),
    "utf8",
  );

test("every option has a row, and the page on disk is up to date", () => {
  const page = optionsPage(read);
  for (const [name, { number }] of Object.entries(OPTIONS)) {
    const row = page.split("\n").find((line) =>
      line.startsWith(`| \`${name}\` `)
    );
    assert(row !== undefined, name);
    assert(row.includes(`| ${number ?? ""} `), name);
    assert(!row.includes("Default"), name);
  }
  assertEquals(read("docs/options.md"), page);
});

test("a default that differs from the JSDoc is an error", () => {
  const lying = (path: string) =>
    read(path).replace("Default 30,000.", "Default 3,000.");
  assertThrows(
    () => optionsPage(lying),
    Error,
    "handshakeInterval is 30,000 by default, its JSDoc says 3,000",
  );
});

test("an option without JSDoc is an error", () => {
  const silent = (path: string) =>
    read(path).replace(/\/\*\*[^*]*\*\/\s+linger:/, "linger:");
  assertThrows(() => optionsPage(silent), Error, "linger has no JSDoc");
});
