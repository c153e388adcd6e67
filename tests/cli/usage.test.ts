/** The program as such: help, version, usage errors, exit codes. */
import { assertEquals, assertMatch } from "@std/assert";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { COMMANDS as LISTED } from "../../src/cli/command_list.ts";
import { main } from "../../src/cli/mod.ts";
import { runtime, test } from "../support/harness.ts";
import { nodeFlags } from "../support/node_flags.ts";
import { commandOf, LIMIT, run } from "./program.ts";

const COMMANDS = [
  "pipeline <module>",
  "step <module>",
  "submit <flow> [payload]",
  "status [id]",
  "flows",
  "jobs",
  "logs",
  "top",
  "retry [id]",
  "cancel <id>",
  "remove <id...>",
  "promote <id>",
  "priority <id> <n>",
  "pause [type]",
  "resume [type]",
  "drain [of]",
  "schedule",
  "send <type> [frames...]",
  "recv <type>",
  "proxy <device>",
  "keygen",
  "help [command]",
];

test("--help lists every command and the exit codes", LIMIT, async (t) => {
  const { code, out, err } = await run(t, ["--help"]);
  assertEquals([code, err], [0, ""]);
  const listed = [...out.matchAll(/^ {2}([a-z]\S*(?: [<[]\S+)*) {2,}/gm)]
    .map(([, usage]) => usage);
  assertEquals(listed, COMMANDS);
  assertMatch(out, /Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not reach/);
});

test(
  "the help of every command has examples, --json and --verbose",
  LIMIT,
  async () => {
    const { stdout } = process;
    const write = stdout.write;
    // Otherwise the test's reporter would write while a module is loaded.
    for (const { load } of Object.values(LISTED).flat()) await load();
    for (const usage of COMMANDS.slice(0, -1)) {
      const [name] = usage.split(" ");
      let text = "";
      stdout.write = ((part: string, done?: () => void) => {
        text += part;
        done?.();
        return true;
      }) as typeof write;
      try {
        assertEquals(await main([name!, "--help"]), 0);
      } finally {
        stdout.write = write;
      }
      assertMatch(text, new RegExp(`^Usage: agentzero ${name}`));
      assertMatch(text, /\n {2}--json .*\n {2}--verbose /);
      assertMatch(text, new RegExp(`\nExamples:\n {2}agentzero ${name}`));
    }
  },
);

test(
  "without a command there is help on stderr, and a usage error",
  LIMIT,
  async (t) => {
    const { code, out, err } = await run(t, []);
    assertEquals([code, out], [2, ""]);
    assertMatch(err, /^Usage: agentzero <command>/);
  },
);

test("--version prints the version alone", LIMIT, async (t) => {
  const { code, out } = await run(t, ["--version"]);
  assertEquals(code, 0);
  assertMatch(out, /^\d+\.\d+\.\d+\S*\n$/);
});

test(
  "--version --verbose adds the runtime, and what encrypts",
  LIMIT,
  async (t) => {
    for (const args of [["--version", "--verbose"], ["--verbose", "-V"]]) {
      const { code, out } = await run(t, args);
      assertEquals(code, 0);
      assertMatch(
        out,
        /^\d+\.\d+\.\d+\S*\nruntime {2}(Node|Deno|Bun) \d\S+ on \w+-\w+\nCURVE {4}(sodium-native|libsodium-wrappers)\n$/,
      );
    }
  },
);

const WRONG: readonly (readonly [string, RegExp])[] = [
  ["nonsense", /Unknown command 'nonsense'/],
  ["sumbit", /Unknown command 'sumbit' \(Did you mean submit\?\)/],
  ["submit", /Missing required argument 'flow'/],
  ["submit a b c", /Too many arguments for 'submit'/],
  ["status --nonsense", /Unknown option '--nonsense'/],
  ["status --timeout soon", /Expected a time such as 500ms, 5s, 2m or 1h30m/],
  [
    "submit a nonsense",
    /'nonsense' is not valid JSON .*; a string needs quotes/,
  ],
  ["submit a --priority 1.5", /Expected an integer/],
  ["status --keys file", /--keys needs --server-key/],
  [
    "status --pipeline nonsense",
    /Cannot connect .*"nonsense": invalid address/,
  ],
  ["pipeline flow.ts --port 70000", /Expected a port from 0 to 65535/],
  [
    "pipeline --dashboard flow.ts",
    /Expected a port from 0 to 65535\. Write the module before --dashboard\./,
  ],
  ["jobs --state daed", /Expected one of scheduled, .* Did you mean dead\?/],
  ["jobs --limit 0", /Expected an integer from 1/],
  ["retry", /No jobs:/],
  ["retry x --all", /No jobs:/],
  ["drain", /No workers:/],
  ["drain all --all", /No workers:/],
  ["logs --level loud", /Allowed choices are trace, debug/],
  [
    "status --tiemout 1s",
    /Unknown option '--tiemout' \(Did you mean --timeout\?\)/,
  ],
  ["schedule add id flow", /Required option '--cron <pattern>' not specified/],
  ["proxy mixer --front a --back b", /Allowed choices are queue, forwarder/],
  ["send push hello", /No address: give --connect or --bind/],
  ["send push --connect tcp://127.0.0.1:1", /No message: give its frames/],
  ["send push x --topic t --bind tcp://127.0.0.1:*", /--topic is for pub/],
  [
    "send push x --reply --bind tcp://127.0.0.1:*",
    /--reply is for req, dealer/,
  ],
  ["send push zz --format hex --bind tcp://127.0.0.1:*", /"zz" is not hex/],
  [
    "recv pull --subscribe t --bind tcp://127.0.0.1:*",
    /--subscribe is for sub/,
  ],
  ["recv pull --echo --bind tcp://127.0.0.1:*", /pull cannot reply/],
  ["recv pull --allow key --bind tcp://127.0.0.1:*", /--allow needs --keys/],
  ["recv pull --bind nonsense", /"nonsense"/],
];

test("a usage error is one line, with exit code 2", async () => {
  const { stderr } = process;
  const write = stderr.write;
  for (const [line, message] of WRONG) {
    let text = "";
    stderr.write = ((part: string) => {
      text += part;
      return true;
    }) as typeof write;
    let code;
    try {
      code = await main(line.split(" "));
    } finally {
      stderr.write = write;
    }
    assertMatch(text, /^agentzero: [A-Z_]+: .*\n$/, line);
    assertMatch(text, message, line);
    assertEquals(code, 2, line);
  }
});

test(
  "with --json errors are JSON, with --verbose they have a stack",
  LIMIT,
  async (t) => {
    const { code, out, err } = await run(t, [
      "submit",
      "a",
      "nonsense",
      "--json",
      "--verbose",
    ]);
    assertEquals([code, out], [2, ""]);
    const [line, ...stack] = err.split("\n");
    const { error } = JSON.parse(line!);
    assertEquals(error.code, "ERR_CLI_USAGE");
    assertMatch(error.message, /^'nonsense' is not valid JSON/);
    assertMatch(stack.join("\n"), /CliError: .*\n +at /);
  },
);

test(
  "an unreachable pipeline is reported, with the reason and exit code 3",
  LIMIT,
  async (t) => {
    const { code, out, err } = await run(t, [
      "status",
      "--pipeline=tcp://127.0.0.1:1",
      "--timeout=100ms",
    ]);
    assertEquals([code, out], [3, ""]);
    assertEquals(
      err,
      'agentzero: ERR_PIPELINE_TIMEOUT: No pipeline answers at "tcp://127.0.0.1:1" within 100ms: connection refused\n',
    );
  },
);

test(
  "a submission without an answer prints the id to try again with",
  LIMIT,
  async (t) => {
    const where = ["--pipeline=tcp://127.0.0.1:1", "--timeout=100ms"];
    const { code, err } = await run(t, ["submit", "greet", "1", ...where]);
    assertEquals(code, 3);
    assertMatch(
      err,
      /: connection refused; it may have been accepted: submit it again with --id [\w-]{36}\n$/,
    );
    const json = await run(t, [
      ...["submit", "greet", "1", "--id=mine", "--json"],
      ...where,
    ]);
    assertEquals(JSON.parse(json.err).error.id, "mine");
  },
);

test("cli.ts runs the program when it is started, and only then", LIMIT, () => {
  const url = import.meta.resolve("@agentzero/agentzero/cli");
  const flags = {
    deno: ["run", "-A", "--no-check", "--quiet"],
    node: nodeFlags,
    bun: [],
  }[runtime];
  const start = (...args: string[]) =>
    spawnSync(process.execPath, [...flags, ...args], { encoding: "utf8" });
  const started = start(fileURLToPath(url), "--version");
  assertEquals([started.status, started.stderr], [0, ""]);
  assertMatch(started.stdout, /^\d+\.\d+\.\d+\S*\n$/);
  const wrong = start(fileURLToPath(url), "nonsense");
  assertEquals(wrong.status, 2);
  const other = fileURLToPath(new URL("fixtures/importer.ts", import.meta.url));
  const imported = start(other, "--version");
  assertEquals([imported.status, imported.stdout], [0, "function\n"]);
});

test("help is ours at every level, with defaults as people type them", async () => {
  const texts = await Promise.all(
    ["schedule", "pipeline", "step", "top", "logs"].map((name) =>
      printed([name, "--help"])
    ),
  );
  const [schedule, pipeline, step, top, logs] = texts;
  assertMatch(schedule!, /help \[command\] +print the help of a command/);
  assertMatch(pipeline!, /--backup-every <time> [^]*\(default: 1h\)/);
  assertMatch(step!, /--drain <time> [^]*\(default: 25s\)/);
  assertMatch(top!, /--interval <time> .*\(default: 1s\)/);
  assertMatch(logs!, /--level <level>[^]*default:\s+"trace"/);
  assertEquals(texts.filter((text) => text.includes("for command")), []);
});

/** What a command prints; one at a time, since stdout is shared. */
let last: Promise<unknown> = Promise.resolve();
function printed(args: readonly string[]): Promise<string> {
  const next = last.then(async () => {
    const { stdout } = process;
    const write = stdout.write;
    let text = "";
    stdout.write = ((part: string, done?: () => void) => {
      text += part;
      done?.();
      return true;
    }) as typeof write;
    try {
      assertEquals(await main(args), 0);
    } finally {
      stdout.write = write;
    }
    return text;
  });
  last = next;
  return next;
}

test("results that cannot be written are an error", {
  ...LIMIT,
  skip: !existsSync("/dev/full") && "/dev/full is missing",
}, () => {
  const full = openSync("/dev/full", "w");
  const [command, args] = commandOf(["keygen"]);
  const { status, stderr } = spawnSync(command, args, {
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  });
  closeSync(full);
  assertEquals(status, 1);
  assertMatch(stderr, /^agentzero: ERR_CLI_FILE: Cannot write to stdout: /);
});
