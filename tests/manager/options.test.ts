/** Tests that misspelt options are refused, and where options may stand. */
import {
  AgentZeroSocketError,
  Logger,
  LogHandler,
  pinoDestination,
  SocketManager,
  winstonTransport,
  zmq,
} from "@agentzero/agentzero";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "../support/harness.ts";
import { inproc, managerFor, pipeline, service } from "./fixtures.ts";

test("options: misspelt ones are refused everywhere, and the nearest is named", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  await service(sockets);
  // As a program in JavaScript calls it.
  const js = sockets as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const wrong: readonly [string, unknown[], string][] = [
    ["sendSafe", ["out", 1, { timoeut: 1 }], "timeout"],
    ["sendSafe", ["out", 1, { timeoutMs: 1 }], "timeout"],
    ["recvSafe", ["in", { shema: 1 }], "schema"],
    ["publishSafe", ["out", "t", 1, { Timeout: 1 }], "timeout"],
    ["recvEventSafe", ["in", undefined, { signl: 1 }], "signal"],
    ["subscribe", ["in", undefined, { keep_polling: 1 }], "keepPolling"],
    ["request", ["client", 1, { retrys: 1 }], "retries"],
    ["serve", ["server", () => 1, { concurency: 1 }], "concurrency"],
    ["engage", [{ timeOut: 1 }], "timeout"],
    ["ready", ["in", zmq.POLLIN, { timout: 1 }], "timeout"],
    ["ready", ["in", { timout: 1 }], "timeout"],
    ["waitUntilReady", ["in", { timout: 1 }], "timeout"],
    ["getLogHandler", ["out", { topic: "x" }], "topicName"],
    ["getLogger", ["out", { logger_name: "x" }], "loggerName"],
  ];
  for (const [method, args, meant] of wrong) {
    const error = await assertRejects(
      async () => await js[method]!(...args),
      AgentZeroSocketError,
      `of ${method}(); did you mean "${meant}"?`,
    );
    assertEquals(error.code, "OPTION_INVALID");
  }
  const error = assertThrows(
    () => new SocketManager({ serializer: 1 } as object),
    AgentZeroSocketError,
    "of SocketManager",
  );
  assertEquals(error.code, "OPTION_INVALID");
  assertEquals(sockets.has("out"), true);
});

test("options: those of loggers and their adapters are refused, too", () => {
  const publish = () => true;
  const handler = new LogHandler({ publish });
  const wrong: [() => unknown, string][] = [
    [() => new LogHandler({ publish, topic: 1 } as never), "topicName"],
    [() => new Logger(handler, { levl: 1 } as object), "level"],
    [() => new Logger(handler).child("a", { lvel: 1 } as object), "level"],
    [() => pinoDestination(handler, { msgKey: "a" } as object), "messageKey"],
    [() => winstonTransport(handler, { silnt: 1 } as object), "silent"],
  ];
  for (const [action, meant] of wrong) {
    const error = assertThrows(
      action,
      AgentZeroSocketError,
      "Unknown option",
    );
    assertEquals(error.code, "OPTION_INVALID");
    assert(error.message.includes(meant), error.message);
  }
});

test("options: a call with a misspelt one sends nothing and takes nothing", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  const misspelt = { timeuot: 1 } as object;
  await assertRejects(() => sockets.sendSafe("out", "lost", misspelt));
  await sockets.sendSafe("out", "here");
  await assertRejects(() => sockets.recvSafe("in", misspelt));
  assertEquals(await sockets.recvSafe("in"), "here");
});

test("options: those of a socket may stand in the place of the polling mechanism", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  const pull = await sockets.ensureAndBind("in", zmq.PULL, address, {
    receiveHighWaterMark: 7,
  });
  const push = await sockets.ensureAndConnect("out", zmq.PUSH, address, {
    sendHighWaterMark: 8,
  });
  const pub = sockets.getOrCreate("pub", zmq.PUB, { sendHighWaterMark: 9 });
  assertEquals(
    [
      pull.getOption("receiveHighWaterMark"),
      push.getOption("sendHighWaterMark"),
      pub.getOption("sendHighWaterMark"),
    ],
    [7, 8, 9],
  );
  const last = await sockets.ensureAndBind(
    "last",
    zmq.PULL,
    inproc(),
    zmq.POLLIN,
    { receiveHighWaterMark: 10 },
  );
  assertEquals(last.getOption("receiveHighWaterMark"), 10);
  assertEquals(await sockets.ready("in", { timeout: 0 }), 0);
  assertEquals(await sockets.waitUntilReady("in", { timeout: 0 }), undefined);
  sockets.create("rep", zmq.REP);
  const [, endpoint] = await sockets.bindToRandomPort(
    "rep",
    "tcp://127.0.0.1",
  );
  assert(endpoint.startsWith("tcp://127.0.0.1:"));
  // They are polled for all that their type can do.
  await sockets.sendSafe("out", 1);
  const ready = await sockets.engage();
  assertEquals(ready.get(pull), zmq.POLLIN);
  assertThrows(
    () => sockets.getOrCreate("x", zmq.PUB, {}, {}),
    AgentZeroSocketError,
    "were given twice",
  );
  assertEquals(sockets.has("x"), false);
});

test("options: a misspelt option of a socket is refused, and leaves no socket", async (t) => {
  const sockets = managerFor(t);
  const options = { sendHighWatermark: 1 } as object;
  const error = await assertRejects(
    () => sockets.ensureAndBind("pub", zmq.PUB, inproc(), options),
    AgentZeroSocketError,
    "There is no socket option sendHighWatermark; did you mean sendHighWaterMark?",
  );
  assertEquals(error.socketName, "pub");
  assertEquals(sockets.has("pub"), false);
});
