/**
 * Writes `docs/conformance.md`: what the conformance tests came to on Deno, Node
 * and Bun in a run.
 *
 *     node --import tsx scripts/conformance.ts [--check] [--junit=DIR]
 *
 * `--check` writes nothing and fails where the page does not agree with the run.
 * `--junit` takes the reports that `scripts/test.mjs --junit=DIR` left there,
 * instead of running the tests.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { pyzmqPeer, zeromqPeer } from "../tests/support/peers/kinds.ts";
import { cellsOf, PEERS } from "../tests/zmq/interop/cells.ts";
import {
  differences,
  failuresIn,
  type Reports,
  runOf,
} from "./lib/conformance_cells.ts";
import { readPage, renderPage } from "./lib/conformance_page.ts";
import { resultsIn } from "./lib/junit.mjs";
import { bun, deno, node } from "./runtimes.mjs";

const TESTS = "tests/zmq/interop/conformance.test.ts";
const PAGE = "docs/conformance.md";

/** Versions that the lock file decides; the others are the machine's. */
const LOCKED = ["Deno", "Bun", "zeromq.js", "libzmq of zeromq.js"];

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const words = process.argv.slice(2);
const unknown = words.filter((word) => !/^--(check|junit=.+)$/.test(word));
if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(" ")}`);
const reports = words.find((word) => word.startsWith("--junit="))?.slice(8);

const run = runOf(
  Object.keys(PEERS).flatMap(cellsOf),
  reports ? readReports(reports) : runTests(),
);
const complaints = words.includes("--check") ? check() : write();
for (const line of run.skips) console.log(`Skipped: ${line}`);
for (const line of complaints) console.error(line);
if (complaints.length === 0) console.log(`${PAGE} is what the tests came to.`);
process.exitCode = complaints.length > 0 ? 1 : 0;

function write(): string[] {
  if (run.problems.length > 0) return [...run.problems];
  const page = { ...run, versions: versionsHere() };
  mkdirSync("docs", { recursive: true });
  writeFileSync(PAGE, renderPage(page));
  return failuresIn(run.table);
}

function check(): string[] {
  if (run.problems.length > 0) return [...run.problems];
  const text = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
  const page = readPage(text);
  const here = versionsHere();
  const complaints = [
    ...differences(page.table, run.table),
    ...LOCKED.filter((name) =>
      here.has(name) && here.get(name) !== page.versions.get(name)
    ).map((name) =>
      `${name} is ${here.get(name)}, the page says ${page.versions.get(name)}`
    ),
  ];
  if (complaints.length === 0 && renderPage(page) !== text) {
    complaints.push(`${PAGE} was not written by this script`);
  }
  if (complaints.length > 0) {
    complaints.push(`\`npm run conformance\` rewrites ${PAGE}.`);
  }
  return complaints;
}

/** Runs the tests, which may take half a minute. */
function runTests(): Reports {
  const dir = mkdtempSync(join(tmpdir(), "az-"));
  try {
    const { cmd, args } = node();
    const words = ["scripts/test.mjs", TESTS, `--junit=${dir}`];
    spawnSync(cmd, [...args, ...words], { stdio: "inherit" });
    return readReports(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A runtime that crashed has left no report, and no results. */
function readReports(dir: string): Reports {
  const read = (runtime: string) => {
    const file = join(dir, `${runtime}.xml`);
    return existsSync(file) ? resultsIn(readFileSync(file, "utf8")) : [];
  };
  return { D: read("deno"), N: read("node"), B: read("bun") };
}

/** The programs that are here, with their versions. */
function versionsHere(): Map<string, string> {
  const versions = new Map<string, string>();
  for (
    const [name, { cmd, args }] of Object.entries({
      Deno: deno(),
      Node: node(),
      Bun: bun(),
    })
  ) {
    const { stdout } = spawnSync(cmd, [...args, "--version"], {
      encoding: "utf8",
    });
    versions.set(name, stdout.match(/\d+\.\d+\.\d+\S*/)?.[0] ?? "unknown");
  }
  for (const kind of [zeromqPeer(), pyzmqPeer()]) {
    if (kind.missing) continue;
    versions.set(kind.name, kind.version);
    versions.set(`libzmq of ${kind.name}`, kind.libzmq);
  }
  return versions;
}
