/** Tests getLogHandler and getLogger: which object it is, and what it does to its caller. */
import {
  JSONSerializer,
  logtapeSink,
  SocketNotFound,
  zmq,
} from "@agentzero/agentzero";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { test } from "../support/harness.ts";
import { broadcast, managerFor } from "./fixtures.ts";

interface LogData {
  msg: string;
  template?: string;
  args: unknown[];
  level: number;
  time: string;
  name: string;
}

test("get_log_handler: publishes records, with time in UTC", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  sockets.setTopic("sub", "app_logs");
  const handler = sockets.getLogHandler("pub", { topicName: "app_logs" });
  const before = Date.now();
  handler.handle({ level: "info", msg: "%s is up", args: ["the server"] });
  const event = await sockets.recvEventSafe<LogData>("sub");
  assertEquals(event!.topic, "app_logs");
  const { time, ...rest } = event!.data;
  assertEquals(rest, {
    msg: "the server is up",
    template: "%s is up",
    args: ["the server"],
    level: 20,
    name: "root",
  });
  // Python writes the local time and marks it as UTC.
  assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert(Math.abs(Date.parse(time) - before) < 5000, time);
  assertEquals([handler.published, handler.dropped], [1, 0]);
});

test("get_log_handler: the same object for the same arguments", (t) => {
  const sockets = managerFor(t);
  sockets.create("logs", zmq.PUB);
  sockets.create("other", zmq.PUB);
  const handler = sockets.getLogHandler("logs");
  assertStrictEquals(
    sockets.getLogHandler("logs", { topicName: "logs" }),
    handler,
  );
  assertNotStrictEquals(
    sockets.getLogHandler("logs", { topicName: "x" }),
    handler,
  );
  assertNotStrictEquals(sockets.getLogHandler("other"), handler);
});

test("get_logger: the same object for the same arguments, with one handler", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  sockets.setTopic("sub", "logs");
  const logger = sockets.getLogger("pub");
  assertStrictEquals(
    sockets.getLogger("pub", { topicName: "logs", loggerName: "pub" }),
    logger,
  );
  assertStrictEquals(logger.handler, sockets.getLogHandler("pub"));
  assertNotStrictEquals(sockets.getLogger("pub", { loggerName: "x" }), logger);
  // Python adds one more handler with each call, so that records come twice.
  sockets.getLogger("pub").warning("disk %d%% full", 91);
  const event = await sockets.recvEventSafe<LogData>("sub");
  const { name, msg, args, level } = event!.data;
  assertEquals([name, msg, args, level], ["pub", "disk 91% full", [91], 30]);
  assertEquals(
    await sockets.recvEventSafe("sub", undefined, { timeout: 5 }),
    undefined,
  );
});

test("get_logger: the socket may be created later; what comes before is dropped", async (t) => {
  const sockets = managerFor(t);
  const logger = sockets.getLogger("pub");
  const handler = sockets.getLogHandler("pub");
  logger.info("no one to receive");
  assertEquals([handler.published, handler.dropped], [0, 1]);
  assert(handler.lastError instanceof SocketNotFound);
  await broadcast(sockets);
  sockets.setTopic("sub", "logs");
  logger.info("here");
  const event = await sockets.recvEventSafe<LogData>("sub");
  assertEquals([event?.data.msg, handler.published], ["here", 1]);
  assertStrictEquals(sockets.getLogger("pub"), logger);
});

test("get_log_handler: it never throws into its caller, and counts what it drops", async (t) => {
  const sockets = managerFor(t);
  sockets.create("busy", zmq.PUSH); // no peer: it cannot take a record
  const handler = sockets.getLogHandler("busy");
  handler.handle({ level: "info", msg: "a" });
  assertEquals([handler.published, handler.dropped], [0, 1]);
  sockets.create("logs", zmq.PUB);
  const logger = sockets.getLogger("logs");
  const own = sockets.getLogHandler("logs");
  logger.log(25, "a level of its own, which Python raises for");
  await sockets.close("logs");
  logger.error("no one to receive");
  assertEquals([own.published, own.dropped], [1, 1]);
  assert(own.lastError instanceof SocketNotFound);
  const pull = sockets.create("in", zmq.PULL);
  const wrong = sockets.getLogHandler("in");
  wrong.handle({ level: "info", msg: "a PULL cannot send" });
  assertEquals([wrong.dropped, pull.closed], [1, false]);
});

test("get_log_handler: it goes on with a new socket of its name", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const handler = sockets.getLogHandler("pub");
  await sockets.closeAll();
  handler.handle({ level: "info", msg: "lost" });
  await broadcast(sockets);
  sockets.setTopic("sub", "logs");
  handler.handle({ level: "info", msg: "found" });
  assertEquals(
    (await sockets.recvEventSafe<LogData>("sub"))?.data.msg,
    "found",
  );
  assertNotStrictEquals(sockets.getLogHandler("pub"), handler);
});

test("get_log_handler: logging because of a record that is published is no loop", (t) => {
  class Chatty extends JSONSerializer {
    override pack(value: unknown): Uint8Array {
      logger.info("packing");
      return super.pack(value);
    }
  }
  const sockets = managerFor(t, { serializationBackend: new Chatty() });
  sockets.create("logs", zmq.PUB);
  const logger = sockets.getLogger("logs");
  logger.info("once");
  const handler = sockets.getLogHandler("logs");
  assertEquals([handler.published, handler.dropped], [1, 1]);
});

test("get_log_handler: the adapters of logging libraries take it", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  sockets.setTopic("sub", "logs");
  const sink = logtapeSink(sockets.getLogHandler("pub"));
  sink({
    category: ["app", "db"],
    level: "error",
    message: ["slow: ", 12, " ms"],
    properties: { ms: 12 },
    timestamp: 0,
  });
  const { level, time } = (await sockets.recvEventSafe<LogData>("sub"))!.data;
  assertEquals([level, time], [40, "1970-01-01T00:00:00.000Z"]);
});
