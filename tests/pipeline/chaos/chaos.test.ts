/**
 * Integration: real processes on Node, Deno and Bun that are killed, stopped and
 * cut off, each kind of mischief once. `npm run chaos` does more of it.
 */
import { assertEquals } from "@std/assert";
import { createServer } from "node:net";
import { test } from "../../support/harness.ts";
import { KINDS } from "./plan.ts";
import { lineOf } from "./report.ts";
import { runOnce } from "./run.ts";
import { shortRun } from "./settings.ts";

/** Each process has an address of its own on loopback; not every system has more than one. */
const skip = await new Promise<string | undefined>((resolve) => {
  const server = createServer();
  server.on("error", () => resolve("127.0.0.2 is no address of this machine"));
  server.listen(0, "127.0.0.2", () => server.close(() => resolve(undefined)));
});

test(
  "whatever is killed, stopped or cut off, no job is lost, and none is accepted twice",
  {
    timeoutMs: 120_000,
    skip,
  },
  async (t) => {
    const report = await runOnce(shortRun(1, 300), await t.tempDir());
    console.log(lineOf(report));
    assertEquals(report.faults, []);
    assertEquals(report.figures.lost, 0);
    assertEquals(Object.keys(report.figures.done).sort(), [...KINDS].sort());
  },
);
