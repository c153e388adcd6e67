/** A pipeline with a token, and what it says to those without. */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { platform, test } from "../support/harness.ts";
import { FLOW, LIMIT, run, TestPipeline } from "./program.ts";

const SUBMIT = ["submit", "greet", '"Ada"', "--wait", "--timeout=10s"];

test(
  "a pipeline creates its token file, and works for holders of the token",
  LIMIT,
  async (t) => {
    const file = join(await t.tempDir(), "token");
    const pipeline = await TestPipeline.start(t, ["--token-file", file]);
    await pipeline.program.sees(/created a token in ".*token"/, "err");
    await pipeline.program.sees(/key +none: a token/);
    const token = (await readFile(file, "utf8")).trimEnd();
    assertMatch(token, /^[\w-]{43}$/);
    if (platform !== "windows") {
      assertEquals((await stat(file)).mode & 0o777, 0o600);
    }
    await pipeline.steps(["greet", "shout"], "--token-file", file);

    const byFile = await pipeline.run(...SUBMIT, "--token-file", file);
    assertEquals([byFile.code, byFile.out, byFile.err], [
      0,
      '"HELLO, ADA"\n',
      "",
    ]);
    const at = ["--pipeline", pipeline.address];
    const env = { AGENTZERO_TOKEN: token };
    const byVariable = await run(t, [...SUBMIT, ...at], { env });
    assertEquals([byVariable.code, byVariable.out], [0, '"HELLO, ADA"\n']);

    const [none, wrong, step] = await Promise.all([
      pipeline.run(...SUBMIT),
      run(t, [...SUBMIT, ...at], { env: { AGENTZERO_TOKEN: `${token}x` } }),
      pipeline.run("step", FLOW, "--timeout=10s"),
    ]);
    for (const { code, out } of [none, wrong, step]) {
      assertEquals([code, out], [3, ""]);
    }
    for (const { err } of [none, step]) {
      assertMatch(
        err,
        /ERR_PIPELINE_REFUSED: .*--token-file or AGENTZERO_TOKEN/,
      );
    }
    assertMatch(wrong.err, /ERR_PIPELINE_REFUSED: .*this key or token\n$/);
    assertEquals(wrong.err.includes(token), false);

    // Started again, it has the token that the file has.
    pipeline.program.kill("SIGTERM");
    assertEquals((await pipeline.program.ended).code, 0);
    await TestPipeline.start(t, ["--token-file", file]);
    assertEquals((await readFile(file, "utf8")).trimEnd(), token);
  },
);

test("two pipelines make different tokens", LIMIT, async (t) => {
  const dir = await t.tempDir();
  const tokens = await Promise.all(["a", "b"].map(async (name) => {
    const file = join(dir, name);
    await TestPipeline.start(t, ["--token-file", file]);
    return await readFile(file, "utf8");
  }));
  assertNotEquals(tokens[0], tokens[1]);
});

test(
  "a file without a token, or that others can read, is refused",
  LIMIT,
  async (t) => {
    const file = join(await t.tempDir(), "token");
    const status = [
      "status",
      "--timeout=100ms",
      "--pipeline=tcp://127.0.0.1:1",
    ];
    const withFile = [...status, "--token-file", file];
    const missing = await run(t, withFile);
    assertEquals(missing.code, 1);
    assertMatch(
      missing.err,
      /ERR_CLI_FILE: Cannot read ".*token": no such file/,
    );
    await writeFile(file, "too short\n", { mode: 0o600 });
    const malformed = await run(t, withFile);
    assertEquals(malformed.code, 1);
    assertMatch(malformed.err, /ERR_CLI_FILE: .*expected a token of 16 to 255/);
    await writeFile(file, "0123456789abcdef\n");
    await chmod(file, 0o644);
    const open = await run(t, withFile);
    assertEquals(open.code, 3);
    if (platform !== "windows") {
      assertMatch(
        open.err,
        /warning: ".*token" holds a token and can be read by other users: chmod 600/,
      );
    }
  },
);

test(
  "a token is for loopback, and not together with keys",
  LIMIT,
  async (t) => {
    const dir = await t.tempDir();
    const keys = join(dir, "own");
    assertEquals((await run(t, ["keygen", "--out", keys])).code, 0);
    const env = { AGENTZERO_TOKEN: "0123456789abcdef" };
    const [far, listening, both, wide] = await Promise.all([
      run(t, ["status", "--pipeline=tcp://pipeline.example:7450"], { env }),
      run(t, ["pipeline", FLOW, "--port=0", "--host=0.0.0.0", "--insecure"], {
        env,
      }),
      run(t, ["pipeline", FLOW, "--port=0", "--keys", keys], { env }),
      run(t, ["status", "--server-key", `${keys}.pub`], { env }),
    ]);
    for (const { err } of [far, listening]) {
      assertMatch(err, /ERR_PIPELINE_INSECURE: A token is for loopback only/);
    }
    for (const { err } of [both, wide]) {
      assertMatch(
        err,
        /ERR_PIPELINE_INVALID: --token-file \(or AGENTZERO_TOKEN\) and .* exclude/,
      );
    }
  },
);
