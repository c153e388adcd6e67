/**
 * Runs the tests on Deno, Bun and Node, and counts them over all runtimes.
 *
 *     node scripts/test.mjs [deno] [bun] [node] [node@24 ...] [part of a path ...]
 *                           [--junit=DIR]
 *
 * `--junit` writes what each test came to, as JUnit XML: `DIR/deno.xml` and so on.
 * A runtime that crashed, or ran no test, counts as one failure. The last line
 * is `N passed, N failed, N skipped`. `JSR=0` or `JSR=1` says whether Deno can
 * load `@std/assert` from JSR; otherwise a look tells.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { readBun, readDeno, readNode, skippedIn } from "./lib/test_output.mjs";
import * as runtimes from "./runtimes.mjs";

const LIMIT_MS = 10 * 60_000;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const junit = process.argv.map((word) => word.match(/^--junit=(.+)$/)?.[1])
  .find(Boolean);
const words = process.argv.slice(2).filter((word) =>
  word !== "--filter" && word !== "--" && !word.startsWith("--junit=")
);
const isRuntime = (word) => /^(deno|bun|node(@.+)?)$/.test(word);
const wanted = words.filter(isRuntime);
if (wanted.length === 0) wanted.push("deno", "bun", "node");
const filters = words.filter((word) => !isRuntime(word)).map((word) =>
  word.replace(/^\.\//, "")
);
const files = testFiles("tests").filter((file) =>
  filters.every((part) => file.includes(part))
);
if (files.length === 0) {
  console.error(`No test file contains ${filters.join(" and ")} in its path.`);
}

/** What ends each process that runs. */
const kills = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    for (const kill of kills) kill();
    process.exit(130);
  });
}

if (junit) mkdirSync(junit, { recursive: true });
const results = [];
for (const names of files.length > 0 ? together(wanted) : []) {
  let shown = Promise.resolve();
  const runs = names.map((name) => {
    const before = shown;
    const result = runOn(name, before);
    shown = result;
    return result;
  });
  results.push(...await Promise.all(runs));
}

const skips = [...new Set(results.flatMap((r) => r.skips))].sort();
if (skips.length > 0) {
  console.log(`\nSkipped:\n${skips.map((line) => `  ${line}`).join("\n")}`);
}
console.log("");
for (const r of results) {
  console.log(
    `${r.name.padEnd(8)} ${count(r)}, ${(r.ms / 1000).toFixed(1)} s${
      r.note ? ` (${r.note})` : ""
    }`,
  );
}
const total = {
  passed: sum("passed"),
  failed: sum("failed"),
  skipped: sum("skipped"),
};
if (results.length === 0) total.failed = 1;
console.log(count(total));
process.exitCode = total.failed > 0 ? 1 : 0;

/**
 * Which runtimes run at the same time. Deno and Bun run one test after another,
 * most of which wait for something: both together take little longer than one.
 * Node's runner already runs two files at a time.
 */
function together(names) {
  const isSlim = (name) => name === "deno" || name === "bun";
  const slim = names.filter(isSlim);
  const others = names.filter((name) => !isSlim(name)).map((name) => [name]);
  return slim.length > 0 ? [slim, ...others] : others;
}

/** Every test file below `dir`, with forward slashes. */
function testFiles(dir) {
  return readdirSync(dir, { recursive: true })
    .map((file) => `${dir}/${file.replaceAll("\\", "/")}`)
    .filter((file) =>
      file.endsWith(".test.ts") && !file.includes("node_modules")
    )
    .sort();
}

/** Runs the tests on a runtime, and shows what it prints once `before` is over. */
async function runOn(name, before) {
  const start = Date.now();
  const result = {
    name,
    passed: 0,
    failed: 0,
    skipped: 0,
    skips: [],
    note: "",
  };
  try {
    const { cmd, args, read } = commandFor(name);
    const { output, code, isLate } = await run(cmd, args, before);
    Object.assign(result, read(output));
    result.skips = skippedIn(output);
    if (isLate) result.note = `stopped after ${LIMIT_MS / 60_000} minutes`;
    else if (code !== 0 && result.failed === 0) {
      result.note = `exited with ${code}`;
    } else if (result.passed + result.failed + result.skipped === 0) {
      result.note = "ran no test";
    }
    if (result.note && result.failed === 0) result.failed = 1;
  } catch (error) {
    Object.assign(result, { failed: 1, note: error.message });
  }
  return { ...result, ms: Date.now() - start };
}

function commandFor(name) {
  const report = junit && `${junit}/${name}.xml`;
  if (name === "deno") {
    const { cmd, args } = runtimes.deno();
    const map = runtimes.jsrFlags();
    console.log(
      `\n[deno] @std/assert comes from ${
        map.length ? "tests/support: JSR is not reachable" : "JSR"
      }`,
    );
    // Types are checked by `npm run check`, once for everything.
    return {
      cmd,
      args: [
        ...args,
        ...["test", "-A", "--no-check", ...map],
        ...(report ? [`--junit-path=${report}`] : []),
        ...files,
      ],
      read: readDeno,
    };
  }
  if (name === "bun") {
    const { cmd, args } = runtimes.bun();
    return {
      cmd,
      args: [
        ...args,
        "test",
        ...(report ? ["--reporter=junit", `--reporter-outfile=${report}`] : []),
        ...files.map((file) => `./${file}`),
      ],
      read: readBun,
    };
  }
  const { cmd, args } = runtimes.node(name.split("@")[1]);
  const flags = [
    "--test",
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    ...(report
      ? ["--test-reporter=junit", `--test-reporter-destination=${report}`]
      : []),
    "--test-concurrency=2",
  ];
  return {
    cmd,
    args: [...args, "--import", "tsx", ...flags, ...files],
    read: readNode,
  };
}

/** Runs a command to its end, or to the limit; shows its output, once `before` is over, and gives it back. */
function run(cmd, args, before) {
  const words = args.filter((arg) => !files.includes(arg.replace(/^\.\//, "")));
  let held = [[process.stdout, `\n$ ${[cmd, ...words].join(" ")}\n`]];
  const show = (to, text) => held ? held.push([to, text]) : to.write(text);
  void before.then(() => {
    for (const [to, text] of held) to.write(text);
    held = undefined;
  });
  return new Promise((resolve, reject) => {
    const isWindows = process.platform === "win32";
    const child = spawn(cmd, args, {
      stdio: ["ignore", "pipe", "pipe"],
      detached: !isWindows, // a process group of its own, so that nothing of it survives the limit
      env: {
        ...process.env,
        DENO_NO_UPDATE_CHECK: "1",
        ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}),
      },
    });
    let output = "";
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
    for (
      const [stream, to] of [[child.stdout, process.stdout], [
        child.stderr,
        process.stderr,
      ]]
    ) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        show(to, text);
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      kills.delete(kill);
      resolve({
        output: stripVTControlCharacters(output),
        code: code ?? signal,
        isLate,
      });
    });
  });
}

function count({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function sum(key) {
  return results.reduce((n, r) => n + r[key], 0);
}
