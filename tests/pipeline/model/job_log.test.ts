/** Unit: what is kept of what a job logs. */
import { assert, assertEquals } from "@std/assert";
import {
  endOfLog,
  jobLogText,
  MAX_LOG_LENGTH,
  readJobLog,
} from "../../../src/pipeline/model/job_log.ts";
import { PendingLogs } from "../../../src/pipeline/scheduler/pending_logs.ts";
import { test } from "../../support/harness.ts";

const RECORD = {
  ...{ msg: "é 🎈 \n\0", args: [1], template: "%s", level: 20, worker: "w" },
  ...{ time: "2030-01-01T00:00:00.000Z", name: "resize", jobId: "x" },
};

test("a record becomes a line of ASCII, and is read again", () => {
  const text = jobLogText(RECORD)!;
  assert(/^[\x20-\x7e]+\n$/.test(text), text);
  const { args: _, template: _template, jobId: _id, ...line } = RECORD;
  assertEquals(readJobLog(text + text), [line, line]);
  const exception = { name: "E", message: "no", traceback: "…" };
  const [odd] = readJobLog(
    jobLogText({ ...RECORD, exception, extra: { a: 1 } })!,
  );
  assertEquals(odd!.exception, { name: "E", message: "no" });
  assertEquals(odd!.extra, { a: 1 });
});

test("a line is bounded, and what is no record of a worker is not kept", () => {
  const huge = {
    ...RECORD,
    msg: "x".repeat(1e6),
    extra: { a: "y".repeat(1e6) },
  };
  const [line] = readJobLog(jobLogText(huge)!);
  assertEquals([line!.msg.length, line!.extra], [4000, undefined]);
  for (
    const bad of [null, 5, {}, { ...RECORD, worker: 1 }, {
      ...RECORD,
      level: "x",
    }]
  ) {
    assertEquals(jobLogText(bad), undefined);
  }
});

test("of a long log the last whole lines are read", () => {
  const lines = Array.from(
    { length: 1000 },
    (_, n) => jobLogText({ ...RECORD, msg: `line ${n}` })!,
  );
  const end = endOfLog(lines.join(""));
  assertEquals(end.length, MAX_LOG_LENGTH);
  const read = readJobLog(end);
  assert(read.length > 100 && read.length < 1000);
  assertEquals(read.at(-1)!.msg, "line 999");
  assertEquals(read[0]!.msg, `line ${1000 - read.length}`);
});

test("what waits for a commit is bounded, for each job and together", () => {
  const logs = new PendingLogs();
  for (let n = 0; n < 10; n++) logs.add("a", "x".repeat(10_000));
  for (let n = 0; n < 1000; n++) logs.add(`b${n}`, "x".repeat(10_000));
  const taken = logs.take();
  assertEquals(taken.get("a")!.length, MAX_LOG_LENGTH);
  const size = [...taken.values()].reduce((sum, { length }) => sum + length, 0);
  assert(size <= 4 * 1024 * 1024 && size > 4e6, String(size));
  assertEquals(logs.take().size, 0);
});
