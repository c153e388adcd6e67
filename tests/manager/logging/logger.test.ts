/** Tests the logger and the printf-like messages. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import { formatLogMessage, Logger } from "../../../src/manager/logging/mod.ts";
import { fromConsoleArguments } from "../../../src/manager/logging/printf.ts";
import { test } from "../../support/harness.ts";
import { recorder } from "./recorder.ts";

test("every method has its level, and keeps message and arguments apart", () => {
  const { handler, records } = recorder();
  const logger = new Logger(handler);
  logger.debug("%s", 1);
  logger.info("%s", 2);
  logger.warning("%s", 3);
  logger.warn("%s", 4);
  logger.error("%s", 5);
  logger.critical("%s", 6);
  logger.log(35, "%s", 7);
  assertEquals(
    records.map((r) => [r.level, r.template, r.args[0], r.msg]),
    [10, 20, 30, 30, 40, 50, 35].map((
      level,
      i,
    ) => [level, "%s", i + 1, `${i + 1}`]),
  );
});

test("an exception is logged as error, with its traceback", () => {
  const { handler, records } = recorder();
  const logger = new Logger(handler);
  const error = new TypeError("no");
  logger.exception(error);
  logger.exception(error, "job %d failed", 7);
  logger.exception("a text was thrown");
  assertEquals(
    records.map((r) => [r.level, r.msg, r.args, r.exception?.name]),
    [
      [40, "no", [], "TypeError"],
      [40, "job 7 failed", [7], "TypeError"],
      [40, "a text was thrown", [], "string"],
    ],
  );
});

test("records below the level are ignored and not counted as dropped", () => {
  const { handler, records } = recorder();
  const logger = new Logger(handler, { level: "warning" });
  logger.info("a");
  logger.warning("b");
  assert(!logger.isEnabledFor("info") && logger.isEnabledFor(30));
  logger.level = "debug";
  logger.debug("c");
  logger.log(5, "d");
  assertEquals(records.map((r) => r.msg), ["b", "c"]);
  assertEquals(handler.dropped, 0);
});

test("a logger has the name of its handler, or its own", () => {
  const { handler, records } = recorder();
  new Logger(handler).info("");
  new Logger(handler, { name: "app" }).info("");
  new Logger({ handle: (input) => handler.handle(input) }).info("");
  assertEquals(records.map((r) => r.name), ["test", "app", "test"]);
});

test("a child has a longer name, and its parent's level until it has one", () => {
  const { handler, records } = recorder();
  const parent = new Logger(handler, { name: "app", level: "error" });
  const child = parent.child("db");
  const strict = parent.child("http", { level: "critical" });
  assertStrictEquals(child.handler, handler);
  child.info("ignored");
  parent.level = "info";
  child.info("a");
  child.child("pool").info("b");
  strict.error("ignored");
  assertEquals(records.map((r) => [r.name, r.msg]), [
    ["app.db", "a"],
    ["app.db.pool", "b"],
  ]);
});

const messages: readonly [string, readonly unknown[], string][] = [
  ["100% sure", [], "100% sure"],
  ["%s and %s", ["a", 1], "a and 1"],
  ["%d of %i", [3.7, "x"], "3 of x"],
  ["%5.2f|%-5s|%05d", [3.14159, "ab", -42], " 3.14|ab   |-0042"],
  ["%x %X %o %e", [255, 255, 8, 12345.678], "ff FF 10 1.234568e+04"],
  ["%(a)s %(b)d", [{ a: "x", b: 2 }], "x 2"],
  ["50%% of %s", ["it"], "50% of it"],
  ["%s %s", ["one"], "one %s"],
  ["%s", ["one", { two: 2 }], 'one {"two":2}'],
  ["%s %s", [null, true], "null true"],
  ["%(a)s", ["no object"], "%(a)s"],
];

for (const [msg, args, text] of messages) {
  test(`"${msg}" with ${JSON.stringify(args)} reads "${text}"`, () => {
    const got = formatLogMessage(msg, args);
    assertEquals(got.replace(/e\+4$/, "e+04"), text);
  });
}

const consoleCalls: readonly [
  readonly unknown[],
  string,
  readonly unknown[],
][] = [
  [[], "", []],
  [["100% literal %s"], "100% literal %s", []],
  [["%s is %d", "x", 5], "%s is %d", ["x", 5]],
  [["%d", "no number"], "%s", ["no number"]],
  [["50% of", 7], "50%% of %s", [7]],
  [["%o and %j", [1], { a: 1 }], "%s and %s", [[1], { a: 1 }]],
  [["%cstyled%c text", "color: red", ""], "styled text", []],
  [["%s %s", "one"], "%s %%s", ["one"]],
  [["100%% %s", 1], "100%% %s", [1]],
  [[1, 2], "%s %s", [1, 2]],
];

for (const [values, msg, args] of consoleCalls) {
  test(`console arguments ${JSON.stringify(values)} become "${msg}"`, () => {
    assertEquals(fromConsoleArguments(values), { msg, args: [...args] });
  });
}

const python = ["/usr/bin/python3", "python3"].find((command) =>
  spawnSync(command, ["-V"]).status === 0
);

test(
  "Python's logging writes the messages out as we do",
  { skip: python ? false : "python3 is not installed" },
  () => {
    const cases = [
      ...messages.slice(0, 2),
      ...messages.slice(3, 7),
      ...consoleCalls.map(([, msg, args]) => [msg, args, ""] as const),
    ].map(([msg, args]) => ({ msg, args }));
    const program = `
import json, logging, sys
texts = []
for case in json.load(sys.stdin):
    record = logging.LogRecord("n", 20, "f", 1, case["msg"], tuple(case["args"]), None)
    texts.append(record.getMessage())
print(json.dumps(texts))
`;
    const { stdout, stderr } = spawnSync(python!, ["-c", program], {
      input: JSON.stringify(cases),
      encoding: "utf8",
    });
    assert(stdout, stderr);
    const texts = JSON.parse(stdout) as string[];
    cases.forEach(({ msg, args }, i) => {
      // Python and JavaScript show lists and objects differently.
      if (
        args.some((arg) => typeof arg === "object" && !("%(a)s %(b)d" === msg))
      ) {
        return;
      }
      const got = formatLogMessage(msg, args).replace(/e\+4$/, "e+04");
      assertEquals(got, texts[i], msg);
    });
  },
);
