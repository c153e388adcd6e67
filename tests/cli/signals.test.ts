/** What asks a process to end: not only Ctrl-C. */
import { assertEquals, assertMatch } from "@std/assert";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { platform, runtime, test } from "../support/harness.ts";
import {
  activeJob,
  commandOf,
  FLOW,
  LIMIT,
  Program,
  run,
  TestPipeline,
} from "./program.ts";

const noHangup = platform === "win32" &&
  "no process can send it to another on Windows";

test("a step finishes its jobs after its terminal was closed", {
  ...LIMIT,
  skip: noHangup,
}, async (t) => {
  const pipeline = await TestPipeline.start(t);
  const step = await pipeline.steps(["hold"]);
  const file = join(await t.tempDir(), "now");
  await pipeline.run("submit", "hold", JSON.stringify(file), "--id=x");
  await activeJob(pipeline, "x");
  step.kill("SIGHUP");
  await step.sees(/^1 job may take 25s to finish/m, "err");
  await writeFile(file, "");
  assertEquals((await step.ended).code, 0);
  const { result } = await pipeline.json("submit", "hold", "--id=x", "--wait");
  assertEquals(result, "held");
});

test("a pipeline closes in order after its terminal was closed", {
  ...LIMIT,
  skip: noHangup,
}, async (t) => {
  const { program } = await TestPipeline.start(t);
  program.kill("SIGHUP");
  const { code, out } = await program.ended;
  assertEquals(code, 0);
  assertMatch(out, /pipeline "test" is closed\n$/);
});

test("what nohup started goes on after its terminal was closed", {
  ...LIMIT,
  skip: platform !== "linux"
    ? "only Linux shows which signals are ignored"
    : runtime === "node" && "Node does away with what nohup did",
}, async (t) => {
  const [command, all] = commandOf(["pipeline", FLOW, "--port=0"]);
  const program = new Program(t, [], {}, ["nohup", [command, ...all]]);
  const [, address] = await program.sees(/requests +(tcp:\S+)/);
  program.kill("SIGHUP");
  const { code } = await run(t, ["status", "--pipeline", address!]);
  assertEquals(code, 0);
  program.kill("SIGTERM");
  assertEquals((await program.ended).code, 0);
});
