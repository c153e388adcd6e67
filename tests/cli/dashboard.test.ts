/** `agentzero pipeline --dashboard`, and what a pipeline warns of. */
import { assertEquals, assertMatch } from "@std/assert";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { noSqlite } from "../pipeline/store/sqlite_support.ts";
import { test, type TestContext } from "../support/harness.ts";
import { steadyPort } from "../support/steady_port.ts";
import { FLOW, LIMIT, Program, run } from "./program.ts";

const TOKEN = "a-secret-of-the-test";

/** Starts a pipeline; gives what it says when it is up. */
async function start(
  t: TestContext,
  args: readonly string[],
  env?: Record<string, string>,
): Promise<{ program: Program; up: Record<string, string> }> {
  const program = new Program(t, [
    ...["pipeline", FLOW, "--port=0", "--json", ...args],
  ], env);
  const [line] = await program.sees(/.*\n/);
  return { program, up: JSON.parse(line) };
}

test(
  "a pipeline serves its dashboard to holders of the link",
  LIMIT,
  async (t) => {
    const { program, up } = await start(t, [
      "--store=memory",
      "--dashboard",
      "0",
    ]);
    const url = new URL(up.dashboard!);
    assertEquals(url.hostname, "127.0.0.1");
    assertMatch(url.searchParams.get("token")!, /^[\w-]{32}$/);
    const opened = await fetch(url, { redirect: "manual" });
    await opened.body?.cancel();
    assertEquals([opened.status, opened.headers.has("set-cookie")], [
      303,
      true,
    ]);
    assertEquals(await statusOf(new URL("/healthz", url)), 200);
    assertEquals(await statusOf(new URL("/api/overview", url)), 401);
    program.kill("SIGTERM");
    assertEquals((await program.ended).code, 0);
  },
);

test(
  "a custom token comes from the environment, and is not printed",
  LIMIT,
  async (t) => {
    const env = { AGENTZERO_DASHBOARD_TOKEN: TOKEN };
    const { program, up } = await start(
      t,
      ["--store=memory", "--dashboard=0"],
      env,
    );
    const { origin, search } = new URL(up.dashboard!);
    assertEquals(search, "");
    const headers = { authorization: `Bearer ${TOKEN}` };
    assertEquals(await statusOf(`${origin}/api/overview`, { headers }), 200);
    program.kill("SIGTERM");
    const { code, out, err } = await program.ended;
    assertEquals([code, err, out.includes(TOKEN)], [0, "", false]);
  },
);

test(
  "a dashboard that cannot be served ends the pipeline",
  LIMIT,
  async (t) => {
    const taken = createServer().listen(0, "127.0.0.1");
    t.cleanup(() =>
      new Promise<void>((resolve) => taken.close(() => resolve()))
    );
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    const ends: [args: string[], code: number, message: RegExp][] = [
      [
        ["--dashboard", String(port)],
        1,
        /^agentzero: EADDRINUSE: .*choose another port with --dashboard/,
      ],
      [
        ["--dashboard=0", "--dashboard-host=0.0.0.0"],
        1,
        /^agentzero: ERR_PIPELINE_INSECURE: .* or use --insecure\n$/,
      ],
      [
        ["--dashboard=0", "--dashboard-token=short"],
        1,
        /^agentzero: ERR_PIPELINE_INVALID: .*16 characters/,
      ],
      [["--dashboard-name=jobs.example.com"], 2, /are for --dashboard\n$/],
    ];
    for (const [args, code, message] of ends) {
      const end = await run(t, [
        ...["pipeline", FLOW, "--port=0", "--store=memory", ...args],
      ]);
      assertMatch(end.err, message);
      assertEquals([end.code, end.out], [code, ""]);
    }
  },
);

test(
  "a pipeline that keeps its jobs in memory warns of that once",
  LIMIT,
  async (t) => {
    const first = await start(t, []);
    first.program.kill("SIGTERM");
    const { err } = await first.program.ended;
    assertEquals(JSON.parse(err), {
      warning:
        "jobs are in memory and are lost when this process ends: use --store <file>",
    });
  },
);

test("a store in a file warns of a port that changes", {
  ...LIMIT,
  skip: noSqlite,
}, async (t) => {
  const store = join(await t.tempDir(), "jobs.db");
  const { program } = await start(t, ["--store", store]);
  program.kill("SIGTERM");
  assertMatch(
    (await program.ended).err,
    /^\{"warning":"the port changes with every restart/,
  );
  const port = `${await steadyPort()}`;
  const fixed = await start(t, ["--store", store, "--port", port]);
  fixed.program.kill("SIGTERM");
  assertEquals((await fixed.program.ended).err, "");
});

test(
  "a second pipeline at the same ports says what to do",
  LIMIT,
  async (t) => {
    const { up } = await start(t, ["--store=memory"]);
    const { code, err } = await run(t, [
      ...["pipeline", FLOW, "--store=memory", "--port", up.requests!],
    ]);
    assertEquals(code, 1);
    assertMatch(
      err,
      /^agentzero: ERR_PIPELINE_ADDRESS: .* in use\. A pipeline may be running there already\. Choose other ports with --port\n$/,
    );
  },
);

async function statusOf(
  url: string | URL,
  init?: RequestInit,
): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}
