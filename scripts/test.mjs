/**
 * Runs the tests on Deno, Bun and Node, and counts them over all runtimes.
 *
 *     node scripts/test.mjs [deno] [bun] [node] [node@24 ...] [part of a path ...]
 *                           [--junit=DIR]
 *
 * `--junit` writes what each test came to, as JUnit XML: `DIR/deno.xml` and so on.
 * A process that crashed counts as one failure, and so does a runtime that ran no
 * test. The last line is `N passed, N failed, N skipped`. `JSR=0` or `JSR=1` says
 * whether Deno can load `@std/assert` from JSR; otherwise it is tried.
 *
 * All runtimes share one queue of processes. One more than there are processors
 * run at the same time, and further ones while processors are idle: tests wait a
 * lot.
 *
 * @module
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { countsOf, joined } from "./lib/junit.mjs";
import {
  bundleFolder,
  bundlePrograms,
  bundleTests,
  canBundle,
} from "./lib/node_bundles.mjs";
import { runInSlots } from "./lib/slots.mjs";
import { planOf } from "./lib/test_plan.mjs";
import { Stage } from "./lib/test_stage.mjs";
import { killAll, runnerOf, runUnit } from "./lib/test_unit.mjs";
import { transpileAll } from "./lib/transpiled.mjs";
import { jsrFlags } from "./runtimes.mjs";

/** More processes at a time would need much memory, and wake up at the same moments. */
const MOST_AT_A_TIME = 8;
/** So many processes that took longest are listed in the end. */
const SLOWEST = 12;
/** Whose TypeScript Node runs. */
const SOURCES = ["mod.ts", "cli.ts", "src", "tests", "scripts", "examples"];

const here = process.cwd();
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const junit = process.argv.map((word) => word.match(/^--junit=(.+)$/)?.[1])
  .filter(Boolean).map((dir) => resolve(here, dir))[0];
const words = process.argv.slice(2).filter((word) =>
  word !== "--filter" && word !== "--" && !word.startsWith("--junit=")
);
const isRuntime = (word) => /^(deno|bun|node(@.+)?)$/.test(word);
const wanted = [...new Set(words.filter(isRuntime))];
if (wanted.length === 0) wanted.push("deno", "bun", "node");
const filters = words.filter((word) => !isRuntime(word)).map((word) =>
  word.replace(/^\.\//, "")
);
const files = filesIn("tests", ".test.ts").filter((file) =>
  filters.every((part) => file.includes(part))
);

const reports = mkdtempSync(join(tmpdir(), "az-"));
process.on("exit", () => rmSync(reports, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => {
    killAll();
    process.exit(130);
  });
}

let units = 0;
/** How long each process took. */
const spent = [];
const stage = new Stage((to, text) => process[to].write(text));
const results = new Map(wanted.map((name) => [name, {
  ...{ name, ms: 0, tests: [], notes: [], reports: [] },
  runner: undefined,
}]));
if (files.length === 0) {
  console.error(`No test file contains ${filters.join(" and ")} in its path.`);
} else {
  await prepare();
  const queue = await bundled(
    planOf([...results.keys()].filter(canRun), files, canBundle),
  );
  const processors = availableParallelism();
  await runInSlots(queue, runOne, {
    least: Math.min(MOST_AT_A_TIME, processors + 1),
    most: Math.min(MOST_AT_A_TIME, 4 * processors),
  });
}
report();

function canRun(name) {
  return results.get(name).runner !== undefined;
}

/** Finds the runtimes, and makes the JavaScript that Node runs. */
async function prepare() {
  for (const result of results.values()) {
    try {
      result.runner = runnerOf(result.name);
    } catch (error) {
      result.notes.push(error.message);
    }
  }
  if (results.has("deno")) {
    console.log(
      `[deno] @std/assert comes from ${
        jsrFlags().length ? "tests/support: JSR is not reachable" : "JSR"
      }`,
    );
  }
  const sources = SOURCES.filter((path) => existsSync(path));
  await transpileAll(
    sources.flatMap((path) =>
      path.endsWith(".ts") ? path : filesIn(path, ".ts")
    )
      .map((file) => resolve(file)),
  );
}

/** Makes bundles of what Node runs, and of the programs that tests start on Node. */
async function bundled(units) {
  const isOnNode = ({ runtime }) => runtime.startsWith("node");
  if (!units.some(isOnNode)) return units;
  const dir = bundleFolder();
  process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
  process.env.TEST_NODE_BUNDLES = dir;
  await bundlePrograms(dir);
  const can = units.filter((unit) =>
    isOnNode(unit) && unit.files.every(canBundle)
  );
  const paths = await bundleTests(can.map(({ files }) => files), dir);
  const bundles = new Map(can.map((unit, i) => [unit, paths[i]]));
  return units.flatMap((unit) => {
    const bundle = bundles.get(unit);
    if (bundle !== undefined) return { ...unit, bundle };
    return isOnNode(unit)
      ? unit.files.map((file) => ({ ...unit, files: [file] }))
      : unit;
  });
}

/** Every file below `dir` whose name ends so, with forward slashes. */
function filesIn(dir, ending) {
  return readdirSync(dir, { recursive: true })
    .map((file) => `${dir}/${file.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(ending) && !file.includes("node_modules"))
    .sort();
}

/** Runs some files on a runtime, and adds up what they came to. */
async function runOne({ runtime, files, bundle }) {
  const start = performance.now();
  const result = results.get(runtime);
  const file = join(reports, `${++units}.xml`);
  const part = stage.open(`\n[${runtime}] ${files.join(" ")}\n`);
  try {
    const command = result.runner(files, file, bundle);
    const { xml, results, note } = await runUnit(command, file, part.show);
    result.tests.push(...results);
    result.reports.push({ name: files.join(" "), xml });
    if (note) result.notes.push(`${files.join(" ")} ${note}`);
  } catch (error) {
    result.notes.push(`${files.join(" ")}: ${error.message}`);
  } finally {
    const ms = performance.now() - start;
    result.ms += ms;
    spent.push({ name: `[${runtime}] ${files.join(" ")}`, ms });
    part.close();
  }
}

function report() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  const skips = new Set();
  if (junit) mkdirSync(junit, { recursive: true });
  for (const { name, tests, notes, reports, ms } of results.values()) {
    if (files.length > 0 && tests.length === 0 && notes.length === 0) {
      notes.push("ran no test");
    }
    const counts = countsOf(tests);
    counts.failed += notes.length;
    for (const key of Object.keys(total)) total[key] += counts[key];
    lines.push(
      `${name.padEnd(8)} ${textOf(counts)}, ${seconds(ms)}`,
      ...notes.map((note) => `         ${note}`),
    );
    for (const { name, reason } of tests) {
      if (reason) skips.add(`${name} (skipped: ${reason})`);
    }
    if (junit) writeFileSync(join(junit, `${name}.xml`), joined(reports));
  }
  if (skips.size > 0) {
    const all = [...skips].sort().map((line) => `  ${line}`);
    console.log(`\nSkipped:\n${all.join("\n")}`);
  }
  if (spent.length > SLOWEST) {
    const slowest = spent.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST)
      .map(({ name, ms }) => `  ${seconds(ms).padStart(7)} ${shortened(name)}`);
    console.log(
      `\nSlowest of ${spent.length} processes:\n${slowest.join("\n")}`,
    );
  }
  if (files.length === 0) total.failed = 1;
  else console.log(`\n${lines.join("\n")}`);
  console.log(textOf(total));
  process.exitCode = total.failed > 0 ? 1 : 0;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function shortened(line) {
  return line.length > 72 ? `${line.slice(0, 71)}…` : line;
}

function textOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
