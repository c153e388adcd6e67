/** `agentzero pipeline --store postgres://…`. */
import { assertEquals, assertMatch } from "@std/assert";
import { eventually, test } from "../support/harness.ts";
import {
  noPostgres,
  postgresServer,
} from "../pipeline/store/postgres_server.ts";
import { steadyPort } from "../support/steady_port.ts";
import { FLOW, Program, run, TestPipeline } from "./program.ts";

const TOKEN = "a-token-that-is-long-enough";

test("a pipeline stores its jobs in PostgreSQL, under its name", {
  skip: noPostgres,
  timeoutMs: 60_000,
}, async (t) => {
  const { url, port } = await postgresServer();
  const secret = url.replace("agentzero@", "agentzero:secret@");
  const first = await TestPipeline.start(t, ["--store", secret]);
  await first.program.sees(new RegExp(`postgres://127.0.0.1:${port}/postgres`));
  await first.run("submit", "greet", '"Ada"', "--id=x");
  first.program.kill("SIGTERM");
  const { code, out, err } = await first.program.ended;
  assertEquals(code, 0, err);
  assertEquals((out + err).includes("secret"), false);
  const second = await TestPipeline.start(t, ["--store", url]);
  assertEquals((await second.json("status", "x")).state, "running");

  const gone = url.replace(String(port), "1");
  const args = ["pipeline", FLOW, "--port=0", "--store", gone];
  const third = await run(t, args);
  assertEquals(third.code, 1);
  assertMatch(
    third.err,
    /^agentzero: ERR_STORE_FAILED: Cannot open the store .*\n$/,
  );
});

test("of two processes one leads: killed or stopped, it is replaced", {
  skip: noPostgres,
  timeoutMs: 120_000,
}, async (t) => {
  const { url } = await postgresServer();
  const [a, b] = [await steadyPort(), await steadyPort()];
  const pipeline = `tcp://127.0.0.1:${a},tcp://127.0.0.1:${b}`;
  const start = (port: number, ...args: string[]) =>
    new Program(t, [
      ...["pipeline", FLOW, "--store", url, "--leader-lease=2s"],
      ...[`--port=${port}`, "--results=0", "--events=0", "--feed=0", ...args],
    ]);
  const ask = async (...args: string[]) => {
    const { code, out, err } = await run(t, [
      ...args,
      ...["--pipeline", pipeline, "--timeout=20s"],
    ]);
    assertEquals(code, 0, err);
    return out;
  };
  const first = start(a);
  await first.sees(/is up/);
  const page = await steadyPort();
  const second = start(b, `--dashboard=${page}`, `--dashboard-token=${TOKEN}`);
  await second.sees(
    new RegExp(`another process leads: tcp://127.0.0.1:${a} `),
    "err",
  );
  const health = async (path: string) => {
    const url = `http://127.0.0.1:${page}/${path}`;
    const response = await fetch(url).catch(() => undefined);
    return `${response?.status} ${(await response?.json())?.status}`;
  };
  await eventually(
    async () => await health("healthz") === "200 standby",
    10_000,
    "the health of the standby",
  );
  assertEquals(await health("readyz"), "503 standby");
  const status = await ask("status");
  assertMatch(status, new RegExp(`leader +tcp://127.0.0.1:${a}\\b`));
  assertMatch(status, new RegExp(`standby +tcp://127.0.0.1:${b}\\b`));
  const step = new Program(t, [
    "step",
    FLOW,
    ...["--step=greet", "--step=shout", "--pipeline", pipeline],
  ]);
  await step.sees(/"shout" works/);
  assertMatch(await ask("submit", "greet", '"Ada"', "--wait"), /ADA/);

  first.kill("SIGKILL");
  await second.sees(/is up/);
  await eventually(
    async () => await health("readyz") === "200 ok",
    20_000,
    "the new leader to be ready",
  );
  assertMatch(await ask("submit", "greet", '"Bob"', "--wait"), /BOB/);

  const third = start(a);
  await third.sees(/another process leads/, "err");
  second.kill("SIGSTOP");
  await third.sees(/is up/);
  assertMatch(await ask("submit", "greet", '"Cyd"', "--wait"), /CYD/);
  second.kill("SIGCONT");
  await second.sees(
    /taken the pipeline over[^]*stands by[^]*another process leads/,
    "err",
  );
  third.kill("SIGTERM");
  assertEquals((await third.ended).code, 0);
  await second.sees(/is up[^]*is up/);
  assertMatch(await ask("submit", "greet", '"Dan"', "--wait"), /DAN/);
});

test("with --shards the processes share the flows", {
  skip: noPostgres,
  timeoutMs: 120_000,
}, async (t) => {
  const url = await (await postgresServer()).createDatabase();
  const token = "a-token-that-is-long-enough";
  const start = () =>
    new Program(t, [
      ...["pipeline", FLOW, "--store", url, "--shards=2", "--port=0"],
      ...["--leader-lease=2s", "--dashboard=0", "--dashboard-token", token],
    ]);
  const addressOf = async (program: Program) =>
    (await program.sees(/requests +(tcp:\S+)/))[1]!;
  const first = start();
  await first.sees(/shard \d is up[^]*shard \d is up/);
  const second = start();
  await second.sees(/shard \d is up/); // its share
  const pipeline = [await addressOf(first), await addressOf(second)].join(",");
  const ask = async (...args: string[]) => {
    const { code, out, err } = await run(t, [
      ...args,
      ...["--pipeline", pipeline, "--timeout=20s"],
    ]);
    assertEquals(code, 0, err);
    return out;
  };
  const step = new Program(t, [
    "step",
    FLOW,
    ...["--step=greet", "--step=shout", "--pipeline", pipeline],
  ]);
  await step.sees(/"shout" works/);
  for (const id of ["a", "b", "c"]) {
    const out = await ask("submit", "greet", '"Ada"', "--wait", `--id=${id}`);
    assertMatch(out, /ADA/);
  }
  const status = await ask("status");
  assertMatch(status, /leader +[01] +tcp:[^]*leader +[01] +tcp:/);
  assertMatch(status, /greet +0 +0 +1 +3 /);
  const jobs = await ask("jobs");
  for (const id of ["a", "b", "c"]) {
    assertMatch(jobs, new RegExp(`^${id}\\b`, "m"));
  }
  for (const program of [first, second]) {
    const [, dashboard] = await program.sees(/dashboard (http:\S+)/);
    const response = await fetch(`${dashboard}api/overview`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { steps } = await response.json();
    assertEquals(steps[0].counts, { completed: 3 });
  }

  first.kill("SIGKILL");
  await second.sees(/shard \d is up[^]*shard \d is up/);
  assertMatch(await ask("submit", "greet", '"Bob"', "--wait"), /BOB/);
  const args = ["pipeline", FLOW, "--port=0", "--shards=3", "--store"];
  const other = await run(t, [...args, url]);
  assertEquals(other.code, 1);
  assertMatch(other.err, /ERR_STORE_SHARDS: .* created with shards: 2, not 3/);
  const file = await run(t, [...args, "jobs.db"]);
  assertEquals(file.code, 2);
  assertMatch(file.err, /--shards needs PostgreSQL/);
});

test("with --one-term a process that was replaced ends with an error", {
  skip: noPostgres,
  timeoutMs: 120_000,
}, async (t) => {
  const { url } = await postgresServer();
  const start = (...args: string[]) =>
    new Program(t, [
      ...["pipeline", FLOW, "--store", url, "--leader-lease=1s", "--port=0"],
      ...args,
    ]);
  const first = start("--one-term");
  await first.sees(/is up/);
  const second = start();
  await second.sees(/another process leads/, "err");
  first.kill("SIGSTOP");
  await second.sees(/is up/);
  first.kill("SIGCONT");
  const { code, err } = await first.ended;
  assertEquals(code, 1);
  assertMatch(
    err,
    /ERR_STORE_FENCED: Another process has taken the pipeline over/,
  );
});
