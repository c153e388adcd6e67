/** Tests the LogTape sink with LogTape itself. */
import { configure, dispose, getLogger, reset } from "@logtape/logtape";
import { assert, assertEquals } from "@std/assert";
import { LogHandler, logtapeSink } from "../../../src/manager/logging/mod.ts";
import { deferred, test } from "../../support/harness.ts";
import { type Recorder, recorder } from "./recorder.ts";

async function withLogTape(
  handler: LogHandler,
  log: () => void | Promise<void>,
): Promise<void> {
  await configure({
    sinks: { zmq: logtapeSink(handler) },
    loggers: [
      { category: "app", sinks: ["zmq"], lowestLevel: "trace" },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
    ],
  });
  try {
    await log();
  } finally {
    await reset();
  }
}

async function through(log: () => void): Promise<Recorder> {
  const all = recorder();
  await withLogTape(all.handler, log);
  return all;
}

test("LogTape: a record arrives with arguments, name, time and fields", async () => {
  const before = Date.now();
  const { only } = await through(() =>
    getLogger(["app", "db"]).info("{who} is {percent}% done", {
      who: "job",
      percent: 50,
      more: [1n],
    })
  );
  assertEquals(only.template, "%s is %s%% done");
  assertEquals(only.args, ["job", 50]);
  assertEquals(only.msg, "job is 50% done");
  assertEquals(only.level, 20);
  assertEquals(only.name, "app.db");
  assertEquals(only.extra, { who: "job", percent: 50, more: ["1"] });
  const time = Date.parse(only.time);
  assert(time >= before && time <= Date.now());
});

test("LogTape: every level has Python's number", async () => {
  const { records } = await through(() => {
    const logger = getLogger("app");
    logger.trace("t");
    logger.debug("d");
    logger.info("i");
    logger.warn("w");
    logger.error("e");
    logger.fatal("f");
  });
  assertEquals(records.map((r) => r.level), [5, 10, 20, 30, 40, 50]);
});

test("LogTape: a message without values is literal", async () => {
  const { only } = await through(() => getLogger("app").info("100% literal"));
  assertEquals([only.msg, only.args], ["100% literal", []]);
  assert(!("extra" in only));
});

test("LogTape: a template literal and an error keep their values", async () => {
  const { records } = await through(() => {
    getLogger("app").info`Hello ${"you"}!`;
    getLogger("app").error("It failed: {error}", {
      error: new TypeError("no"),
    });
  });
  assertEquals([records[0]?.msg, records[0]?.template, records[0]?.args], [
    "Hello you!",
    "Hello %s!",
    ["you"],
  ]);
  assertEquals(records[1]?.exception?.name, "TypeError");
});

test("LogTape: dispose waits for what is being published", async () => {
  const sent = deferred<boolean>();
  const handler = new LogHandler({ publish: () => sent.promise });
  await withLogTape(handler, async () => {
    getLogger("app").info("a");
    assertEquals(handler.published, 0);
    queueMicrotask(() => sent.resolve(true));
    await dispose();
    assertEquals(handler.published, 1);
  });
});

test("LogTape: a handler that fails harms neither caller nor LogTape", async () => {
  const handler = new LogHandler({
    publish: () => {
      throw new Error("closed");
    },
  });
  await withLogTape(handler, () => getLogger("app").info("a"));
  assertEquals(handler.dropped, 1);
});
