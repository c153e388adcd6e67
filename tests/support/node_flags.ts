/**
 * Test support. What a Node needs that a test starts: the loader of TypeScript
 * that `scripts/test.mjs` names, or else tsx.
 */
import process from "node:process";

/** Flags before the name of a TypeScript file. */
export const nodeFlags: readonly string[] = [
  "--import",
  process.env.TEST_NODE_LOADER ?? "tsx",
];
