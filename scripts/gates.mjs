/**
 * Runs the gates that a change must pass, all of them or those that are named,
 * and goes on after one that failed.
 *
 *     node scripts/gates.mjs [fmt] [lint] [layers] [options] [errors] [page] [rfc]
 *                            [words] [types] [docs] [publish] [snippets] [test] [conformance]
 *                            [bench] [site] [build] [verify]
 *     node scripts/gates.mjs fast    the quick ones
 *
 * The last line is `N passed, N failed, N skipped`: the tests of all gates that
 * have tests, on all runtimes, and one failure for each other gate that failed.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { deno, jsrFlags, node } from "./runtimes.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const entryPoints = Object.values(
  JSON.parse(readFileSync("deno.json", "utf8")).exports,
);
const typed = [
  "mod.ts",
  "cli.ts",
  "src",
  "tests",
  "scripts",
  "bench",
  "examples",
].filter(
  (path) => existsSync(path),
);
const reports = mkdtempSync(join(tmpdir(), "az-"));
process.on("exit", () => rmSync(reports, { recursive: true, force: true }));
const denoRun = (...args) => ({
  cmd: deno().cmd,
  args: [...deno().args, ...args],
});
const nodeRun = (...args) => ({
  cmd: node().cmd,
  args: [...node().args, ...args],
});

/** Every gate: the command, and whether its last line counts tests. */
const GATES = {
  fmt: () => denoRun("fmt", "--check"),
  lint: () => denoRun("lint"),
  layers: () => nodeRun("--import", "tsx", "scripts/check_layers.ts"),
  page: () => nodeRun("--import", "tsx", "scripts/build_page.ts", "--check"),
  rfc: () => nodeRun("--import", "tsx", "scripts/check_rfc.ts", "--check"),
  words: () => nodeRun("--import", "tsx", "scripts/check_words.ts"),
  types: () => denoRun("check", "--quiet", ...jsrFlags(), ...typed),
  docs: () => denoRun("doc", "--lint", ...entryPoints),
  options: () =>
    nodeRun("--import", "tsx", "scripts/option_table.ts", "--check"),
  errors: () => nodeRun("--import", "tsx", "scripts/error_table.ts", "--check"),
  publish: () => denoRun("publish", "--dry-run", "--allow-dirty"),
  snippets: () => ({
    ...nodeRun("--import", "tsx", "scripts/doc_test.ts"),
    isCounted: true,
  }),
  test: () => ({
    ...nodeRun("scripts/test.mjs", `--junit=${reports}`),
    isCounted: true,
  }),
  conformance: () =>
    nodeRun(
      ...["--import", "tsx", "scripts/conformance.ts", "--check"],
      // What the tests came to is known where they have just run.
      ...(existsSync(join(reports, "node.xml")) ? [`--junit=${reports}`] : []),
    ),
  bench: () => ({
    ...nodeRun("--import", "tsx", "bench/main.ts", "--short"),
    isCounted: true,
  }),
  site: () => nodeRun("scripts/build_site.mjs"),
  build: () => denoRun("run", "-A", "scripts/build_npm.ts"),
  verify: () => ({
    // All tests have run on the sources; `npm run verify` runs them on the package.
    ...nodeRun(
      ...["--import", "tsx", "scripts/verify_npm.mjs"],
      ...["bun", "node", "sockets"],
    ),
    isCounted: true,
  }),
};
const FAST = [
  "fmt",
  "lint",
  "layers",
  "options",
  "errors",
  "page",
  "rfc",
  "words",
  "types",
  "docs",
  "publish",
];

const words = process.argv.slice(2).flatMap((word) =>
  word === "fast" ? FAST : word
);
const unknown = words.filter((word) => !(word in GATES));
if (unknown.length > 0) {
  throw new Error(`There is no gate ${unknown.join(", ")}`);
}

const results = [];
for (const name of words.length > 0 ? words : Object.keys(GATES)) {
  const start = Date.now();
  console.log(`\n===== ${name} =====`);
  const { cmd, args, isCounted } = GATES[name]();
  const { code, last } = await run(cmd, args);
  const [, passed, failed, skipped] =
    (isCounted && last.match(/^(\d+) passed, (\d+) failed, (\d+) skipped$/)) ||
    [];
  const counts = {
    passed: Number(passed ?? 0),
    failed: Number(failed ?? 0),
    skipped: Number(skipped ?? 0),
  };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  results.push({ name, isCounted, ms: Date.now() - start, ...counts });
}

console.log("\n===== all =====");
for (const { name, isCounted, ms, passed, failed, skipped } of results) {
  const count = isCounted
    ? `, ${passed} passed, ${failed} failed, ${skipped} skipped`
    : "";
  console.log(
    `${failed > 0 ? "FAIL" : "ok  "}  ${name.padEnd(11)}  ${
      (ms / 1000).toFixed(1)
    } s${count}`,
  );
}
const sum = (key) => results.reduce((n, result) => n + result[key], 0);
console.log(
  `${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`,
);
process.exitCode = sum("failed") > 0 ? 1 : 0;

/** Runs a command, shows what it prints, and gives its last line. */
function run(cmd, args) {
  return new Promise((resolve) => {
    const child = spawn(cmd, args, {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
    });
    let tail = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      process.stdout.write(text);
      tail = (tail + text).slice(-1000);
    });
    child.on("error", (error) => {
      console.error(error.message);
      resolve({ code: 1, last: "" });
    });
    child.on(
      "close",
      (code) =>
        resolve({ code, last: tail.trimEnd().split("\n").at(-1) ?? "" }),
    );
  });
}
