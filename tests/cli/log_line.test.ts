/** Unit: what steps log, as lines. */
import { assertEquals, assertMatch } from "@std/assert";
import { isWanted, LEVELS, logText } from "../../src/cli/log_line.ts";
import { test } from "../support/harness.ts";

const RECORD = {
  time: "2026-01-02T03:04:05.006Z",
  level: 30,
  name: "greet",
  jobId: "x.1",
  msg: "%s says\nhello",
  args: ["Ada"],
};

test("a record is one line", () => {
  assertEquals(
    logText(RECORD),
    "2026-01-02T03:04:05.006Z WARNING  greet x.1 Ada says\\nhello",
  );
  const exception = { name: "TypeError", message: "no" };
  assertMatch(
    logText({ ...RECORD, exception, extra: { n: 1 } }),
    /hello \(TypeError: no\) \{"n":1\}$/,
  );
});

test("records are chosen by level and by job", () => {
  const chosen = LEVELS.filter((level) => isWanted(RECORD, { level }));
  assertEquals(chosen, ["trace", "debug", "info", "warning"]);
  const jobs = ["x", "x.1", "x.10", "y"].filter((job) =>
    isWanted(RECORD, { level: "trace", job })
  );
  assertEquals(jobs, ["x", "x.1"]);
});

test("an invalid record is shown as it is", () => {
  const odd: unknown[] = [
    null,
    7,
    "text\n\x9b",
    [],
    {},
    { level: 20, msg: "a", args: 5 },
    { level: 20, msg: "%999999999999s", args: ["x"] },
    { level: 20, msg: 1, args: [] },
    { level: "info", msg: "a", args: [] },
    { level: 20, msg: "a", args: [], exception: 7, jobId: {} },
    { level: 20, msg: "%s", args: [{ toString: 1 }], name: "\x1b[2J" },
  ];
  for (const data of odd) {
    const text = logText(data);
    // deno-lint-ignore no-control-regex -- these are what must not get through
    assertEquals(/[\x00-\x1f\x7f-\x9f]/.test(text), false, text);
    isWanted(data, { level: "info", job: "x" });
  }
  assertEquals(logText(null), "not a log record: null");
  assertEquals(isWanted(null, { level: "trace" }), true);
  assertEquals(isWanted(null, { level: "info" }), false);
  assertEquals(isWanted(null, { level: "trace", job: "x" }), false);
});
