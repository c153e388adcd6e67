/**
 * Test support. For tests that start the same processes wherever they run
 * themselves: once is enough.
 */

/** Why such a test is skipped here; `undefined` on Node, where it runs. */
export const onlyOnNode: string | undefined =
  "Deno" in globalThis || "Bun" in globalThis
    ? "its processes are the same on every runtime: the run on Node does it"
    : undefined;
