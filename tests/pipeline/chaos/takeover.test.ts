/**
 * Integration: two processes of a pipeline over PostgreSQL, of which the leader is
 * killed, stopped and ended, as are workers and the server, each once.
 * `npm run chaos -- --postgres` does more of it.
 */
import { assertEquals } from "@std/assert";
import { platform, test } from "../../support/harness.ts";
import { onlyOnNode } from "../../support/only_on_node.ts";
import { noPostgres } from "../store/postgres_server.ts";
import { runTakeover, shortTakeoverRun, takeoverLine } from "./takeover_run.ts";

const skip = platform === "win32"
  ? "Windows has no SIGSTOP"
  : noPostgres || onlyOnNode;

test(
  "under kills of leaders, workers and the server no job is lost or accepted twice",
  {
    timeoutMs: 240_000, // on a busy machine; else about 30 s
    skip,
  },
  async (t) => {
    const report = await runTakeover(shortTakeoverRun(1), await t.tempDir());
    console.log(takeoverLine([report]));
    assertEquals(report.faults, []);
    assertEquals(report.takeovers.length, 3);
  },
);

test(
  "the same with two shards, of which each process leads one",
  { timeoutMs: 240_000, skip },
  async (t) => {
    const report = await runTakeover(shortTakeoverRun(1, 2), await t.tempDir());
    console.log(takeoverLine([report]));
    assertEquals(report.faults, []);
    assertEquals(report.takeovers.length, 3);
  },
);
