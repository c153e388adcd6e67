/** Unit: what the commands are made of. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { curveKeyPair, ZmqError } from "@agentzero/agentzero/zmq";
import { defineStep, flow, PipelineError } from "@agentzero/agentzero/pipeline";
import { definitionOf, stepsOf } from "../../src/cli/definition.ts";
import { CliError, exitCodeOf, usageError } from "../../src/cli/cli_error.ts";
import { escaped, escapedBytes, jsonText } from "../../src/cli/escape.ts";
import { readJson } from "../../src/cli/files.ts";
import { flaggedMessageOf } from "../../src/cli/flag_errors.ts";
import {
  type Format,
  lineOf,
  messageOfArgs,
  messageOfLine,
} from "../../src/cli/frames.ts";
import { clientKeys, serverKeys } from "../../src/cli/keys.ts";
import { durationText, table, timeText } from "../../src/cli/table.ts";
import { address, duration, natural, positive } from "../../src/cli/values.ts";
import { requireWhole } from "../../src/pipeline/model/check.ts";
import { requireSafe } from "../../src/pipeline/model/security.ts";
import { requireToken } from "../../src/pipeline/model/token.ts";
import { addressesOf, bindError } from "../../src/pipeline/listen_options.ts";
import { checkRunOptions } from "../../src/pipeline/worker/run_options.ts";
import { test, type TestContext } from "../support/harness.ts";

test("durations have a unit, or are milliseconds", () => {
  const read = ["250", "250ms", "1.5s", "2m", "1h", "1d", "1h30m", "2m5s"]
    .map(duration);
  assertEquals(read, [
    250,
    250,
    1500,
    120_000,
    3_600_000,
    86_400_000,
    5_400_000,
    125_000,
  ]);
  for (
    const bad of [
      ...["", "s", "5 s", "-1", "1e3", "5w", "9".repeat(17), "1h30", "1.h"],
      "9".repeat(16) + "d1ms",
    ]
  ) {
    assertThrows(() => duration(bad), Error, "Expected a time");
  }
});

test("durations are printed as they can be typed", () => {
  const texts: [ms: number, text: string][] = [
    [0, "0ms"],
    [999, "999ms"],
    [1500, "1.5s"],
    [25_000, "25s"],
    [60_000, "1m"],
    [90_000, "90s"],
    [120_000, "2m"],
    [3_600_000, "1h"],
    [7_200_000, "2h"],
    [172_800_000, "2d"],
  ];
  for (const [ms, text] of texts) {
    assertEquals([durationText(ms), duration(text)], [text, ms]);
  }
  assertEquals(timeText(0), "1970-01-01T00:00:00.000Z");
  assertEquals(timeText(Number.MAX_SAFE_INTEGER), "9007199254740991");
});

test("numbers are whole, and places are ports or addresses", () => {
  assertEquals([natural("0"), positive("1")], [0, 1]);
  for (const bad of ["-1", "0x10", "1.0", "", "99999999999999999"]) {
    assertThrows(() => natural(bad), Error, "Expected an integer");
  }
  assertThrows(() => positive("0"), Error, "from 1");
  assertEquals([address("0"), address("ipc:///tmp/a")], [0, "ipc:///tmp/a"]);
  assertThrows(() => address("65536"), Error, "Expected a port");
});

test("printed text never moves the cursor or starts a line", () => {
  assertEquals(
    escaped("a\\b\n\r\t\x1b[2J\x9b\u2028ü"),
    "a\\\\b\\n\\r\\t\\x1b[2J\\x9b\\u2028ü",
  );
  assertEquals(
    escaped("\u202egnp.exe \u200b👩\u200d🚀"),
    "\\u202egnp.exe \\u200b👩\u200d🚀",
  );
  assertEquals(
    escapedBytes(Uint8Array.of(0x41, 0x0a, 0xff, 0x5c)),
    "A\\n\\xff\\\\",
  );
  assertEquals(table(["A", "BC"], [["x\n", undefined], ["", 1]]), [
    "A    BC",
    "x\\n",
    "     1",
  ]);
});

test("JSON in a terminal moves no cursor, and is the same value", () => {
  const value = {
    a: 'b"\\\n',
    "\x9bK": "\x7f\u2028\u202e\ufeff",
    ü: [1, null],
  };
  const text = jsonText(value);
  assertEquals(JSON.parse(text), value);
  // deno-lint-ignore no-control-regex -- these are what must not get through
  assertEquals(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\ufeff]/.test(text), false);
  assertEquals(jsonText(undefined), "null");
});

test("a table takes more lines than a call takes arguments", () => {
  const lines = table(["A"], Array.from({ length: 200_000 }, () => ["x"]));
  assertEquals(lines.length, 200_001);
});

test("messages become lines, and lines messages", () => {
  const message = [Uint8Array.of(0xff, 0x00), new TextEncoder().encode("ü")];
  const lines: Record<Format, string> = {
    text: "\\xff\\x00\tü",
    hex: "ff00 c3bc",
    base64: "/wA= w7w=",
    json: '[{"base64":"/wA="},"ü"]',
  };
  for (const [format, line] of Object.entries(lines) as [Format, string][]) {
    assertEquals(lineOf(message, format), line);
    if (format === "text") continue; // for people
    assertEquals(
      messageOfLine(line, format).map((one) => [...one]),
      message.map((one) => [...one]),
    );
  }
  assertEquals(messageOfLine("a b", "text").map(String).length, 1);
  assertEquals(messageOfArgs(["a", ""], "text").map((one) => one.length), [
    1,
    0,
  ]);
  for (
    const [text, format] of [
      ["abc", "hex"],
      ["zz", "hex"],
      ["a?", "base64"],
      ["{}", "json"],
      ["[]", "json"],
      ["[1]", "json"],
      ["nonsense", "json"],
    ] as const
  ) {
    const error = assertThrows(() => messageOfArgs([text], format), CliError);
    assertEquals(error.code, "ERR_CLI_USAGE", text);
  }
});

test("the exit code follows from the code of the error, or of its cause", () => {
  const cause = new ZmqError("EINVAL", "invalid");
  assertEquals(
    [
      usageError("no"),
      new Error("no", { cause }),
      new CliError("ERR_CLI_TIMEOUT", "no"),
      new PipelineError("ERR_PIPELINE_REFUSED", "no"),
      new PipelineError("ERR_PIPELINE_INVALID", "no"),
      new TypeError("no"),
      "no",
    ].map(exitCodeOf),
    [2, 2, 3, 3, 1, 1, 1],
  );
});

test("errors of the API name flags, not options of functions", () => {
  const messages: [error: unknown, message: string][] = [
    [
      insecure("tcp://0.0.0.0:1"),
      '"tcp://0.0.0.0:1" can be reached by other machines, and nothing protects it: use --keys (agentzero keygen makes them) or, in a network that you trust, --insecure',
    ],
    [
      invalid(() => requireWhole("timeoutMs", 0, 1)),
      "--job-timeout must be a whole number from 1, not 0",
    ],
    [
      invalid(() => checkRunOptions({ pipeline: "x", concurrency: 0 })),
      "--concurrency must be a whole number from 1, not 0",
    ],
    [
      invalid(() => requireWhole("timeoutMs of a sloth", 0, 1)),
      "timeoutMs of a sloth must be a whole number from 1, not 0",
    ],
    [
      invalid(() => requireToken("t".repeat(40), {})),
      "--token-file (or AGENTZERO_TOKEN) and the options for keys exclude each other: keys for CURVE say already who may connect",
    ],
    [
      invalid(() => addressesOf({ events: 70_000 }, {})),
      "--events must be a port from 0 to 65535, not 70000",
    ],
    [
      bindError("requests", "tcp://127.0.0.1:1", {
        cause: { code: "EADDRINUSE" },
      }),
      'Cannot listen for requests at "tcp://127.0.0.1:1": the address is already in use. A pipeline may be running there already. Choose other ports with --port',
    ],
  ];
  for (const [error, message] of messages) {
    assertEquals(flaggedMessageOf(error), message);
  }
});

function insecure(address: string): PipelineError {
  return assertThrows(() => requireSafe(address, false), PipelineError);
}

function invalid(call: () => unknown): PipelineError {
  return assertThrows(call, PipelineError);
}

const a = defineStep("a", (n: number) => n);
const b = defineStep("b", (n: number) => n);

test("a pipeline's definition is found in what a module exports as default", () => {
  const of = (value: unknown) => definitionOf({ default: value }, "/x/jobs.ts");
  assertEquals(of(a), { name: "jobs", steps: [a] });
  assertEquals(of([a, b]), { name: "jobs", steps: [a, b] });
  const one = flow(a);
  assertEquals(of(one), { name: "jobs", flows: [one] });
  assertEquals(of([one]), { name: "jobs", flows: [one] });
  assertEquals(of({ flows: [one], maxQueued: 7 }), {
    name: "jobs",
    flows: [one],
    maxQueued: 7,
  });
  assertEquals(of({ name: "own", steps: [a] }).name, "own");
  for (
    const bad of [undefined, 7, [a, one], {}, { name: "x" }, {
      steps: [a],
      listen() {},
    }]
  ) {
    const error = assertThrows(() => of(bad), CliError);
    assertEquals(error.code, "ERR_CLI_MODULE");
  }
});

test("steps are found by name, in lists, in flows and in definitions, each once", () => {
  const module = {
    a,
    list: [a, b],
    default: { flows: [flow(a).to(b)] },
    other: null,
  };
  assertEquals([...stepsOf(module, "x.ts").keys()], ["a", "b"]);
  const other = defineStep("a", (n: number) => n);
  const error = assertThrows(() => stepsOf({ a, other }, "x.ts"), CliError);
  assertMatch(error.message, /two steps of the job type "a"/);
});

test("a payload is JSON, or in a file", async (t) => {
  const file = join(await t.tempDir(), "a.json");
  await writeFile(file, '\ufeff{"n":1}'); // as PowerShell writes it
  assertEquals(await readJson(undefined), null);
  assertEquals(await readJson("[1]"), [1]);
  assertEquals(await readJson(`@${file}`), { n: 1 });
  await assertCode(() => readJson("Ada"), "ERR_CLI_USAGE");
  await assertCode(() => readJson(`@${file}x`), "ERR_CLI_FILE");
});

test("keys come from files, and public keys also as themselves", async (t) => {
  const [own, friend] = [curveKeyPair(), curveKeyPair()];
  const write = await writer(t);
  const ownFile = await write("own", JSON.stringify(own));
  const friendFile = await write("friend", JSON.stringify(friend));
  const list = await write(
    "list",
    `${own.publicKey}\n\n${friend.publicKey}\r\n`,
  );

  assertEquals(await serverKeys({}), undefined);
  assertEquals(await serverKeys({ keys: ownFile }), own);
  assertEquals(
    await serverKeys({
      keys: ownFile,
      allow: [friendFile, list, own.publicKey],
    }),
    {
      ...own,
      allowedKeys: [
        friend.publicKey,
        own.publicKey,
        friend.publicKey,
        own.publicKey,
      ],
    },
  );
  assertEquals(await clientKeys({}), undefined);
  const known = { keys: friendFile, serverKey: own.publicKey };
  assertEquals(await clientKeys(known), {
    ...friend,
    serverKey: own.publicKey,
  });
  const made = await clientKeys({ serverKey: ownFile });
  assertEquals([made!.serverKey, made!.secretKey.length], [own.publicKey, 40]);

  const mixed = { publicKey: own.publicKey, secretKey: friend.secretKey };
  const mixedFile = await write("mixed", JSON.stringify(mixed));
  await assertCode(() => serverKeys({ keys: mixedFile }), "ERR_CLI_FILE");
  await assertCode(() => serverKeys({ keys: list }), "ERR_CLI_FILE");
  await assertCode(() => serverKeys({ keys: `${list}x` }), "ERR_CLI_FILE");
  await assertCode(() => serverKeys({ allow: [list] }), "ERR_CLI_USAGE");
  await assertCode(() => clientKeys({ keys: ownFile }), "ERR_CLI_USAGE");
  await assertCode(() => clientKeys({ serverKey: list }), "ERR_CLI_USAGE");
  const words = await write("words", "no keys\n");
  await assertCode(() => clientKeys({ serverKey: words }), "ERR_CLI_FILE");
});

async function writer(
  t: TestContext,
): Promise<(name: string, text: string) => Promise<string>> {
  const dir = await t.tempDir();
  return async (name, text) => {
    await writeFile(join(dir, name), text);
    return join(dir, name);
  };
}

async function assertCode(
  fn: () => Promise<unknown>,
  code: string,
): Promise<void> {
  const error = await fn().then(() => undefined, (error) => error);
  assertEquals((error as CliError | undefined)?.code, code);
}
