/** `agentzero submit` of many lines. */
import { assertEquals, assertMatch } from "@std/assert";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { linesOf } from "../../src/cli/lines.ts";
import { test } from "../support/harness.ts";
import { fixture, LIMIT, Program, run, TestPipeline } from "./program.ts";

const encoder = new TextEncoder();

async function linesIn(
  text: string,
  size: number,
): Promise<[number, string][]> {
  const bytes = encoder.encode(text);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) {
      yield await Promise.resolve(bytes.subarray(at, at + size));
    }
  }
  const found: [number, string][] = [];
  for await (const { number, bytes } of linesOf(chunks())) {
    found.push([number, new TextDecoder().decode(bytes)]);
  }
  return found;
}

test("lines are the same, however their bytes are split", async () => {
  const text = '\ufeff1\r\n\n  \n"ü€🚀" \n{"a":\t1}\r\nlast';
  for (const size of [1, 2, 3, 5, 100]) {
    assertEquals(await linesIn(text, size), [
      [1, "1"],
      [4, '"ü€🚀"'],
      [5, '{"a":\t1}'],
      [6, "last"],
    ], String(size));
  }
  assertEquals(await linesIn("", 1), []);
  assertEquals(await linesIn("\n\n", 1), []);
  assertEquals(await linesIn("1\n", 1), [[1, "1"]]);
});

test(
  "each line of stdin is a flow; failing ones are named, and do not stop others",
  LIMIT,
  async (t) => {
    const pipeline = await TestPipeline.start(t);
    const all = Array.from({ length: 200 }, (_, i) => `"n${i + 1}"`);
    all[2] = "nonsense";
    all[150] = "";
    all[199] = '{"half":';
    const submit = pipeline.start(
      "submit",
      "greet",
      "--lines",
      "--id=batch",
      "--json",
    );
    submit.feed(all.join("\n"));
    const { code, out, err } = await submit.ended;
    assertEquals(code, 1);
    const lines = out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(
      lines.map(({ line }) => line),
      all.map((_, i) => i + 1).filter((n) => ![3, 151, 200].includes(n)),
    );
    assertEquals(lines[3], { line: 5, id: "batch-5" });
    const reports = err.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(
      reports.map(({ error, event }) => event ?? [error.code, error.line]),
      [
        ["ERR_CLI_USAGE", 3],
        ["ERR_CLI_USAGE", 200],
        "submitted",
        ["ERR_CLI_LINES", undefined],
      ],
    );
    assertEquals([reports[2].count, reports[2].failed], [197, 2]);
    assertEquals(reports[3].error.message, "2 lines failed: 3, 200");
    assertMatch((await pipeline.run("status")).out, /^greet +197 +0 /m);

    const again = pipeline.start(
      "submit",
      "greet",
      "-",
      "--lines",
      "--id=batch",
    );
    again.feed('"n1"\r\n"n2"\r\n');
    const end = await again.ended;
    assertEquals([end.code, end.out], [0, "batch-1\nbatch-2\n"]);
    assertEquals(end.err, "submitted 2 flows\n");
    assertMatch((await pipeline.run("status")).out, /^greet +197 +0 /m);
  },
);

test(
  "each line of a file is a flow, and with --wait prints its result",
  LIMIT,
  async (t) => {
    const pipeline = await TestPipeline.start(t);
    await pipeline.steps(["greet", "shout", "fail"]);
    const file = join(await t.tempDir(), "jobs.ndjson");
    await writeFile(file, '"Ada"\n"Bo"\n');
    const results = await pipeline.run(
      "submit",
      "greet",
      "--file",
      file,
      "--wait",
      "--concurrency=1",
    );
    assertEquals([results.code, results.out], [
      0,
      '"HELLO, ADA"\n"HELLO, BO"\n',
    ]);
    const failing = await pipeline.run(
      "submit",
      "fail",
      `@${file}`,
      "--lines",
      "--wait",
    );
    assertEquals([failing.code, failing.out], [1, ""]);
    assertMatch(failing.err, /^agentzero: line 1: ERR_PIPELINE_FAILED: .*Ada/);
    assertMatch(
      failing.err,
      /\nsubmitted 2 flows; 2 lines failed\nagentzero: ERR_CLI_LINES: 2 lines failed: 1, 2\n$/,
    );
    const gone = await pipeline.run("submit", "greet", "--file", `${file}x`);
    assertEquals([gone.code, gone.out], [1, ""]);
    assertMatch(gone.err, /ERR_CLI_FILE: Cannot read ".*x": no such file/);
  },
);

test("lines wait for a pipeline that is full", LIMIT, async (t) => {
  const module = fixture("small.ts");
  const program = new Program(t, ["pipeline", module, "--port=0"]);
  const [, at] = await program.sees(/requests +(tcp:\S+)/);
  const where = ["--pipeline", at!];
  const submit = new Program(t, [
    "submit",
    "double",
    "--lines",
    "--wait",
    ...where,
  ]);
  submit.feed("1\n2\n3\n4\n5\n");
  await submit.sees(/^the pipeline is full; waiting$/m, "err");
  const step = new Program(t, ["step", module, ...where]);
  const { code, out, err } = await submit.ended;
  assertEquals([code, out], [0, "2\n4\n6\n8\n10\n"]);
  assertEquals(err, "the pipeline is full; waiting\nsubmitted 5 flows\n");
  step.kill("SIGTERM");
  await step.ended;
});

test(
  "without an answer, lines that may have been accepted are listed with their ids",
  LIMIT,
  async (t) => {
    const args = [
      "submit",
      "greet",
      "--lines",
      "--concurrency=2",
      "--id=b",
      "--pipeline=tcp://127.0.0.1:1",
      "--timeout=200ms",
    ];
    const { code, out, err } = await run(t, args, { stdin: "1\n2\n3\n4\n5\n" });
    assertEquals([code, out], [3, ""]);
    assertMatch(
      err,
      /^agentzero: line 1: ERR_PIPELINE_TIMEOUT: .*; it may have been accepted anyway, with the id b-1$/m,
    );
    assertMatch(
      err,
      /^submitted 0 flows; 2 lines failed; lines after 2 were not submitted$/m,
    );
    assertMatch(
      err,
      /\nagentzero: ERR_PIPELINE_TIMEOUT: No pipeline answers at "tcp:\/\/127\.0\.0\.1:1" within 200ms: connection refused\n$/,
    );
  },
);

test(
  "a file of lines where one value was expected says so, and the other way round",
  LIMIT,
  async (t) => {
    const wrong: [args: string[], message: RegExp][] = [
      [["-"], /to submit each line as a flow, use --lines\n$/],
      [["--lines", "--key=k"], /--key is for one flow/],
      [["1", "--lines"], /payloads are read from stdin or from @file/],
      [["1", "--file=x"], /With --file, give no payload/],
      [["1", "--concurrency=2"], /--concurrency is for --lines and --file/],
    ];
    for (const [args, message] of wrong) {
      const { code, err } = await run(t, ["submit", "greet", ...args], {
        stdin: "1\n2\n",
      });
      assertEquals(code, 2, err);
      assertMatch(err, message);
    }
  },
);
