import { assertEquals } from "@std/assert";
import { execFile } from "node:child_process";
import { cp, mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deno } from "../../scripts/runtimes.mjs";
import { test, type TestContext } from "../support/harness.ts";
import { onlyOnNode } from "../support/only_on_node.ts";

const OPTIONS = { skip: onlyOnNode, timeoutMs: 60_000 };
const scripts = fileURLToPath(new URL("../../scripts", import.meta.url));

/** What `deno lint` reports in a project with this plugin and these files. */
async function problemsIn(
  t: TestContext,
  files: Record<string, string>,
): Promise<string[]> {
  const root = await realpath(await t.tempDir());
  for (const name of ["lint_sizes.ts", "lib/source_text.ts"]) {
    await cp(join(scripts, name), join(root, "scripts", name));
  }
  const plugins = ["./scripts/lint_sizes.ts"];
  const rules = { tags: [] };
  await writeFile(
    join(root, "deno.json"),
    JSON.stringify({ lint: { plugins, rules } }),
  );
  await mkdir(join(root, "src"));
  for (const [name, source] of Object.entries(files)) {
    await writeFile(join(root, name), source);
  }
  const { diagnostics, errors } = await lint(root);
  assertEquals(errors, []);
  const inOrder = diagnostics.toSorted((a, b) =>
    a.filename.localeCompare(b.filename) ||
    a.range.start.line - b.range.start.line
  );
  return inOrder.map(({ filename, range, code, message }) => {
    const file = fileURLToPath(filename).slice(root.length + 1);
    return `${file}:${range.start.line}: ${code}: ${message}`;
  });
}

interface Report {
  readonly diagnostics: readonly {
    readonly filename: string;
    readonly range: { readonly start: { readonly line: number } };
    readonly code: string;
    readonly message: string;
  }[];
  readonly errors: readonly unknown[];
}

function lint(cwd: string): Promise<Report> {
  const { cmd, args } = deno();
  return new Promise((resolve, reject) => {
    // It exits with 1 if there is anything to report.
    execFile(cmd, [...args, "lint", "--json"], { cwd }, (_, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch (cause) {
        reject(new Error(`deno lint failed: ${stderr}`, { cause }));
      }
    });
  });
}

/** A function of this many lines of code; comments and blank lines are not code. */
const ofLines = (head: string, count: number) =>
  `${head} {\n${"  go(); // on\n\n  // and on\n".repeat(count - 2)}}\n`;
const fields = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => `  ${text(i)};\n`).join("");

test(
  "functions of more than 45 lines of code are reported",
  OPTIONS,
  async (t) => {
    const problems = await problemsIn(t, {
      "scripts/other.ts": ofLines("function other()", 60),
      "src/fine.ts": ofLines("function fine()", 45),
      "src/long.ts": ofLines("function long()", 46) +
        ofLines("const arrow = () =>", 47) +
        `class A {\n${ofLines("method()", 48)}}\n` +
        "// deno-lint-ignore sizes/functions\n" +
        ofLines("function exempt()", 49),
    });
    assertEquals(problems.map((problem) => problem.replace(/:\d+:/, ":")), [
      "src/long.ts: sizes/functions: 46 lines of code are more than 45",
      "src/long.ts: sizes/functions: 47 lines of code are more than 45",
      "src/long.ts: sizes/functions: 48 lines of code are more than 45",
    ]);
  },
);

test(
  "classes of more than 12 fields are reported; constants and bound methods are none",
  OPTIONS,
  async (t) => {
    const problems = await problemsIn(t, {
      "src/fine.ts": `class Fine {\n${fields(12, (i) => `#f${i} = 0`)}` +
        "  readonly name = 'a';\n  readonly absent = undefined;\n" +
        "  readonly go = () => this.name;\n  static count = 0;\n" +
        "  declare type: string;\n  get size() { return 1; }\n  run() {}\n}\n",
      "src/wide.ts": `class Wide {\n${fields(12, (i) => `readonly f${i}`)}` +
        "  isOpen = false;\n}\n" +
        `// deno-lint-ignore sizes/classes\nclass Exempt {\n${
          fields(13, (i) => `f${i} = 0`)
        }}\n`,
    });
    assertEquals(problems, [
      "src/wide.ts:1: sizes/classes: 13 fields are more than 12",
    ]);
  },
);
