/**
 * Integration: real processes on Node, Deno and Bun that are killed, stopped and
 * cut off, each kind of mischief once. `npm run chaos` does more of it.
 */
import { assertEquals } from "@std/assert";
import { createServer } from "node:net";
import { platform, test } from "../../support/harness.ts";
import { onlyOnNode } from "../../support/only_on_node.ts";
import { KINDS } from "./plan.ts";
import { lineOf } from "./report.ts";
import { runOnce } from "./run.ts";
import { shortRun } from "./settings.ts";

/** In this plan a worker is stopped beyond its lease with nothing in between that closes its connection. */
const SEED = 4;
/** Processes have addresses of their own on loopback, and are stopped by a signal: not every system has that. */
const skip = platform === "win32"
  ? "Windows has no SIGSTOP"
  : await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.on("error", () =>
      resolve("127.0.0.2 is no address of this machine"));
    server.listen(0, "127.0.0.2", () =>
      server.close(() => resolve(undefined)));
  });

test(
  "under kills, suspensions and cut connections no job is lost or accepted twice",
  {
    timeoutMs: 120_000, // on a busy machine; else about 15 s
    skip: skip ?? onlyOnNode,
  },
  async (t) => {
    const report = await runOnce(shortRun(SEED, 300), await t.tempDir());
    console.log(lineOf(report));
    assertEquals(report.faults, []);
    assertEquals(report.figures.lost, 0);
    assertEquals(Object.keys(report.figures.done).sort(), [...KINDS].sort());
  },
);
