/**
 * Shows what npm:zeromq does on Deno, Bun and Node: runs short programs, each
 * in a process of its own and some times over, and prints a Markdown table.
 * `src/native/runtime.ts` and `docs/native.md` say what it printed; where it
 * prints something better, they want to be changed.
 *
 *     node scripts/native_matrix.mjs [deno] [bun] [node] [node@24 ...]
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as runtimes from "./runtimes.mjs";

const LIMIT_MS = 10_000;
const TIMES = 20;
const PROGRAMS = {
  import: "import",
  pipe: "one message over TCP",
  flood: "10,000 messages",
  wait: "wait for a message",
  timeout: "wait in vain",
  close: "close while waiting",
  exit: "end with open sockets",
};

const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : ["deno", "bun", "node"];
const { version } = JSON.parse(
  readFileSync(`${root}/node_modules/zeromq/package.json`, "utf8"),
);

const rows = [];
for (const name of names) {
  const command = commandFor(name);
  const outcomes = [];
  for (const program of Object.keys(PROGRAMS)) {
    const seen = [];
    for (let i = 0; i < TIMES; i++) seen.push(await run(command, program));
    outcomes.push(summary(seen));
  }
  rows.push([versionOf(name, command), ...outcomes]);
}
console.log(
  `npm:zeromq ${version}, ${process.platform} ${process.arch}, each ${TIMES} times:\n`,
);
console.log(table([["runtime", ...Object.values(PROGRAMS)], ...rows]));
for (const [runtime, ...outcomes] of rows) {
  const isFine = outcomes.every((outcome) => outcome === "works");
  if (isFine === runtime.startsWith("Node")) continue;
  console.log(`\n${runtime} is not what src/native/runtime.ts says it is.`);
  process.exitCode = 1;
}

function commandFor(name) {
  const [runtime, wantedVersion] = name.split("@");
  if (!["deno", "bun", "node"].includes(runtime)) {
    throw new Error(`There is no runtime ${name}`);
  }
  const command = runtimes[runtime](wantedVersion);
  if (runtime !== "deno") return command;
  // Its launcher is a script that does not tell signals from failures.
  const { cmd, args } = command;
  const where = [...args, "eval", "console.log(Deno.execPath())"];
  const { stdout } = spawnSync(cmd, where, { encoding: "utf8" });
  return { cmd: stdout.trim(), args: ["run", "-A", "--quiet"] };
}

function versionOf(name, { cmd, args }) {
  const flags = name.startsWith("deno")
    ? ["--version"]
    : [...args, "--version"];
  const { stdout } = spawnSync(cmd, flags, { encoding: "utf8" });
  const label = { deno: "Deno", bun: "Bun", node: "Node" }[name.split("@")[0]];
  return `${label} ${/\d+\.\d+\.\d+\S*/.exec(stdout)?.[0]}`;
}

/** Runs a program, and says how it ended. */
function run({ cmd, args }, program) {
  const file = "scripts/lib/zeromq_programs.mjs";
  const child = spawn(cmd, [...args, file, program], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  let isLate = false;
  child.stdout.setEncoding("utf8").on("data", (text) => output += text);
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, LIMIT_MS);
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const isDone = output.includes("done");
      if (isLate) resolve(isDone ? "works, never ends" : "hangs");
      else if (code === 0 && isDone) resolve("works");
      else resolve(`${isDone ? "works, then " : ""}${ending(code, signal)}`);
    });
  });
}

/** How a process ended that did not end well. */
function ending(code, signal) {
  if (signal === "SIGABRT" || signal === "SIGTRAP") return "aborts";
  if (signal === "SIGSEGV" || signal === "SIGBUS") return "segfaults";
  return signal ?? (code === 0 ? "ends too early" : `fails (${code})`);
}

function summary(seen) {
  const counts = new Map();
  for (const outcome of seen) {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  if (counts.size === 1) return seen[0];
  return [...counts].map(([outcome, n]) => `${n}× ${outcome}`).join(", ");
}

function table([head, ...body]) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [head, head.map(() => "---"), ...body].map(line).join("\n");
}
