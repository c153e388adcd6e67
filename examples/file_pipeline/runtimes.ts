/**
 * Example: the file pipeline. The commands that start its processes: on Deno
 * with only the permissions that a process needs.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as installed from "../../scripts/runtimes.mjs";
import type { Screen } from "./screen.ts";

/** The runtimes of the processes. */
export type Runtime = "deno" | "node" | "bun";

interface Command {
  readonly cmd: string;
  readonly args: readonly string[];
}

/** An installed runtime. */
export interface FoundRuntime extends Command {
  readonly name: Runtime;
  readonly version: string;
}

/** The Deno permissions of a process, besides connections on loopback. */
export interface Permissions {
  /** Paths that it may read, recursively. */
  readonly read?: string;
  /** Paths that it may write. */
  readonly write?: string;
  /** A variable of the environment. */
  readonly env?: string;
}

/** What lets Node run TypeScript; this process has it, if it is one of Node. */
const onNode = "Deno" in globalThis || "Bun" in globalThis
  ? ["--import", "tsx"]
  : process.execArgv;

const LOOK: Readonly<Record<string, () => Command>> = {
  // npm's `deno` is a script; we want the process itself, to be able to end it.
  deno: () => {
    const { cmd, args } = installed.deno();
    const path = run(cmd, [...args, "eval", "console.log(Deno.execPath())"]);
    return { cmd: path, args: [] };
  },
  node: () => installed.node(),
  bun: () => installed.bun(),
};

/** Finds the installed runtimes, and prints them. */
export function findRuntimes(
  names: readonly string[],
  screen: Screen,
): FoundRuntime[] {
  const found: FoundRuntime[] = [];
  for (const name of names) {
    try {
      const { cmd, args } = LOOK[name]!();
      const [version = "?"] =
        run(cmd, [...args, "--version"]).match(/\d+\.\d+\.\d+/) ?? [];
      found.push({ name: name as Runtime, version, cmd, args });
    } catch {
      screen.line(`${name} is not installed: skipped`);
    }
  }
  if (found.length === 0) throw new Error("There is no runtime to work on");
  screen.line(
    found.map(({ name, version }) => `${name} ${version}`).join(", "),
  );
  return found;
}

/** Whether a runtime has SQLite, as Node has from 22.13 on. */
export function hasSqlite({ name, version }: FoundRuntime): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return name !== "node" || major > 22 || (major === 22 && minor >= 13);
}

/** The command that runs a file of this folder. */
export function commandFor(
  { name, cmd, args }: FoundRuntime,
  file: string,
  { read, write, env }: Permissions,
): Command {
  const path = fileURLToPath(new URL(file, import.meta.url));
  switch (name) {
    case "deno":
      return {
        cmd,
        args: [
          ...args,
          "run",
          "--quiet",
          "--no-prompt",
          "--allow-net=127.0.0.1",
          ...(read ? [`--allow-read=${withoutComma(read)}`] : []),
          ...(write ? [`--allow-write=${withoutComma(write)}`] : []),
          ...(env ? [`--allow-env=${env}`] : []),
          path,
        ],
      };
    case "node":
      return { cmd, args: [...args, ...onNode, path] };
    case "bun":
      return { cmd, args: [...args, "run", path] };
  }
}

/** To Deno a comma parts two paths: one that has a comma must be allowed by a folder above it. */
function withoutComma(path: string): string {
  while (path.includes(",")) path = dirname(path);
  return path;
}

function run(cmd: string, args: readonly string[]): string {
  const { status, stdout, error } = spawnSync(cmd, args, { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`Cannot start ${cmd}`, { cause: error });
  }
  return stdout.trim();
}
