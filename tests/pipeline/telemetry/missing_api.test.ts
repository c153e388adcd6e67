/**
 * Integration: a pipeline where `@opentelemetry/api` is not installed. The
 * sources are copied to where there are only the other packages.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { assertEquals } from "@std/assert";
import { test } from "../../support/harness.ts";
import { onlyOnNode } from "../../support/only_on_node.ts";
import { commandOf, type RuntimeName } from "../support/programs.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PROGRAM = "untraced_program.mjs";
const OPTIONAL = "@opentelemetry/api";

/** A copy of the project without OpenTelemetry, and with the program in it. */
async function copyInto(dir: string): Promise<void> {
  const config = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  for (const name of ["deno.json", "package.json", "mod.ts", "src"]) {
    await cp(join(ROOT, name), join(dir, name), { recursive: true });
  }
  await cp(new URL(PROGRAM, import.meta.url), join(dir, PROGRAM));
  const names = [...Object.keys(config.imports), "tsx"];
  for (const name of names.filter((name) => name !== OPTIONAL)) {
    const from = join(ROOT, "node_modules", name);
    if (!existsSync(from)) continue;
    const to = join(dir, "node_modules", name);
    await mkdir(dirname(to), { recursive: true });
    await symlink(from, to, "junction");
  }
}

for (const runtime of ["node", "deno", "bun"] as const) {
  test(`jobs are done without OpenTelemetry on ${runtime}`, {
    timeoutMs: 60_000,
    skip: existsSync(join(ROOT, "src"))
      ? onlyOnNode
      : "scripts/verify_npm.mjs tests the package",
  }, async (t) => {
    const dir = await t.tempDir();
    await copyInto(dir);
    assertEquals(await run(dir, runtime), [
      "true it is 42",
      "true it is 8",
    ]);
  });
}

/** What the program writes. */
async function run(dir: string, runtime: RuntimeName): Promise<string[]> {
  const { cmd, args } = commandOf(runtime);
  const { FORCE_COLOR: _1, NODE_OPTIONS: _2, ...env } = process.env;
  const { stdout } = await promisify(execFile)(cmd, [...args, PROGRAM], {
    cwd: dir,
    env: { ...env, DENO_NO_UPDATE_CHECK: "1" },
  });
  return stdout.trim().split(/\r?\n/);
}
