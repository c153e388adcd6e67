/**
 * Example: the file pipeline. The commands that start its processes: on Deno
 * with the permissions that a process needs and no other, on Node and Bun as
 * they come.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as installed from "../../scripts/runtimes.mjs";
import type { Runtime } from "./messages.ts";

interface Command {
  readonly cmd: string;
  readonly args: readonly string[];
}

/** A runtime that is there. */
export interface FoundRuntime extends Command {
  readonly name: Runtime;
  readonly version: string;
}

/** What a process may do on Deno: paths, or nothing. */
export interface Permissions {
  readonly read?: string;
  readonly write?: string;
}

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

/** Looks whether a runtime is installed; throws if not. */
export function findRuntime(name: string): FoundRuntime {
  const look = LOOK[name];
  if (look === undefined) throw new Error(`There is no runtime "${name}"`);
  const { cmd, args } = look();
  const [, version = "?"] =
    run(cmd, [...args, "--version"]).match(/(\d+\.\d+\.\d+)/) ?? [];
  return { name: name as Runtime, version, cmd, args };
}

/** The command that runs a file of this folder. */
export function commandFor(
  { name, cmd, args }: FoundRuntime,
  file: string,
  { read, write }: Permissions,
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
          "--allow-net",
          ...(read ? [`--allow-read=${withoutComma(read)}`] : []),
          ...(write ? [`--allow-write=${withoutComma(write)}`] : []),
          path,
        ],
      };
    case "node":
      return { cmd, args: [...args, "--import", "tsx", path] };
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
