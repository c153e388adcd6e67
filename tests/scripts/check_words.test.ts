import { assertEquals } from "@std/assert";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkWords, hitsIn } from "../../scripts/check_words.ts";
import { test } from "../support/harness.ts";

const wordsIn = (text: string) => hitsIn("a", text).map(({ word }) => word);

test("words that are not used here are found, each with its line", () => {
  assertEquals(hitsIn("a.md", "fine\nThe peer is told, and told again."), [{
    file: "a.md",
    line: 2,
    word: "told",
    instead: "notified, reported, informed",
  }]);
  assertEquals(wordsIn("lets a peer in; then hears it"), [
    "lets a peer in",
    "hears",
  ]);
  assertEquals(wordsIn("who may come in is let in"), [
    "let in",
    "may come in",
  ]);
});

test("parts of names in camelCase are words too", () => {
  assertEquals(wordsIn("const isTold = tellsRoutingId;"), ["Told", "tells"]);
  assertEquals(wordsIn("what became of #hearStep"), ["hear", "became of"]);
});

test("similar words are not found", () => {
  for (
    const text of [
      "a dashboard and a keyboard",
      "PRAGMA journal_mode = WAL",
      "messages come in pieces",
      "let inFlight = heardAt;",
      "planted: // words: ok",
    ]
  ) assertEquals(wordsIn(text), [], text);
});

test("files are checked by folder, and generated names are not skipped", async (t) => {
  const root = await t.tempDir();
  await mkdir(join(root, "src"));
  await mkdir(join(root, "docs"));
  await writeFile(join(root, "src/a.ts"), "// nobody");
  await writeFile(join(root, "docs/b.md"), "whoever");
  await writeFile(join(root, "docs/b.png"), "whoever");
  assertEquals(checkWords(root).map(({ file }) => file), [
    "src/a.ts",
    "docs/b.md",
  ]);
  assertEquals(checkWords(root, "docs/").map(({ file }) => file), [
    "docs/b.md",
  ]);
});
