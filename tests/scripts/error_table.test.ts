import { assertEquals, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorsPage } from "../../scripts/error_table.ts";
import { filesIn } from "../../scripts/lib/files.ts";
import { test } from "../support/harness.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, "utf8");

test("the page of error codes is up to date", () => {
  assertEquals(read("docs/errors.md"), errorsPage(read));
});

test("every code that an error is created with has a row", () => {
  const page = read("docs/errors.md");
  const created =
    /\b(?:ZmqError|ProtocolError|PipelineError|CliError|NativeError)\(\s*"([A-Z_]+)"|\bcode: "([A-Z]+_[A-Z_]+)"/g;
  const missing: string[] = [];
  for (const file of filesIn(root, "src", [".ts"])) {
    for (const [, first, second] of read(file).matchAll(created)) {
      const code = first ?? second!;
      if (!page.includes(`| \`${code}\` `)) missing.push(`${file}: ${code}`);
    }
  }
  assertEquals(missing, []);
});

test("a code without a meaning is an error", () => {
  const silent = (path: string) => read(path).replace(/.*`EFSM` \|.*/, "");
  assertThrows(() => errorsPage(silent), Error, "EFSM has no meaning");
});
