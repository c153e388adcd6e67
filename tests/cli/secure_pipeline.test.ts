/** A pipeline with keys, and what it says to those without. */
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { test } from "../support/harness.ts";
import { FLOW, LIMIT, run, TestPipeline } from "./program.ts";

test(
  "a protected pipeline works for those it allows, and refuses others",
  LIMIT,
  async (t) => {
    const dir = await t.tempDir();
    const [own, friend, other] = ["own", "friend", "other"].map((name) =>
      join(dir, name)
    ) as [string, string, string];
    for (const file of [own, friend, other]) {
      assertEquals((await run(t, ["keygen", "--out", file])).code, 0);
    }
    const pipeline = await TestPipeline.start(t, [
      ...["--keys", own, "--allow", `${friend}.pub`],
    ]);
    const known = ["--server-key", `${own}.pub`];
    await pipeline.steps(["greet", "shout"], "--keys", friend, ...known);

    const submit = ["submit", "greet", '"Ada"', "--wait", "--timeout=5s"];
    const let_in = await pipeline.run(...submit, "--keys", friend, ...known);
    assertEquals([let_in.code, let_in.out, let_in.err], [
      0,
      '"HELLO, ADA"\n',
      "",
    ]);

    const refused = await pipeline.run(...submit, "--keys", other, ...known);
    assertEquals([refused.code, refused.out], [3, ""]);
    assertMatch(refused.err, /^agentzero: ERR_PIPELINE_REFUSED: .*\n$/);

    const clear = await pipeline.run("status", "--timeout=500ms");
    assertEquals(clear.code, 3);
    assertMatch(
      clear.err,
      /^agentzero: ERR_PIPELINE_REFUSED: .*wants the mechanism "CURVE".*use --server-key, .*\n$/,
    );
    const step = await pipeline.run("step", FLOW, "--timeout=500ms");
    assertEquals(step.code, 3);
    assertMatch(step.err, /ERR_PIPELINE_REFUSED: .*"CURVE".*use --server-key/);
  },
);
