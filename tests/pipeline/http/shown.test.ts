/** Unit: what the page does with text that hides something. */
import { assertEquals } from "@std/assert";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ASSETS } from "../../../src/pipeline/http/page/assets.ts";
import { test } from "../../support/harness.ts";

test("the page shows characters that are invisible or turn the direction by their numbers", async (t) => {
  const { text } = ASSETS.get("shown.js")!;
  const file = join(await t.tempDir(), "shown.mjs");
  await writeFile(file, text);
  const { shown } = await import(pathToFileURL(file).href);
  const wanted: [string, string][] = [
    ["a\u202etxt.exe", "a\\u202etxt.exe"],
    ["\u2066x\u2069", "\\u2066x\\u2069"],
    [
      "\u0000\u0007\u001b[2J\u007f\u009b",
      "\\u0000\\u0007\\u001b[2J\\u007f\\u009b",
    ],
    ["zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"],
    ["lines\nand\ttabs stay", "lines\nand\ttabs stay"],
    [
      "\u0645\u0631\u062d\u0628\u0627 \u{1f469}\u200d\u{1f4bb}",
      "\u0645\u0631\u062d\u0628\u0627 \u{1f469}\u200d\u{1f4bb}",
    ],
  ];
  for (const [given, seen] of wanted) assertEquals(shown(given), seen);
});
