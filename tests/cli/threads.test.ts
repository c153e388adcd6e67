/** Integration: `agentzero step --threads`. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { runtime, test, type TestContext } from "../support/harness.ts";
import {
  commandOf,
  type End,
  fixture,
  LIMIT,
  Program,
  run,
} from "./program.ts";

const MODULE = fixture("threads.ts");

async function start(
  t: TestContext,
  nodeFlags: readonly string[] = [],
): Promise<{ step: Program; submit: (...args: string[]) => Promise<End> }> {
  const pipeline = new Program(t, [
    ...["pipeline", MODULE, "--port=0", "--store=memory"],
  ]);
  const [, address] = await pipeline.sees(/requests\W+(tcp:[^\s"]+)/);
  const at = ["--pipeline", address!];
  const args = ["step", MODULE, "--threads=2", ...at];
  const [command, flags] = commandOf(args);
  const step = new Program(t, args, {}, [command, [...nodeFlags, ...flags]]);
  await step.sees(/"square" works/);
  await step.sees(/"fill" works/);
  return {
    step,
    submit: (...args) => run(t, ["submit", ...args, "--wait", ...at]),
  };
}

test(
  "step --threads runs handlers in threads, and drains on SIGTERM",
  LIMIT,
  async (t) => {
    const { step, submit } = await start(t);
    const { code, out } = await submit("square", "7");
    assertEquals([code, JSON.parse(out)], [0, {
      square: 49,
      isInThread: true,
    }]);
    step.kill("SIGTERM");
    const end = await step.ended;
    assertEquals(end.code, 0, end.err);
    assertStringIncludes(end.out, '"square" has stopped');
  },
);

test("a handler that needs too much memory costs its job an attempt", {
  ...LIMIT,
  skip: runtime !== "node" &&
    "only Node ends a thread that is out of memory; the others end the process",
}, async (t) => {
  const { submit } = await start(t, ["--max-old-space-size=150"]);
  const { code, out } = await submit("fill", "null");
  assertEquals([code, out.trim()], [0, "2"]);
});
