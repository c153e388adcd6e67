/** Tests how received log records are read, from any logger. */
import { type LogLine, readLog } from "@agentzero/agentzero";
import { assertEquals } from "@std/assert";
import { test } from "../../support/harness.ts";
import { recorder } from "./recorder.ts";

const short = ({ level, text }: LogLine) => [level, text];

test("readLog gives level, text and all else of a record of ours", () => {
  const { handler, records } = recorder();
  handler.handle({
    level: "warning",
    msg: "%s is %d%% full",
    args: ["disk", 91],
    exception: new TypeError("no"),
    extra: { host: "a" },
  });
  handler.handle({ level: 35, msg: "100% literal" });
  const line = readLog(records[0]);
  assertEquals(short(line), ["warning", "disk is 91% full"]);
  assertEquals(
    [line.levelNumber, line.name, line.exception?.name, line.extra],
    [30, "test", "TypeError", { host: "a" }],
  );
  assertEquals(line.time, new Date("2024-11-24T20:29:30.123Z"));
  assertEquals(short(readLog(records[1])), ["warning", "100% literal"]);
});

test("readLog reads records of Python and older ones of ours", () => {
  const python = {
    msg: "[2017-01-01] INFO a.py:3 - hello world baz\n",
    args: ["baz"],
    level: 20,
  };
  assertEquals(short(readLog(python)), [
    "info",
    "[2017-01-01] INFO a.py:3 - hello world baz",
  ]);
  assertEquals(readLog(python).time, undefined);
  const older = { msg: "hello %s", args: ["baz"], level: 40 };
  assertEquals(short(readLog(older)), ["error", "hello baz"]);
});

test("readLog shows other values as they are", () => {
  const odd: [unknown, string, string][] = [
    ["text", "info", "text"],
    [7, "info", "7"],
    [null, "info", "null"],
    [undefined, "info", "{}"],
    [[1, 2], "info", "[1,2]"],
    [{ a: 1 }, "info", '{"a":1}'],
    [{ msg: 5, level: 99 }, "critical", "5"],
    [{ msg: "a", level: 1 }, "trace", "a"],
    [{ msg: "a", level: NaN, time: "no", args: 5 }, "info", "a"],
    [
      { msg: "%99999999s", args: ["a"], level: 15 },
      "debug",
      "a".padStart(1000),
    ],
    [{ msg: { n: 1n } }, "info", "[object Object]"],
  ];
  for (const [record, level, text] of odd) {
    assertEquals(short(readLog(record)), [level, text]);
  }
});
