/**
 * Type-checks and runs the snippets of the documentation, each as it stands: in
 * a file and a process of its own, with a deadline. Those of Markdown run on
 * Deno, Node and Bun, those of JSDoc comments on Deno.
 *
 *     node --import tsx scripts/doc_test.ts [part of a path ...]
 *
 * The last line is `N passed, N failed, N skipped`; skipped are the snippets
 * marked `no-run` or `ignore`, which are only type-checked.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { filesIn } from "./lib/files.ts";
import { type Snippet, snippetsIn } from "./lib/snippets.ts";
import { bun, deno, jsrFlags, node } from "./runtimes.mjs";

const LIMIT_MS = 30_000;
/** What lets Node run TypeScript. */
const LOADER = new URL("./lib/node_ts.mjs", import.meta.url).href;
const MARKDOWN = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs"];
const SOURCES = ["mod.ts", "cli.ts", "src"];

const root = fileURLToPath(new URL("..", import.meta.url));
const filters = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };

const snippets = [
  ...MARKDOWN.flatMap((path) => filesIn(root, path, [".md"])),
  ...SOURCES.flatMap((path) => filesIn(root, path, [".ts"])),
].filter((file) => filters.every((part) => file.includes(part)))
  .flatMap((file) => snippetsIn(file, readFileSync(join(root, file), "utf8")));

// Inside the project, so that "@agentzero/agentzero" is the project itself, and
// among the tests, so that "../support/harness.ts" is what it is to a test.
const dir = mkdtempSync(join(root, "tests/.doc_tests-"));
try {
  const files = snippets.map((snippet) => {
    const file = join(
      dir,
      `${snippet.file.replaceAll("/", "__")}_${snippet.line}.ts`,
    );
    // As many lines as stand above it in the document: errors name the right line.
    writeFileSync(
      file,
      `${"\n".repeat(snippet.line - 1)}${snippet.code}\nexport {};\n`,
    );
    return file;
  });
  if (files.length > 0) checkTypes(files);
  const runs = snippets.flatMap((snippet, i) => runsOf(snippet, files[i]!));
  await inOrder(runs);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
if (snippets.length === 0) console.error("There are no snippets here.");
console.log(
  `\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
);
process.exitCode = counts.failed > 0 || snippets.length === 0 ? 1 : 0;

function checkTypes(files: string[]): void {
  const { cmd, args } = deno();
  const r = spawnSync(cmd, [
    ...args,
    "check",
    "--quiet",
    ...jsrFlags(),
    ...files,
  ], { cwd: root, stdio: "inherit" });
  report(r.status === 0, `the types of ${files.length} snippets`);
}

/** A snippet on a runtime; without a command it is only counted. */
interface Run {
  readonly what: string;
  readonly command?: readonly string[];
}

/** What a run came to. */
interface End {
  readonly isGood: boolean;
  readonly isLate: boolean;
  readonly output: string;
}

function runsOf(snippet: Snippet, file: string): Run[] {
  const where = `${snippet.file}:${snippet.line}`;
  if (!snippet.isRun) return [{ what: `${where} (types only)` }];
  const on = (
    name: string,
    { cmd, args }: { cmd: string; args: string[] },
    ...flags: string[]
  ) => ({
    what: `${where} on ${name}`,
    command: [cmd, ...args, ...flags, file],
  });
  const denoFlags = ["run", "-A", "--no-check", "--quiet", ...jsrFlags()];
  const onDeno = on("deno", deno(), ...denoFlags);
  if (!snippet.file.endsWith(".md")) return [onDeno];
  return [onDeno, on("node", node(), "--import", LOADER), on("bun", bun())];
}

/** Makes some runs at a time, and reports them in order. */
async function inOrder(runs: readonly Run[]): Promise<void> {
  const waiting = [...runs.entries()];
  const ends = new Map<number, End | undefined>();
  let reported = 0;
  const some = async () => {
    for (let next; (next = waiting.shift());) {
      const [i, { command }] = next;
      ends.set(i, command && await endOf(command));
      for (; ends.has(reported); reported++) {
        print(runs[reported]!, ends.get(reported));
      }
    }
  };
  const atATime = availableParallelism() + 1;
  await Promise.all(Array.from({ length: atATime }, some));
}

function print({ what }: Run, end: End | undefined): void {
  if (end === undefined) {
    console.log(`skip  ${what}`);
    counts.skipped++;
    return;
  }
  const late = end.isLate ? `: no end after ${LIMIT_MS / 1000} s` : "";
  report(end.isGood, what + late);
  if (!end.isGood) console.log(end.output.replace(/^/gm, "      "));
}

function endOf([cmd, ...args]: readonly string[]): Promise<End> {
  return new Promise((resolve) => {
    const child = spawn(cmd!, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, LIMIT_MS);
    const end = (isGood: boolean) => {
      clearTimeout(timer);
      resolve({ isGood, isLate, output });
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => output += text);
    }
    child.on("error", (error) => {
      output += error.message;
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}

function report(isGood: boolean, what: string): void {
  counts[isGood ? "passed" : "failed"]++;
  console.log(`${isGood ? "ok    " : "FAIL  "}${what}`);
}
