/** Environment variables: their effect, and what happens to those that are misspelt or denied. */
import { assertEquals, assertMatch } from "@std/assert";
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { platform, runtime, test } from "../support/harness.ts";
import { commandOf, LIMIT, Program, run } from "./program.ts";

const STATUS = ["status", "--timeout=100ms"];
const AWAY = "tcp://127.0.0.1:1";

test(
  "a variable gives an option, and the command line comes first",
  LIMIT,
  async (t) => {
    const env = { AGENTZERO_PIPELINE: AWAY };
    const given = await run(t, STATUS, { env });
    assertEquals(given.code, 3);
    assertMatch(given.err, /No pipeline answers at "tcp:\/\/127\.0\.0\.1:1"/);
    const both = await run(t, [...STATUS, "--pipeline=tcp://127.0.0.1:2"], {
      env,
    });
    assertMatch(both.err, /No pipeline answers at "tcp:\/\/127\.0\.0\.1:2"/);
  },
);

test("an empty variable is an unset one", LIMIT, async (t) => {
  const env = {
    AGENTZERO_PIPELINE: AWAY,
    AGENTZERO_KEYS: "",
    AGENTZERO_SERVER_KEY: "",
  };
  const { code, err } = await run(t, STATUS, { env });
  assertEquals(code, 3);
  assertMatch(err, /^agentzero: ERR_PIPELINE_TIMEOUT: .*\n$/);
});

test(
  "a misspelt variable is a warning that names the nearest",
  LIMIT,
  async (t) => {
    const env = {
      AGENTZERO_PIPLINE: AWAY,
      AGENTZERO_WHATEVER: "1",
      AGENTZERO_PIPELINE: AWAY,
      // What Kubernetes sets for a service "agentzero".
      AGENTZERO_SERVICE_HOST: "10.0.0.1",
      AGENTZERO_PORT: "tcp://10.0.0.1:7450",
      AGENTZERO_PORT_7450_TCP_ADDR: "10.0.0.1",
    };
    const { code, err } = await run(t, STATUS, { env });
    assertEquals(code, 3);
    const lines = err.trimEnd().split("\n");
    assertEquals(lines.slice(0, 2).sort(), [
      "agentzero: warning: the environment variable AGENTZERO_PIPLINE is unknown; did you mean AGENTZERO_PIPELINE?",
      "agentzero: warning: the environment variable AGENTZERO_WHATEVER is unknown; known variables: AGENTZERO_PIPELINE, AGENTZERO_KEYS, AGENTZERO_SERVER_KEY, AGENTZERO_TOKEN, AGENTZERO_DASHBOARD_TOKEN",
    ]);
    assertEquals(lines.length, 3);
    const json = await run(t, [...STATUS, "--json"], { env });
    const { warning } = JSON.parse(json.err.split("\n")[0]!);
    assertMatch(warning, /AGENTZERO_\w+ is unknown/);
  },
);

/** Nothing of use; without any, a Deno that starts another gives it all. */
const PERMITTED = ["--no-prompt", "--allow-env=NO_COLOR"];

const onlyDeno = runtime !== "deno" && "only Deno asks for permissions";

test("a variable that Deno does not permit counts as unset", {
  ...LIMIT,
  skip: onlyDeno,
}, async (t) => {
  const permissions = ["--no-prompt", "--allow-net=127.0.0.1"];
  const args = [...STATUS, `--pipeline=${AWAY}`];
  const env = { AGENTZERO_KEYS: "nowhere", AGENTZERO_PIPLINE: AWAY };
  const { code, err } = await new Program(
    t,
    [],
    env,
    commandOf(args, permissions),
  ).ended;
  assertEquals(code, 3);
  assertMatch(err, /^agentzero: ERR_PIPELINE_TIMEOUT: .*connection refused\n$/);
});

test("a permission that is missing is named by its flag", {
  ...LIMIT,
  skip: onlyDeno,
}, async (t) => {
  const file = join(await t.tempDir(), "x");
  const wanted: [args: string[], code: number, message: RegExp][] = [
    [[...STATUS, `--pipeline=${AWAY}`], 1, /--allow-net=127\.0\.0\.1:1\n/],
    [["pipeline", file], 1, /ERR_CLI_MODULE: .*--allow-read\n/],
    [["step", file], 1, /ERR_CLI_MODULE: .*--allow-read\n/],
    [
      ["status", "--keys", file, "--server-key", file],
      1,
      /ERR_CLI_FILE: .*--allow-read\n/,
    ],
    [["submit", "x", `@${file}`], 1, /ERR_CLI_FILE: .*--allow-read\n/],
    [["keygen", "--out", file], 1, /ERR_CLI_FILE: .*--allow-write\n/],
    [
      ["recv", "pull", "--bind", "tcp://127.0.0.1:1"],
      1,
      /EACCES: .*--allow-net/,
    ],
  ];
  for (const [args, code, message] of wanted) {
    const [command, all] = commandOf(args, PERMITTED);
    const end = await new Program(t, [], {}, [command, all]).ended;
    assertMatch(end.err, message, args.join(" "));
    assertMatch(end.err, /^agentzero: .*\n$/);
    assertEquals(end.code, code, args.join(" "));
  }
});

test("a file with a secret key that others can read is a warning", {
  ...LIMIT,
  skip: platform === "win32" && "Windows has no modes",
}, async (t) => {
  const file = join(await t.tempDir(), "own.key");
  assertEquals((await run(t, ["keygen", "--out", file])).code, 0);
  assertEquals((await stat(file)).mode & 0o777, 0o600);
  const args = [
    ...STATUS,
    `--pipeline=${AWAY}`,
    "--keys",
    file,
    "--server-key",
    `${file}.pub`,
  ];
  assertEquals((await run(t, args)).err.includes("warning"), false);
  await chmod(file, 0o640);
  const { err } = await run(t, args);
  assertMatch(
    err,
    /^agentzero: warning: ".*own\.key" holds a secret key and can be read by other users: chmod 600 /,
  );
});
