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
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { filesIn } from "./lib/files.ts";
import { type Snippet, snippetsIn } from "./lib/snippets.ts";
import { bun, deno, jsrFlags, node } from "./runtimes.mjs";

const LIMIT_MS = 30_000;
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
  snippets.forEach((snippet, i) => runSnippet(snippet, files[i]!));
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

function runSnippet(snippet: Snippet, file: string): void {
  const where = `${snippet.file}:${snippet.line}`;
  if (!snippet.isRun) {
    console.log(`skip  ${where} (types only)`);
    counts.skipped++;
    return;
  }
  const { cmd, args } = deno();
  const denoRun = {
    cmd,
    args: [...args, "run", "-A", "--no-check", "--quiet", ...jsrFlags()],
  };
  runOn("deno", denoRun);
  if (!snippet.file.endsWith(".md")) return;
  const { cmd: nodeCmd, args: nodeArgs } = node();
  runOn("node", { cmd: nodeCmd, args: [...nodeArgs, "--import", "tsx"] });
  runOn("bun", bun());

  function runOn(
    name: string,
    { cmd, args }: { cmd: string; args: string[] },
  ): void {
    const r = spawnSync(cmd, [...args, file], {
      cwd: root,
      encoding: "utf8",
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    const isLate =
      (r.error as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT";
    report(
      r.status === 0,
      `${where} on ${name}${
        isLate ? `: no end after ${LIMIT_MS / 1000} s` : ""
      }`,
    );
    if (r.status !== 0) {
      console.log(`${r.stdout}${r.stderr}`.replace(/^/gm, "      "));
    }
  }
}

function report(isGood: boolean, what: string): void {
  counts[isGood ? "passed" : "failed"]++;
  console.log(`${isGood ? "ok    " : "FAIL  "}${what}`);
}
