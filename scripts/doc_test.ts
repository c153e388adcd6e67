/**
 * Type-checks and runs the snippets of the documentation, each as it stands: in
 * a file and a process of its own, with a deadline. Those of Markdown run on
 * Deno, Node and Bun, those of JSDoc comments on Deno.
 *
 *     node --import tsx scripts/doc_test.ts [part of a path ...]
 *
 * Blocks marked `file=NAME` under one heading are programs that run at once, and
 * what they print must be what the block marked `output=NAME` says. Each port of
 * 127.0.0.1 in them is replaced by a free one.
 *
 * The last line is `N passed, N failed, N skipped`; skipped are the snippets
 * marked `no-run` or `ignore`, which are only type-checked.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { getFreeTcpPort } from "../src/util/free_tcp_port.ts";
import { filesIn } from "./lib/files.ts";
import { type End, type Program, runTogether } from "./lib/programs.ts";
import { type Snippet, snippetsIn } from "./lib/snippets.ts";
import { bun, deno, jsrFlags, node } from "./runtimes.mjs";

const LIMIT_MS = 30_000;
/** What lets Node run TypeScript. */
const LOADER = new URL("./lib/node_ts.mjs", import.meta.url).href;
/** The names of the runtimes, and how each runs a file. */
const RUNTIMES = {
  deno: [deno(), "run", "-A", "--no-check", "--quiet", ...jsrFlags()],
  node: [node(), "--import", LOADER],
  bun: [bun()],
} as const;
type Runtime = keyof typeof RUNTIMES;

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
    const file = join(dir, pathOf(snippet));
    mkdirSync(dirname(file), { recursive: true });
    // As many lines as stand above it in the document: errors name the right line.
    writeFileSync(
      file,
      `${"\n".repeat(snippet.line - 1)}${snippet.code}\nexport {};\n`,
    );
    return file;
  });
  if (files.length > 0) checkTypes(files);
  const runs = snippets.flatMap((snippet, i) =>
    snippet.program ? programRuns(snippet) : runsOf(snippet, files[i]!)
  );
  await inOrder(runs);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
if (snippets.length === 0) console.error("There are no snippets here.");
console.log(
  `\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
);
process.exitCode = counts.failed > 0 || snippets.length === 0 ? 1 : 0;

/** Where a snippet is written. Programs under one heading may import each other. */
function pathOf({ file, line, program }: Snippet): string {
  const name = file.replaceAll("/", "__");
  return program === undefined
    ? `${name}_${line}.ts`
    : join(`${name}_${program.section}`, program.name);
}

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

/** A snippet, or some programs, on a runtime; without `programs` it is only counted. */
interface Run {
  readonly what: string;
  readonly programs?: () => Promise<readonly Program[]>;
}

function commandOf(runtime: Runtime, file: string): string[] {
  const [{ cmd, args }, ...flags] = RUNTIMES[runtime];
  return [cmd, ...args, ...flags, file];
}

function runsOf(snippet: Snippet, file: string): Run[] {
  const where = `${snippet.file}:${snippet.line}`;
  if (!snippet.isRun) return [{ what: `${where} (types only)` }];
  return runtimesOf(snippet).map((runtime) => ({
    what: `${where} on ${runtime}`,
    programs: () =>
      Promise.resolve([{ name: where, command: commandOf(runtime, file) }]),
  }));
}

function runtimesOf({ file }: Snippet): Runtime[] {
  return file.endsWith(".md") ? ["deno", "node", "bun"] : ["deno"];
}

/** The runs of all programs under the heading of the first of them; none for the others. */
function programRuns(first: Snippet): Run[] {
  const { file, line, program } = first;
  const together = snippets.filter((other) =>
    other.file === file && other.program?.section === program!.section
  );
  if (together[0] !== first) return [];
  const names = together.map((snippet) => snippet.program!.name).join(", ");
  return runtimesOf(first).map((runtime) => ({
    what: `${file}:${line} ${names} on ${runtime}`,
    programs: () => writePrograms(together, runtime, line),
  }));
}

async function writePrograms(
  together: readonly Snippet[],
  runtime: Runtime,
  line: number,
): Promise<Program[]> {
  const folder = mkdtempSync(join(dir, `${line}_${runtime}-`));
  const ports = new Map<string, number>();
  for (
    const [, port] of together.map(({ code }) => code).join("\n")
      .matchAll(/127\.0\.0\.1:(\d+)/g)
  ) {
    if (!ports.has(port!)) ports.set(port!, await getFreeTcpPort("127.0.0.1"));
  }
  for (const { program, code } of together) {
    writeFileSync(
      join(folder, program!.name),
      code.replace(
        /(?<=127\.0\.0\.1:)\d+/g,
        (port) => String(ports.get(port)),
      ) + "\nexport {};\n",
    );
  }
  return together.filter(({ isRun }) => isRun).map(({ program }) => ({
    name: program!.name,
    command: commandOf(runtime, join(folder, program!.name)),
    output: program!.output,
  }));
}

/** Makes some runs at a time, and reports them in order. */
async function inOrder(runs: readonly Run[]): Promise<void> {
  const waiting = [...runs.entries()];
  const ends = new Map<number, End | undefined>();
  let reported = 0;
  const some = async () => {
    for (let next; (next = waiting.shift());) {
      const [i, { programs }] = next;
      ends.set(
        i,
        programs && await runTogether(await programs(), root, LIMIT_MS),
      );
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

function report(isGood: boolean, what: string): void {
  counts[isGood ? "passed" : "failed"]++;
  console.log(`${isGood ? "ok    " : "FAIL  "}${what}`);
}
