/** What a peer can make a pipeline write. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Push } from "@agentzero/agentzero/zmq";
import { test } from "../support/harness.ts";
import { LIMIT, TestPipeline } from "./program.ts";

test(
  "a flood of unreadable messages is a few lines, not one each",
  LIMIT,
  async (t) => {
    const pipeline = await TestPipeline.start(t, [
      "--json",
      "--results",
      "0",
    ]);
    const { results } = JSON.parse(pipeline.program.out.split("\n")[0]!);
    const push = t.use(new Push());
    push.connect(results);
    for (let i = 0; i < 5000; i++) await push.send(`rubbish ${i}`);
    await pipeline.program.sees(/ERR_PIPELINE_INVALID/, "err");
    assertEquals((await pipeline.run("status")).code, 0);
    pipeline.program.kill("SIGTERM");
    const { code, err } = await pipeline.program.ended;
    assertEquals(code, 0);
    const lines = err.trimEnd().split("\n");
    assert(lines.length < 30, `${lines.length} lines`);
    assertMatch(lines[0]!, /"code":"ERR_PIPELINE_INVALID"/);
  },
);
