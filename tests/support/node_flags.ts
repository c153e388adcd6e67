/**
 * Test support. What a Node needs that a test starts on a TypeScript file: the
 * bundle of that file or the loader of TypeScript that `scripts/test.mjs` names,
 * or else tsx.
 */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Flags before the name of a TypeScript file. */
export const nodeFlags: readonly string[] = [
  "--import",
  process.env.TEST_NODE_LOADER ?? "tsx",
];

/** The bundle of a program, which starts much sooner; `undefined` where there is none. */
export function bundleOf(file: string): string | undefined {
  const dir = process.env.TEST_NODE_BUNDLES;
  if (dir === undefined) return undefined;
  const bundle = join(dir, relative(root, file).replace(/\.ts$/, ".mjs"));
  return existsSync(bundle) ? bundle : undefined;
}

/** What starts a TypeScript file on Node: its bundle, or the flags and the file. */
export function nodeProgram(file: string): string[] {
  const bundle = bundleOf(file);
  return bundle === undefined
    ? [...nodeFlags, file]
    : ["--enable-source-maps", bundle];
}
