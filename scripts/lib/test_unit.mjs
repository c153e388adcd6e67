/**
 * Scripts. Runs test files in a process of Deno, Bun or Node, to their end or to
 * a limit, and reads what each test came to from the report that it writes.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import * as runtimes from "../runtimes.mjs";
import { resultsIn } from "./junit.mjs";

/** So long may a process take; a test has a deadline of its own, far below. */
const LIMIT_MS = 8 * 60_000;
const isWindows = process.platform === "win32";
/** What lets Node run TypeScript. */
const LOADER = new URL("./node_ts.mjs", import.meta.url).href;

/** The programs of the examples start others with the flags that they have themselves. */
const startsItsOwn = (file) => file.startsWith("tests/examples/");

/** What ends each process that runs. */
const kills = new Set();

/** Ends all processes, and what they have started. */
export function killAll() {
  for (const kill of kills) kill();
}

/**
 * Finds how tests are run on a runtime: asked once for many processes.
 *
 * @param {string} runtime such as `deno` or `node@24`
 * @returns {(files: readonly string[], report: string, bundle?: string) => { cmd: string, args: string[] }}
 */
export function runnerOf(runtime) {
  if (runtime === "deno") {
    const { cmd, args } = runtimes.deno();
    // Types are checked by `npm run check`, once for everything.
    const flags = ["test", "-A", "--no-check", ...runtimes.jsrFlags()];
    return (files, report) => ({
      cmd,
      args: [...args, ...flags, `--junit-path=${report}`, ...files],
    });
  }
  if (runtime === "bun") {
    const { cmd, args } = runtimes.bun();
    return (files, report) => ({
      cmd,
      args: [
        ...args,
        ...["test", "--reporter=junit", `--reporter-outfile=${report}`],
        ...files.map((file) => `./${file}`),
      ],
    });
  }
  const { cmd, args } = runtimes.node(runtime.split("@")[1]);
  return (files, report, bundle) => ({
    cmd,
    args: [
      ...args,
      ...bundle ? ["--enable-source-maps"] : [],
      ...bundle && !files.some(startsItsOwn) ? [] : ["--import", LOADER],
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
      ...bundle ? [bundle] : files,
    ],
  });
}

/**
 * Runs a process.
 *
 * @param {{ cmd: string, args: string[] }} command
 * @param {string} report where it writes what the tests came to
 * @param {(to: "stdout" | "stderr", text: string) => void} show gets its output
 * @returns {Promise<{ xml: string, results: import("./junit.mjs").TestResult[], note: string }>} the note says why it failed as a whole
 */
export async function runUnit({ cmd, args }, report, show) {
  const { code, isLate } = await run(cmd, args, show);
  const xml = textOf(report);
  const results = resultsIn(xml);
  const hasFailed = results.some(({ outcome }) => outcome === "failed");
  const note = isLate
    ? `stopped after ${LIMIT_MS / 60_000} minutes`
    : code !== 0 && !hasFailed
    ? `exited with ${code}`
    : "";
  return { xml, results, note };
}

/** A process that crashed has written none. */
function textOf(report) {
  try {
    return readFileSync(report, "utf8");
  } catch {
    return "";
  }
}

function run(cmd, args, show) {
  return new Promise((resolve, reject) => {
    const child = spawn(cmd, args, {
      stdio: ["ignore", "pipe", "pipe"],
      detached: !isWindows, // a process group of its own, so that nothing of it survives the limit
      env: {
        ...process.env,
        TEST_NODE_LOADER: LOADER, // for the processes that tests start
        DENO_NO_UPDATE_CHECK: "1",
        ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}),
      },
    });
    let isLate = false;
    const kill = () => {
      try {
        if (isWindows) {
          spawnSync("taskkill", ["/T", "/F", "/PID", String(child.pid)]);
        } else process.kill(-child.pid, "SIGKILL");
      } catch {
        // it ended by itself
      }
    };
    const timer = setTimeout(() => {
      isLate = true;
      kill();
    }, LIMIT_MS);
    kills.add(kill);
    for (const to of ["stdout", "stderr"]) {
      child[to].setEncoding("utf8").on("data", (text) => show(to, text));
    }
    child.on("error", (error) => {
      clearTimeout(timer);
      kills.delete(kill);
      reject(error);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      kills.delete(kill);
      resolve({ code: code ?? signal, isLate });
    });
  });
}
