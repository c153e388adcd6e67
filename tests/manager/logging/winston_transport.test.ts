/** Tests the winston transport with winston itself. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { once } from "node:events";
import winston from "winston";
import {
  LogHandler,
  winstonTransport,
} from "../../../src/manager/logging/mod.ts";
import { test, type TestContext } from "../../support/harness.ts";
import { recorder } from "./recorder.ts";

function createLogger(
  t: TestContext,
  options: winston.LoggerOptions,
): winston.Logger {
  const logger = winston.createLogger(options);
  t.cleanup(() => logger.close());
  return logger;
}

test("winston: a record arrives with level, name and fields", (t) => {
  const all = recorder();
  const logger = createLogger(t, {
    defaultMeta: { service: "web" },
    transports: [winstonTransport(all.handler, { name: "app" })],
  });
  logger.info("100% done", { user: "me" });
  assertEquals(all.only, {
    msg: "100% done",
    args: [],
    level: 20,
    time: "2024-11-24T20:29:30.123Z",
    name: "app",
    extra: { service: "web", user: "me" },
  });
});

test("winston: every level of npm and of syslog has a Python number", (t) => {
  const { handler, records } = recorder();
  for (
    const [levels, names] of [
      [winston.config.npm.levels, "error warn info http verbose debug silly"],
      [
        winston.config.syslog.levels,
        "emerg alert crit error warning notice info debug",
      ],
    ] as const
  ) {
    const logger = createLogger(t, {
      levels,
      level: names.split(" ").at(-1),
      format: winston.format.colorize(),
      transports: [winstonTransport(handler)],
    });
    for (const name of names.split(" ")) logger.log(name, "a");
  }
  assertEquals(
    records.map((r) => r.level),
    [40, 30, 20, 15, 15, 10, 5, 50, 50, 50, 40, 30, 25, 20, 10],
  );
});

test("winston: levels of logger and transport are respected", (t) => {
  const { handler, records } = recorder();
  const silent = winstonTransport(handler, { silent: true });
  const logger = createLogger(t, {
    level: "debug",
    transports: [
      winstonTransport(handler, { name: "logger's" }),
      winstonTransport(handler, { name: "own", level: "error" }),
      silent,
    ],
  });
  logger.silly("a");
  logger.debug("b");
  logger.error("c");
  silent.silent = false;
  logger.level = "error";
  logger.info("d");
  logger.error("e");
  assertEquals(records.map((r) => `${r.msg} ${r.name}`), [
    "b logger's",
    "c logger's",
    "c own",
    "e logger's",
    "e own",
    "e test",
  ]);
});

test("winston: arguments of places stay arguments, unless a format used them", (t) => {
  const { handler, records } = recorder();
  const plain = createLogger(t, { transports: [winstonTransport(handler)] });
  plain.info("%s is %d", "x", 5);
  const splat = createLogger(t, {
    format: winston.format.splat(),
    transports: [winstonTransport(handler)],
  });
  splat.info("%s is %d", "x", 5);
  assertEquals(records.map((r) => [r.msg, r.template, r.args]), [
    ["x is 5", "%s is %d", ["x", 5]],
    ["x is 5", undefined, []],
  ]);
});

test("winston: an error becomes the exception", (t) => {
  const { handler, records } = recorder();
  const logger = createLogger(t, {
    format: winston.format.errors({ stack: true }),
    transports: [winstonTransport(handler)],
  });
  logger.error(new TypeError("no"));
  logger.error("it failed:", new RangeError("far"));
  assertEquals(
    records.map((r) => [r.level, r.exception?.name]),
    [[40, "TypeError"], [40, "RangeError"]],
  );
  assertEquals(records[0]?.msg, "no");
  assertMatch(records[1]?.msg ?? "", /^it failed:.*far$/);
  for (const { exception } of records) {
    assertMatch(exception?.traceback ?? "", /winston_transport\.test/);
  }
});

test("winston: the timestamp of a format is the time", (t) => {
  const all = recorder();
  const logger = createLogger(t, {
    format: winston.format.timestamp(),
    transports: [winstonTransport(all.handler)],
  });
  const before = Date.now();
  logger.info("a");
  assert(Date.parse(all.only.time) >= before);
  assert(!("extra" in all.only));
});

test("winston: a format of the transport changes only its own records", (t) => {
  const { handler, records } = recorder();
  const change = winston.format((info) =>
    info.message === "secret" ? false : { ...info, message: "changed" }
  );
  const failing = winston.format(() => {
    throw new Error("mine");
  });
  const logger = createLogger(t, {
    transports: [
      winstonTransport(handler, { format: change(), name: "first" }),
      winstonTransport(handler, { format: failing(), name: "failing" }),
      winstonTransport(handler, { name: "last" }),
    ],
  });
  logger.info("a");
  logger.info("secret");
  assertEquals(records.map((r) => `${r.msg} ${r.name}`), [
    "changed first",
    "a last",
    "secret last",
  ]);
  assertEquals(handler.dropped, 2);
});

test("winston: a transport can be added, removed and ended", async () => {
  const { handler, records } = recorder();
  const transport = winstonTransport(handler);
  const logger = winston.createLogger({ silent: false });
  logger.add(transport);
  logger.info("a");
  logger.remove(transport);
  const other = winstonTransport(handler);
  logger.add(other);
  logger.info("b");
  logger.end();
  await once(other, "finish");
  assertEquals(records.map((r) => r.msg), ["a", "b"]);
});

test("winston: uncaught exceptions are published only on request", () => {
  const { handler, records } = recorder();
  const info = { level: "error", message: "boom", exception: true };
  for (const handleExceptions of [false, true]) {
    winstonTransport(handler, { handleExceptions }).write(info);
  }
  const rejection = { level: "error", message: "late", rejection: true };
  for (const handleRejections of [false, true]) {
    winstonTransport(handler, { handleRejections }).write(rejection);
  }
  assertEquals(records.map((r) => r.msg), ["boom", "late"]);
});

test("winston: a handler that fails does not harm the caller", (t) => {
  const handler = new LogHandler({
    publish: () => {
      throw new Error("closed");
    },
  });
  const logger = createLogger(t, { transports: [winstonTransport(handler)] });
  for (let i = 0; i < 50; i++) logger.info("a");
  assertEquals(handler.dropped, 50);
});
