/** The commands about pipelines: each against a pipeline in a process of its own. */
import { assertEquals, assertMatch } from "@std/assert";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { noSqlite } from "../pipeline/store/sqlite_support.ts";
import { runtime, test } from "../support/harness.ts";
import {
  activeJob,
  BIN,
  FLOW,
  inTerminal,
  LIMIT,
  noTerminal,
  Program,
  run,
  TestPipeline,
} from "./program.ts";

test("submit prints the id, or waits for the result", LIMIT, async (t) => {
  const pipeline = await TestPipeline.start(t);
  await pipeline.steps(["greet", "shout"]);

  const { code, out, err } = await pipeline.run(
    "submit",
    "greet",
    '"Ada"',
    "--wait",
  );
  assertEquals([code, out, err], [0, '"HELLO, ADA"\n', ""]);

  const id = await pipeline.run("submit", "greet", '"Bo"', "--id", "mine");
  assertEquals(id.out, "mine\n");
  assertEquals(
    await pipeline.json("submit", "greet", '"Cy"', "--id=mine", "--wait"),
    { id: "mine", state: "completed", result: "HELLO, BO" },
  );

  const file = join(await t.tempDir(), "name.json");
  await writeFile(file, '"Di"');
  const fromFile = await pipeline.run("submit", "greet", `@${file}`, "--wait");
  assertEquals(fromFile.out, '"HELLO, DI"\n');

  const piped = pipeline.start("submit", "greet", "-", "--wait");
  piped.feed('"Ed"');
  assertEquals((await piped.ended).out, '"HELLO, ED"\n');
});

test(
  "a failed flow exits with 1 and its message in one line; retry retries it",
  LIMIT,
  async (t) => {
    const pipeline = await TestPipeline.start(t);
    await pipeline.steps(["fail"]);
    const why = JSON.stringify("oh no\n\x1b[31mred");
    const { code, out, err } = await pipeline.run(
      "submit",
      "fail",
      why,
      "--id=x",
      "--wait",
    );
    assertEquals([code, out], [1, ""]);
    assertEquals(
      err,
      'agentzero: ERR_PIPELINE_FAILED: The flow "x" failed at "fail" (x, 1 attempt): oh no \\x1b[31mred\n',
    );
    assertEquals(await pipeline.json("retry", "x"), { id: "x", count: 1 });
    const again = await pipeline.run("retry", "nonsense");
    assertEquals([again.code, again.out], [1, ""]);
    assertMatch(again.err, /^agentzero: ERR_PIPELINE_UNKNOWN: .*"nonsense"\n$/);
    const unknown = await pipeline.run("submit", "nonsense");
    assertEquals(unknown.code, 1);
    assertMatch(
      unknown.err,
      /^agentzero: ERR_PIPELINE_UNKNOWN: .* "nonsense"; the pipeline has "greet"/,
    );
  },
);

test(
  "status shows the pipeline, or a flow with its jobs and what happened",
  LIMIT,
  async (t) => {
    const pipeline = await TestPipeline.start(t);
    await pipeline.steps(["greet", "shout"]);
    await pipeline.run("submit", "greet", '"Ada"', "--id=x", "--wait");

    const { out } = await pipeline.run("status");
    assertMatch(
      out,
      /^pipeline "test" at tcp:\/\/127\.0\.0\.1:\d+\nflows: greet, fail,/,
    );
    assertMatch(out, /^greet +0 +0 +1 +1 +0$/m);
    assertMatch(out, /^\S+ +shout +0\/1 +\w+ [\d.]+ .* working$/m);
    const stats = await pipeline.json("status");
    assertEquals((stats.workers as unknown[]).length, 2);

    const flow = await pipeline.run("status", "x");
    assertMatch(
      flow.out,
      /^flow x \(greet\): completed after .*\nresult: "HELLO, ADA"\n/,
    );
    assertMatch(flow.out, /^x\.1 +shout +completed +1 /m);
    assertMatch(flow.out, /^[\d-]+T[\d:.]+Z +x\.1 +completed +1$/m);
    const view = await pipeline.json("status", "x", "--limit=1");
    assertEquals([view.state, view.leftOut], ["completed", 1]);
    assertEquals((view.jobs as unknown[]).length, 1);
  },
);

test(
  "pause stops jobs from starting, resume lets them start, cancel ends them",
  LIMIT,
  async (t) => {
    const pipeline = await TestPipeline.start(t);
    await pipeline.steps(["greet", "shout"]);
    assertEquals(
      (await pipeline.run("pause", "greet")).out,
      '"greet": paused\n',
    );
    await pipeline.run("submit", "greet", '"Ada"', "--id=x");
    await pipeline.run("submit", "greet", '"Bo"', "--id=y");
    assertMatch((await pipeline.run("status")).out, /^greet +2 +0 .*paused$/m);
    const late = await pipeline.run(
      "submit",
      "greet",
      "--id=x",
      "--wait",
      "--timeout=300ms",
    );
    assertEquals(late.code, 3);
    assertMatch(
      late.err,
      /ERR_PIPELINE_TIMEOUT: Timed out waiting for flow "x"\n$/,
    );

    assertEquals((await pipeline.run("cancel", "y")).out, "y is cancelled\n");
    assertEquals(await pipeline.json("resume"), {
      jobType: null,
      paused: false,
    });
    const x = await pipeline.run("submit", "greet", "--id=x", "--wait");
    assertEquals(x.out, '"HELLO, ADA"\n');
    const y = await pipeline.run("submit", "greet", "--id=y", "--wait");
    assertEquals(y.code, 1);
    assertMatch(y.err, /ERR_PIPELINE_CANCELLED/);
  },
);

test("promote, priority and remove act on what waits", LIMIT, async (t) => {
  const pipeline = await TestPipeline.start(t);
  await pipeline.run(
    ...["submit", "greet", '"Ada"', "--id=x", "--delay=1h"],
    ...["--attempts=2", "--retry-delay=5s", "--backoff=fixed"],
  );
  const { out } = await pipeline.run("priority", "x", "5");
  assertEquals(out, "x has priority 5\n");
  const promoted = await pipeline.run("promote", "x");
  assertEquals(promoted.out, "promoted 1 job\n");
  const [job] = (await pipeline.json("status", "x")).jobs as {
    state: string;
    priority: number;
  }[];
  assertEquals([job!.state, job!.priority], ["waiting", 5]);
  const again = await pipeline.run("promote", "x");
  assertEquals(again.code, 1);
  assertMatch(again.err, /ERR_PIPELINE_STATE: .* it is not delayed/);
  await pipeline.run("submit", "greet", '"Bo"', "--id=y");
  const removed = await pipeline.run("remove", "x", "y");
  assertEquals(removed.out, "x is removed\ny is removed\n");
  assertEquals((await pipeline.run("jobs")).out, "no jobs\n");
});

test("schedule adds, lists and removes", LIMIT, async (t) => {
  const pipeline = await TestPipeline.start(t);
  const added = await pipeline.run(
    ...["schedule", "add", "early", "greet", '"Ada"'],
    ...["--cron", "2099-01-01T00:00:00Z"],
  );
  assertEquals(added.out, "next: 2099-01-01T00:00:00.000Z\n");
  const { out } = await pipeline.run("schedule", "list");
  assertMatch(out, /^early +greet +2099-01-01T00:00:00Z +2099.* "Ada"$/m);
  await pipeline.run("schedule", "pause", "early");
  assertMatch((await pipeline.run("schedule", "list")).out, / paused /);
  assertEquals(await pipeline.json("schedule", "resume", "early"), {
    id: "early",
    paused: false,
  });
  assertEquals((await pipeline.run("schedule", "remove", "early")).code, 0);
  assertEquals(await pipeline.json("schedule", "list"), { schedules: [] });
  const bad = await pipeline.run(
    "schedule",
    "add",
    "x",
    "greet",
    "--cron=nonsense",
  );
  assertEquals(bad.code, 1);
  assertMatch(bad.err, /^agentzero: ERR_PIPELINE_INVALID: .*nonsense/);
});

test("logs prints what steps log, by level, type and job", LIMIT, async (t) => {
  const pipeline = await TestPipeline.start(t);
  await pipeline.steps(["chat"]);
  await pipeline.run("submit", "chat", '"Ada"', "--id=x");
  const all = pipeline.start("logs");
  const some = pipeline.start(
    "logs",
    "--level=warning",
    "--type=chat",
    "--job=x",
    "--json",
  );
  const none = pipeline.start("logs", "--job=y");
  await all.sees(/^[\d-]+T[\d:.]+Z DEBUG +chat x a detail$/m);
  await all.sees(/WARNING +chat x Ada says\\nhello$/m);
  await some.sees(/\n.*\n/);
  for (const logs of [all, some]) {
    logs.kill("SIGINT");
    assertEquals([(await logs.ended).code, logs.err], [0, ""]);
  }
  for (const line of some.out.trimEnd().split("\n")) {
    const { level, msg, args, jobId } = JSON.parse(line);
    assertEquals([level, msg, args, jobId], [
      30,
      "Ada says\nhello",
      ["Ada"],
      "x",
    ]);
  }
  assertEquals(none.out, "");
  const kept = ["logs", "--kept", "--job=x", "--level=warning"];
  const { code, out } = await pipeline.run(...kept);
  assertEquals(code, 0);
  assertMatch(out, /^([\d-]+T[\d:.]+Z WARNING +chat x Ada says\\nhello\n)+$/);
  assertEquals((await pipeline.run("logs", "--kept")).code, 2);
});

test("top prints a line for each step, and rates", LIMIT, async (t) => {
  const pipeline = await TestPipeline.start(t);
  await pipeline.steps(["greet", "shout"]);
  const top = pipeline.start("top", "--interval=50ms");
  await top.sees(/Z greet: 0 waiting, 0 running, 0\.0 per second, 1 worker$/m);
  await pipeline.run("submit", "greet", '"Ada"', "--wait");
  await top.sees(
    /Z shout: 0 waiting, 0 running, [1-9]\d*\.\d per second, 1 worker$/m,
  );
  top.kill("SIGTERM");
  assertEquals([(await top.ended).code, top.err], [0, ""]);
  const { out } = await pipeline.run(
    "top",
    "--count=2",
    "--interval=10ms",
    "--json",
  );
  const looks = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(looks.map(({ perSecond }) => perSecond.greet), [0, 0]);
});

test("top redraws in a terminal", { ...LIMIT, skip: noTerminal }, async (t) => {
  const pipeline = await TestPipeline.start(t);
  const [command, args] = inTerminal([
    ...["top", "--count=2", "--interval=10ms", "--pipeline", pipeline.address],
  ]);
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  assertEquals(status, 0, stdout);
  // deno-lint-ignore no-control-regex -- the control sequences are the point
  const screens = stdout.split(/\x1b\[H\x1b\[J/);
  assertEquals(screens.length, 3);
  assertMatch(screens[2]!, /^tcp:.*\r\n\r\nSTEP +WAITING .*PER SECOND/);
});

test("drain makes workers leave", LIMIT, async (t) => {
  const pipeline = await TestPipeline.start(t);
  const steps = await pipeline.steps(["greet", "shout"]);
  assertEquals(await pipeline.json("drain", "greet"), { count: 1 });
  await steps.sees(/^step "greet" has stopped$/m);
  assertEquals(
    (await pipeline.run("drain", "--all")).out,
    "draining 1 worker\n",
  );
  const { code, out } = await steps.ended;
  assertEquals(code, 0);
  assertMatch(out, /^step "shout" has stopped\n$/m);
});

test("a step finishes its jobs after a signal", LIMIT, async (t) => {
  const pipeline = await TestPipeline.start(t);
  const step = await pipeline.steps(["hold"]);
  const file = join(await t.tempDir(), "now");
  await pipeline.run("submit", "hold", JSON.stringify(file), "--id=x");
  await activeJob(pipeline, "x");
  step.kill("SIGTERM");
  await step.sees(/^1 job may take 25s to finish/m, "err");
  await writeFile(file, "");
  assertEquals((await step.ended).code, 0);
  const { result } = await pipeline.json("submit", "hold", "--id=x", "--wait");
  assertEquals(result, "held");
});

test("a second signal makes a step return its jobs", LIMIT, async (t) => {
  const pipeline = await TestPipeline.start(t);
  const step = await pipeline.steps(["chat"]);
  await pipeline.run("submit", "chat", '"Ada"', "--id=x");
  await activeJob(pipeline, "x");
  step.kill("SIGTERM");
  await step.sees(/may take 25s to finish/, "err");
  step.kill("SIGINT");
  assertEquals((await step.ended).code, 0);
  const { jobs } = await pipeline.json("status", "x");
  assertEquals((jobs as { state: string }[])[0]!.state, "waiting");
});

test(
  "a step gives up a pipeline that it does not find after --timeout",
  LIMIT,
  async (t) => {
    const { code, err } = await run(t, [
      ...[
        "step",
        FLOW,
        "--pipeline",
        "tcp://127.0.0.1:1",
        "--timeout",
        "200ms",
      ],
    ]);
    assertEquals(code, 3);
    assertMatch(
      err,
      /\nagentzero: ERR_CLI_TIMEOUT: No pipeline answers at "tcp:\/\/127\.0\.0\.1:1" within 200ms: connection refused\n$/,
    );
  },
);

test("a pipeline closes in order, and reports it", LIMIT, async (t) => {
  const { program } = await TestPipeline.start(t);
  program.kill("SIGTERM");
  const { code, out, err } = await program.ended;
  assertEquals([code, err], [0, ""]);
  assertMatch(
    out,
    /^pipeline "test" is up\n(?: {2}\w+ +\S.*\n)+pipeline "test" is closed\n$/,
  );
});

test("a pipeline backs up its store periodically", {
  ...LIMIT,
  skip: noSqlite,
}, async (t) => {
  const dir = await t.tempDir();
  const [jobs, copy] = [join(dir, "jobs.db"), join(dir, "copy.db")];
  const start = (...args: string[]) =>
    new Program(t, ["pipeline", FLOW, "--port=0", ...args]);
  const program = start(
    ...["--store", jobs, "--backup", copy, "--backup-every", "50ms", "--json"],
  );
  await program.sees(/("backup".*\n[^]*){3}/, "err");
  program.kill("SIGTERM");
  assertEquals((await program.ended).code, 0);
  const second = start("--store", copy);
  await second.sees(/is up/);
  second.kill("SIGTERM");
  assertEquals((await second.ended).code, 0);

  const { code, err } = await start("--backup", copy).ended;
  assertEquals([code, err], [
    2,
    "agentzero: ERR_CLI_USAGE: --backup needs a store in a file: add --store <file>\n",
  ]);
});

test(
  "a pipeline prints its addresses as JSON, one value a line",
  LIMIT,
  async (t) => {
    const program = new Program(t, ["pipeline", FLOW, "--port=0", "--json"]);
    const [line] = await program.sees(/.*\n/);
    const { event, name, requests, flows, store } = JSON.parse(line);
    assertEquals([event, name, store], ["listening", "test", "memory"]);
    assertEquals(flows, ["greet", "fail", "chat", "hold"]);
    assertMatch(requests, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
    program.kill("SIGINT");
    const { code, out } = await program.ended;
    assertEquals(code, 0);
    assertEquals(JSON.parse(out.trimEnd().split("\n")[1]!), {
      event: "closed",
      name: "test",
    });
  },
);

test(
  "a pipeline is not open to other machines without keys",
  LIMIT,
  async (t) => {
    const { code, err } = await run(t, [
      "pipeline",
      FLOW,
      "--host=0.0.0.0",
      "--port=0",
    ]);
    assertEquals(code, 1);
    assertMatch(err, /^agentzero: ERR_PIPELINE_INSECURE: .*\n$/);
  },
);

test(
  "jobs in a file survive the pipeline, where the runtime has SQLite",
  LIMIT,
  async (t) => {
    const file = join(await t.tempDir(), "jobs.db");
    if (!await hasSqlite()) {
      const { code, err } = await run(t, [
        "pipeline",
        FLOW,
        "--port=0",
        "--store",
        file,
      ]);
      assertEquals(code, 1);
      assertMatch(err, /^agentzero: ERR_STORE_UNSUPPORTED: .*\n$/);
      return;
    }
    const first = await TestPipeline.start(t, ["--store", file]);
    await first.run("submit", "greet", '"Ada"', "--id=x");
    first.program.kill("SIGTERM");
    assertEquals((await first.program.ended).code, 0);
    const second = await TestPipeline.start(t, ["--store", file]);
    assertEquals((await second.json("status", "x")).state, "running");
    const third = await run(t, ["pipeline", FLOW, "--port=0", "--store", file]);
    assertEquals(third.code, 1);
    assertMatch(third.err, /^agentzero: ERR_STORE_LOCKED: .*\n$/);
  },
);

test("a missing or invalid module is reported", LIMIT, async (t) => {
  const dir = await t.tempDir();
  const files = {
    "none.mjs": "export const nothing = 1;",
    "broken.mjs": "export default {",
    "throws.mjs": "throw new Error('not today');",
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(dir, name), text);
  }
  const ends: [args: string[], message: RegExp][] = [
    [["pipeline", join(dir, "gone.mjs")], /gone\.mjs": no such file\n$/],
    [
      ["pipeline", join(dir, "none.mjs")],
      /exports nothing as default: expected/,
    ],
    [["step", join(dir, "none.mjs")], /exports no step\n$/],
    [["step", FLOW, "--step=nonsense"], /has no step "nonsense"; it has "/],
    [["pipeline", join(dir, "broken.mjs")], /Cannot load ".*broken\.mjs": /],
    [
      ["step", join(dir, "throws.mjs")],
      /Cannot load ".*throws\.mjs": not today\n$/,
    ],
  ];
  for (const [args, message] of ends) {
    const { code, err } = await run(t, args);
    assertEquals(code, 1, err);
    assertMatch(err, /^agentzero: ERR_CLI_MODULE: .*\n$/);
    assertMatch(err, message);
  }
});

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const noOldNode = runtime !== "node" || !BIN.endsWith(".js")
  ? "only the npm package runs on Node without a loader"
  : major > 22 || (major === 22 && minor >= 18)
  ? "this Node reads TypeScript"
  : false;

test("on an old Node it says what a module in TypeScript needs", {
  ...LIMIT,
  skip: noOldNode,
}, () => {
  const module = fileURLToPath(new URL("./fixtures/flow.ts", import.meta.url));
  const args = [BIN, "step", module];
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
  });
  assertEquals(status, 1);
  assertMatch(
    stderr,
    /^agentzero: ERR_CLI_MODULE: .* from 22\.18 on, .*npm install tsx.*\n$/,
  );
});

async function hasSqlite(): Promise<boolean> {
  const specifier = "node:sqlite"; // a variable: where it is absent, no type checker knows it
  return await import(specifier).then(() => true, () => false);
}
