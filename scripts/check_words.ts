/**
 * Checks the words of the project: texts, comments and names use the field's
 * terms (see `docs/glossary.md`) and plain English.
 *
 *     node --import tsx scripts/check_words.ts [path ...]
 *
 * A line that needs such a word has `words: ok` in it.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { filesIn } from "./lib/files.ts";

/** A word that is not used here, and what to write in its place. */
export interface Word {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** What was said here once, or is said elsewhere in another sense. */
export const WORDS: readonly Word[] = [
  { pattern: /\btold\b/i, instead: "notified, reported, informed" },
  { pattern: /\btells?\b/i, instead: "says, reports, shows" },
  { pattern: /\banew\b/i, instead: "again, re-created" },
  {
    pattern: /\bmade again\b/i,
    instead: "re-created, re-established",
  },
  {
    pattern: /\blet(?:s|ting)?(?: \w+){0,2} in\b(?! a| the| one)/i,
    instead: "accept, authenticate, admit",
  },
  { pattern: /\bLET_IN\b|gatekeeper/i, instead: "ACCEPT, authenticator" },
  {
    pattern:
      /\b(?:may|can|could|would) come in\b|\bcomes? in\b(?! (?:a|the|one|two|several|many|pieces)\b)/i,
    instead: "is accepted, authenticates, connects",
  },
  { pattern: /whisper/i, instead: "emit (transient)" },
  { pattern: /\bhurr(?:y|ies|ied)\b/i, instead: "flush" },
  { pattern: /\bbreath/i, instead: "yield to the event loop" },
  { pattern: /farewell/i, instead: "disconnect message" },
  {
    pattern: /\bin their (?:own )?order\b/i,
    instead: "in order, first in, first out",
  },
  {
    pattern: /\b(?:which|that) there (?:is|are) not\b/i,
    instead: "unknown, does not exist",
  },
  { pattern: /\bwaiting ?room\b/i, instead: "job queues" },
  { pattern: /\blanes?\b/i, instead: "queue" },
  { pattern: /\bhears?\b|\bheard\b(?! at\b)/i, instead: "receives, gets" },
  { pattern: /\bnobody\b|\bwhoever\b/i, instead: "no peer, no one, whichever" },
  { pattern: /\b(?:the|a|this) board\b|\bBoard\b/, instead: "job scheduler" },
  { pattern: /\bjournals?\b(?!_mode| mode)/i, instead: "commit queue" },
  { pattern: /\bledgers?\b/i, instead: "change set" },
  { pattern: /\bshelf\b/i, instead: "record index" },
  { pattern: /\bplant(?:s|ed|ing)?\b/i, instead: "create (a job)" },
  {
    pattern: /\b(?:becomes?|became) of\b/i,
    instead: "happens to, happened to",
  },
];

/** The files that are checked; what is generated follows its source. */
const PLACES: readonly [path: string, endings: readonly string[]][] = [
  ["src", [".ts", ".js", ".html", ".css"]],
  ["tests", [".ts", ".js", ".mjs", ".py"]],
  ["scripts", [".ts", ".mjs"]],
  ["bench", [".ts", ".mjs", ".md", ".py"]],
  ["examples", [".ts", ".md", ".py", ".html"]],
  ["docs", [".md"]],
  ["npm", [".md", ".json"]],
  ["README.md", [".md"]],
  ["ARCHITECTURE.md", [".md"]],
  ["CONTRIBUTING.md", [".md"]],
  ["mod.ts", [".ts"]],
  ["cli.ts", [".ts"]],
];

/** What may name the words. */
const EXCEPT = ["scripts/check_words.ts", "tests/scripts/check_words.test.ts"];

/** A word that should not be there. */
export interface Hit {
  readonly file: string;
  readonly line: number;
  readonly word: string;
  readonly instead: string;
}

/**
 * Lists the words of one text that are in the list.
 *
 * @param file its name, for the hits
 */
export function hitsIn(file: string, text: string): Hit[] {
  return text.split("\n").flatMap((line, i) => {
    if (line.includes("words: ok")) return [];
    const parts = splitNames(line);
    return WORDS.flatMap(({ pattern, instead }) => {
      const word = (line.match(pattern) ?? parts.match(pattern))?.[0];
      return word === undefined ? [] : [{ file, line: i + 1, word, instead }];
    });
  });
}

/** The names in camelCase of a line, each with a space between its parts. */
function splitNames(line: string): string {
  const names = line.match(/\b\w*[a-z0-9][A-Z]\w*/g) ?? [];
  return names
    .map((name) => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, " "))
    .join("; ");
}

/**
 * Checks the files of the project.
 *
 * @param root the folder of the project
 * @param under only files whose path begins so
 */
export function checkWords(root: string, under = ""): Hit[] {
  return PLACES.flatMap(([path, endings]) => filesIn(root, path, endings))
    .filter((file) => file.startsWith(under) && !EXCEPT.includes(file))
    .flatMap((file) => hitsIn(file, readFileSync(join(root, file), "utf8")));
}

function main(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const paths = process.argv.slice(2);
  const hits = (paths.length > 0 ? paths : [""])
    .flatMap((path) => checkWords(root, path));
  for (const { file, line, word, instead } of hits) {
    console.error(`${file}:${line}: "${word}": better ${instead}`);
  }
  console.log(`${hits.length} words to replace.`);
  process.exitCode = hits.length === 0 ? 0 : 1;
}

if (import.meta.main ?? process.argv[1] === fileURLToPath(import.meta.url)) {
  main();
}
