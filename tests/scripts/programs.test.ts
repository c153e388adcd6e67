import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import process from "node:process";
import { type Program, runTogether } from "../../scripts/lib/programs.ts";
import { test } from "../support/harness.ts";

const program = (name: string, code: string, output?: string): Program => ({
  ...{ name, output },
  command: [...nodeCommand(), code],
});

/** Runs a text as a program, on the runtime of this test. */
function nodeCommand(): string[] {
  return "Deno" in globalThis
    ? [process.execPath, "eval"]
    : [process.execPath, "-e"];
}

const run = (...programs: Program[]) =>
  runTogether(programs, process.cwd(), 20_000);

test("a server that has printed its output may run on; it is killed then", async () => {
  const { isGood, output } = await run(
    program(
      "server",
      'console.log("asked 3 times"); setInterval(() => {}, 1000);',
      "asked 5 times",
    ),
    program("client", 'console.log("done")', "done"),
  );
  assert(isGood, output);
});

test("a program that fails, or prints other than it must, makes the run fail", async () => {
  const failed = await run(
    program("server", 'throw new Error("on purpose")', "asked"),
    program("client", ""),
  );
  assertEquals(failed.isGood, false);
  assertStringIncludes(failed.output, "on purpose");
  const other = await run(program("client", 'console.log("no")', "yes"));
  assertEquals(other.isGood, false);
  assertStringIncludes(other.output, "instead of:\nyes");
});

test("a program that does not end is killed in time", async () => {
  const { isGood, isLate } = await runTogether(
    [program("client", "setInterval(() => {}, 1000);")],
    process.cwd(),
    200,
  );
  assertEquals([isGood, isLate], [false, true]);
});
