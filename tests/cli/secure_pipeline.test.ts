/** A pipeline with keys, and what it says to those without. */
import { assertEquals, assertMatch } from "@std/assert";
import { copyFile, mkdir } from "node:fs/promises";
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
    const accepted = await pipeline.run(...submit, "--keys", friend, ...known);
    assertEquals([accepted.code, accepted.out, accepted.err], [
      0,
      '"HELLO, ADA"\n',
      "",
    ]);

    const refused = await pipeline.run(...submit, "--keys", other, ...known);
    assertEquals([refused.code, refused.out], [3, ""]);
    assertMatch(refused.err, /^agentzero: ERR_PIPELINE_REFUSED: .*\n$/);

    const clear = await pipeline.run("status", "--timeout=10s");
    assertEquals(clear.code, 3);
    assertMatch(
      clear.err,
      /^agentzero: ERR_PIPELINE_REFUSED: .*the mechanism "CURVE".*use --server-key, .*\n$/,
    );
    const step = await pipeline.run("step", FLOW, "--timeout=10s");
    assertEquals(step.code, 3);
    assertMatch(step.err, /ERR_PIPELINE_REFUSED: .*"CURVE".*use --server-key/);
  },
);

test("keys have roles, from files and folders", LIMIT, async (t) => {
  const dir = await t.tempDir();
  const file = (name: string) => join(dir, name);
  const names = ["own", "client", "worker", "operator", "other"];
  await Promise.all(names.map(async (name) => {
    const { code } = await run(t, ["keygen", "--out", file(name)]);
    assertEquals(code, 0);
  }));
  await mkdir(file("operators"));
  await copyFile(file("operator.pub"), join(file("operators"), "a.pub"));
  await copyFile(file("client.pub"), join(file("operators"), "b.pub"));
  const pipeline = await TestPipeline.start(t, [
    ...["--keys", file("own")],
    ...["--allow-clients", `${file("client")}.pub`],
    ...["--allow-workers", `${file("worker")}.pub`],
    ...["--allow-operators", file("operators")],
  ]);
  const as = (name: string) => [
    ...["--keys", file(name), "--server-key", `${file("own")}.pub`],
    "--timeout=10s",
  ];
  await pipeline.steps(["greet", "shout"], ...as("worker"));
  const submit = ["submit", "greet", '"Ada"'];
  const done = await pipeline.run(...submit, "--wait", ...as("client"));
  assertEquals([done.code, done.out], [0, '"HELLO, ADA"\n']);
  const attempts: [args: string[], name: string, outcome: number | RegExp][] = [
    [submit, "worker", /FORBIDDEN: The request "submit" needs the role client/],
    [submit, "operator", /FORBIDDEN: .*this key has operator\n/],
    [["pause"], "worker", /FORBIDDEN: .*needs the role operator/],
    [["logs"], "worker", /FORBIDDEN: .*client or operator/],
    [["status"], "operator", 0],
    [["pause"], "operator", 0],
    [["resume"], "client", 0], // it is in two lists
    [["step", FLOW], "operator", /FORBIDDEN: .*needs the role worker/],
    [["status"], "other", /ERR_PIPELINE_REFUSED: /],
  ];
  await Promise.all(attempts.map(async ([args, name, outcome]) => {
    const { code, err } = await pipeline.run(...args, ...as(name));
    if (outcome === 0) return assertEquals([args, code, err], [args, 0, ""]);
    assertEquals([args, code], [args, 3]);
    assertMatch(err, outcome as RegExp);
  }));
});

test("roles need keys", LIMIT, async (t) => {
  const { code, err } = await run(t, [
    ...["pipeline", FLOW, "--port=0", "--allow-workers", "x"],
  ]);
  assertEquals(code, 2);
  assertMatch(err, /--allow-workers and --allow-operators need --keys/);
});
