/** Tests the pino destination with pino itself. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pino } from "pino";
import {
  LogHandler,
  pinoDestination,
} from "../../../src/manager/logging/mod.ts";
import { test } from "../../support/harness.ts";
import { recorder } from "./recorder.ts";

test("pino: a record arrives with name, time and fields", () => {
  const before = Date.now();
  const all = recorder();
  const logger = pino({ name: "app", base: {} }, pinoDestination(all.handler));
  logger.child({ request: 7 }).info({ user: "me" }, "hello %s, 100%", "you");
  const { only } = all;
  assertEquals(only.msg, "hello you, 100%");
  assertEquals([only.args, only.level, only.name], [[], 20, "app"]);
  assertEquals(only.extra, { request: 7, user: "me" });
  const time = Date.parse(only.time);
  assert(time >= before && time <= Date.now());
});

test("pino: pid and hostname are fields like any other", () => {
  const all = recorder();
  pino(pinoDestination(all.handler)).info("hello");
  assertEquals(Object.keys(all.only.extra ?? {}).sort(), ["hostname", "pid"]);
  assertEquals(all.only.name, "test");
});

test("pino: every level has Python's number, own ones too", () => {
  const { handler, records } = recorder();
  const logger = pino({
    level: "trace",
    customLevels: { notice: 35, low: 4 },
  }, pinoDestination(handler));
  logger.trace("");
  logger.debug("");
  logger.info("");
  logger.notice("");
  logger.warn("");
  logger.error("");
  logger.fatal("");
  assertEquals(records.map((r) => r.level), [5, 10, 20, 25, 30, 40, 50]);
});

test("pino: an error becomes the exception", () => {
  const { handler, records } = recorder();
  const logger = pino({ base: {} }, pinoDestination(handler));
  logger.error(new TypeError("no"));
  logger.error({ err: new RangeError("far"), id: 1 }, "it failed");
  assertEquals(
    records.map((r) => [r.msg, r.exception?.name, r.exception?.message]),
    [["no", "TypeError", "no"], ["it failed", "RangeError", "far"]],
  );
  assertMatch(records[0]?.exception?.traceback ?? "", /pino_destination\.test/);
  assertEquals(records[1]?.extra, { id: 1 });
});

test("pino: changed keys, level labels and times are understood", () => {
  const { handler, records } = recorder();
  const keys = { messageKey: "message", errorKey: "error" };
  const destination = pinoDestination(handler, keys);
  for (
    const timestamp of [
      () => ',"time":1732480000', // pino.stdTimeFunctions.unixTime
      () => ',"time":"2024-11-24T20:26:40.000Z"',
      () => ',"time":1732480000000',
    ]
  ) {
    pino({
      ...keys,
      timestamp,
      base: {},
      formatters: { level: (label) => ({ level: label }) },
    }, destination).warn({ error: new Error("x") }, "hello");
  }
  for (const record of records) {
    assertEquals(record.msg, "hello");
    assertEquals(record.time, "2024-11-24T20:26:40.000Z");
    assertEquals(record.level, 30);
    assertEquals(record.exception?.message, "x");
  }
  assertEquals(records.length, 3);
});

test("pino: lines may arrive in pieces, even inside a character", async () => {
  const { handler, records } = recorder();
  const line =
    '{"level":30,"msg":"größer 😀"}\r\n\n{"level":50,"msg":"b"}\nplain';
  const bytes = new TextEncoder().encode(line);
  const pieces = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
  const destination = pinoDestination(handler);
  Readable.from(pieces, { objectMode: false }).pipe(destination);
  await once(destination, "finish");
  assertEquals(records.map((r) => [r.level, r.msg]), [
    [20, "größer 😀"],
    [40, "b"],
    [20, "plain"],
  ]);
});

test("pino: a line that is not a JSON object is published as it is", () => {
  const { handler, records } = recorder();
  const destination = pinoDestination(handler);
  for (const line of ["plain text", "[1]", "null", '{"level":30']) {
    destination.write(`${line}\n`);
  }
  assertEquals(
    records.map((r) => r.msg),
    ["plain text", "[1]", "null", '{"level":30'],
  );
});

test("pino: the memory for an endless line is bounded", () => {
  const { handler, records } = recorder();
  const destination = pinoDestination(handler);
  destination.write("x".repeat((1 << 20) + 1));
  destination.write('{"level":30,"msg":"next"}\n');
  assertEquals(records.map((r) => r.msg.slice(-24)), [
    " (a line that does not end)".slice(-24),
    "next",
  ]);
  assert((records[0]?.msg.length ?? Infinity) < 300);
});

test("pino: a handler that fails does not harm the caller", () => {
  const handler = new LogHandler({
    publish: () => {
      throw new Error("closed");
    },
  });
  const logger = pino(pinoDestination(handler));
  logger.fatal("a");
  logger.info("b");
  assertEquals(handler.dropped, 2);
});
