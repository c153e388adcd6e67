/** Tests how sockets are created, found, listed, given options, and closed. */
import {
  AgentZeroSocketError,
  SocketAlreadyExists,
  SocketManager,
  SocketNotFound,
  SocketTypeMismatch,
  zmq,
} from "@agentzero/agentzero";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { test, within } from "../support/harness.ts";
import { inproc, managerFor, pipeline } from "./fixtures.ts";
import { testedModule } from "./module.ts";

const UUID4 =
  /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("create: the socket has its class, a uuid4 as routing id, and a linger of 1 s", (t) => {
  const sockets = managerFor(t);
  const request: zmq.Request = sockets.create("a", zmq.REQ);
  const router: zmq.Router = sockets.create("b", zmq.ROUTER);
  const push: zmq.Push = sockets.create("c", zmq.PUSH);
  const sub: zmq.Subscriber = sockets.create("d", zmq.SUB);
  const [one, two] = [request, router].map((socket) =>
    String(socket.getOption("routingId"))
  );
  assertMatch(one!, UUID4);
  assertMatch(two!, UUID4);
  assertNotEquals(one, two);
  assertEquals(
    [request, push, sub].map((socket) => socket.getOption("linger")),
    [1000, 1000, 0],
  );
});

test("create: every socket type of libzmq can be created", (t) => {
  const sockets = managerFor(t);
  const all = [...zmq.SOCKET_TYPE_NAMES.entries()];
  for (const [type, name] of all) {
    const socket = sockets.create(name, type as zmq.SocketType);
    assertEquals(socket.type, type);
  }
  assertEquals(sockets.names, all.map(([, name]) => name));
});

test("create: the caller's options take precedence over the manager's", (t) => {
  const sockets = managerFor(t, { linger: 7 });
  const socket = sockets.create("a", zmq.DEALER, {
    routingId: "me",
    linger: 5,
    sendHighWaterMark: 3,
  });
  assertEquals(
    ["routingId", "linger", "sendHighWaterMark"].map((option) =>
      socket.getOption(option)
    ),
    ["me", 5, 3],
  );
  assertEquals(sockets.create("b", zmq.DEALER).getOption("linger"), 7);
});

test("create: sockets live in the context of the manager", (t) => {
  const context = testedModule().newContext(t);
  const sockets = managerFor(t, { context });
  assertStrictEquals(sockets.create("a", zmq.PAIR).context, context);
  assertStrictEquals(
    managerFor(t).create("a", zmq.PAIR).context,
    testedModule().context,
  );
});

test("create: a name that is taken is an error, in the words of the Python documentation", (t) => {
  const sockets = managerFor(t);
  sockets.create("foo", zmq.REP);
  const error = assertThrows(
    () => sockets.create("foo", zmq.REP),
    SocketAlreadyExists,
    "SocketManager(sockets=['foo']) already has a socket named 'foo'.",
  );
  assertEquals([error.code, error.socketName], [
    "SOCKET_ALREADY_EXISTS",
    "foo",
  ]);
});

test("create: an invalid option is an error that names the socket, and the name stays free", (t) => {
  const sockets = managerFor(t);
  for (const options of [{ linger: -2 }, { lingr: 2 }]) {
    const error = assertThrows(
      () => sockets.create("foo", zmq.PUSH, options as zmq.SocketOptions),
      AgentZeroSocketError,
      "Cannot create socket 'foo': ",
    );
    assertEquals((error.cause as zmq.ZmqError).code, "EINVAL");
  }
  assert(!sockets.has("foo"));
});

test("get_by_name: returns the socket, and throws for an unknown name", (t) => {
  const sockets = managerFor(t);
  const socket = sockets.create("foo", zmq.REP);
  assertStrictEquals(sockets.getByName("foo"), socket);
  const typed: zmq.Reply = sockets.getByName("foo", zmq.REP);
  assertStrictEquals(typed, socket);
  const error = assertThrows(
    () => sockets.getByName("some-name"),
    SocketNotFound,
    "SocketManager(sockets=['foo']) has no sockets named 'some-name'.",
  );
  assertEquals(error.code, "SOCKET_NOT_FOUND");
  assertThrows(
    () => sockets.getByName("foo", zmq.PUB),
    SocketTypeMismatch,
    "The socket 'foo' is a REP socket, not PUB.",
  );
});

test("get_by_name: has, names, size and iteration agree", (t) => {
  const sockets = managerFor(t);
  assertEquals([sockets.size, sockets.names, [...sockets]], [0, [], []]);
  const a = sockets.create("a", zmq.REP);
  const b = sockets.create("b", zmq.PUB);
  assertEquals([sockets.size, sockets.names], [2, ["a", "b"]]);
  assertEquals([sockets.has("a"), sockets.has("c")], [true, false]);
  const pairs = [...sockets];
  assertEquals(pairs.map(([name]) => name), ["a", "b"]);
  assert(pairs[0]![1] === a && pairs[1]![1] === b);
});

test("get_or_create: returns the same socket again, but not one of another type", async (t) => {
  const sockets = managerFor(t);
  const socket: zmq.Reply = sockets.getOrCreate("a", zmq.REP, zmq.POLLIN);
  assertStrictEquals(sockets.getOrCreate("a", zmq.REP, zmq.POLLOUT), socket);
  const error = assertThrows(
    () => sockets.getOrCreate("a", zmq.PUB, zmq.POLLOUT),
    SocketTypeMismatch,
  );
  assertEquals([error.expected, error.actual, error.code], [
    "PUB",
    "REP",
    "SOCKET_TYPE_MISMATCH",
  ]);
  await assertRejects(
    () => sockets.ensureAndConnect("a", zmq.SUB, inproc()),
    SocketTypeMismatch,
  );
});

test("get_or_create: registers the socket", async (t) => {
  const sockets = managerFor(t);
  const socket = sockets.getOrCreate("a", zmq.PUB, zmq.POLLOUT);
  assertEquals([...await sockets.engage({ timeout: 0 })], [[socket, 2]]);
});

test("set_socket_option: options are set by name and by libzmq's number", (t) => {
  const sockets = managerFor(t);
  sockets.create("in", zmq.PULL);
  sockets.setSocketOption("in", "receiveHighWaterMark", 10);
  assertEquals(sockets.getSocketOption("in", "receiveHighWaterMark"), 10);
  const RCVHWM = 24;
  sockets.setSocketOption("in", RCVHWM, 11);
  assertEquals(sockets.getSocketOption("in", RCVHWM), 11);
  assertEquals(sockets.getByName("in").getOption("receiveHighWaterMark"), 11);
});

test("set_socket_option: an unknown or impossible option is a clear error", (t) => {
  const sockets = managerFor(t);
  sockets.create("in", zmq.PULL);
  const HWM = 1; // documented in Python, but libzmq has had none since version 3
  for (
    const [option, value, reason] of [
      [HWM, 10, "There is no socket option 1"],
      ["nonsense", 10, "There is no socket option nonsense"],
      ["toString", 10, "There is no socket option toString"],
      ["sendHighWaterMark", 10, "A PULL socket does not have the option"],
      ["receiveHighWaterMark", -1, "cannot be -1: expected an integer"],
      ["receiveHighWaterMark", "x", 'cannot be "x": expected an integer'],
    ] as const
  ) {
    const error = assertThrows(
      () => sockets.setSocketOption("in", option as number, value),
      AgentZeroSocketError,
      reason,
    );
    assertEquals(error.socketName, "in");
    assertEquals((error.cause as zmq.ZmqError).code, "EINVAL");
  }
  const error = assertThrows(
    () => sockets.getSocketOption("in", HWM),
    AgentZeroSocketError,
    "Cannot get an option of socket 'in': There is no socket option 1",
  );
  assertEquals(error.code, "SOCKET_ERROR");
  assertThrows(() => sockets.getSocketOption("x", "linger"), SocketNotFound);
  assertThrows(() => sockets.setSocketOption("x", "linger", 0), SocketNotFound);
  // @ts-expect-error: the value of an option has its type
  assertThrows(() => sockets.setSocketOption("in", "linger", "long"));
});

test("close: the name is free, and the socket removed everywhere", async (t) => {
  const sockets = managerFor(t);
  const old = await sockets.ensureAndBind("a", zmq.PUB, "tcp://127.0.0.1:*");
  const endpoint = old.lastEndpoint!;
  await sockets.close("a");
  assert(old.closed);
  assertEquals([sockets.has("a"), sockets.size], [false, 0]);
  assertThrows(() => sockets.getByName("a"), SocketNotFound);
  assertEquals((await sockets.engage({ timeout: 0 })).size, 0);
  const fresh = await sockets.ensureAndBind("a", zmq.PUB, endpoint);
  assert(fresh !== old && fresh.lastEndpoint === endpoint);
});

test("close: it is idempotent, and every call waits for the end", async (t) => {
  const sockets = managerFor(t);
  const a = await sockets.ensureAndBind("a", zmq.PUB, "tcp://127.0.0.1:*");
  const port = Number(a.lastEndpoint!.split(":").at(-1));
  void sockets.close("a");
  assert(!sockets.has("a"), "the name is free at once");
  await sockets.close("a");
  await new Promise<void>((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  });
  await sockets.close("a");
  await sockets.close("never there");
});

test("close: pending calls reject with SOCKET_CLOSED", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  const waiting = [
    sockets.recvSafe("in"),
    sockets.recvSafe("in"), // behind the first one
    sockets.ready("in", zmq.POLLIN),
    sockets.waitUntilReady("in", zmq.POLLIN),
  ];
  const settled = Promise.allSettled(waiting);
  await sockets.close("in");
  for (const result of await within(settled, 2000, "the end of all calls")) {
    assert(result.status === "rejected");
    assertEquals(result.reason.message, "The socket 'in' was closed.");
    assertEquals([result.reason.code, result.reason.socketName], [
      "SOCKET_CLOSED",
      "in",
    ]);
  }
});

test("close: a socket that was closed directly no longer has a name", async (t) => {
  const sockets = managerFor(t);
  const socket = sockets.getOrCreate("a", zmq.PUB);
  await socket.close();
  assertEquals([sockets.has("a"), sockets.size, sockets.names], [
    false,
    0,
    [],
  ]);
  assertEquals((await sockets.engage({ timeout: 0 })).size, 0);
  assert(sockets.getOrCreate("a", zmq.PUB) !== socket);
});

test("close: closeAll and `await using` close every socket", async () => {
  let socket: zmq.Push;
  {
    await using sockets = new SocketManager({ zmq: testedModule() });
    socket = sockets.create("a", zmq.PUSH);
    sockets.create("b", zmq.PULL);
    await sockets.closeAll();
    assert(socket.closed);
    assertEquals(sockets.size, 0);
    socket = sockets.create("a", zmq.PUSH);
  }
  assert(socket.closed);
});

test("close: closeAll goes on when a socket cannot be closed, and says why", async () => {
  const errors: unknown[] = [];
  const onCloseError = (error: unknown, name: string) => {
    errors.push([name, (error as Error).message]);
    throw error; // changes nothing
  };
  const sockets = new SocketManager({ zmq: testedModule(), onCloseError });
  const bad = sockets.create("bad", zmq.PULL);
  const worse = sockets.create("worse", zmq.PULL);
  const good = sockets.create("good", zmq.PULL);
  const close = [bad.close.bind(bad), worse.close.bind(worse)];
  bad.close = () => {
    throw new Error("thrown");
  };
  worse.close = () => Promise.reject(new Error("rejected"));
  await sockets.closeAll();
  assertEquals(errors, [["bad", "thrown"], ["worse", "rejected"]]);
  assertEquals([good.closed, sockets.size], [true, 0]);
  await Promise.all(close.map((one) => one()));
});

test("repr: toString and the inspect hooks return the same text", (t) => {
  const sockets = managerFor(t);
  assertEquals(`${sockets}`, "SocketManager(sockets=[])");
  sockets.create("foo", zmq.REP);
  sockets.create("bar", zmq.REP);
  const text = "SocketManager(sockets=['foo', 'bar'])";
  assertEquals(`${sockets}`, text);
  assertEquals(inspect(sockets), text);
  const { Deno, Bun } = globalThis as {
    Deno?: { inspect(value: unknown): string };
    Bun?: { inspect(value: unknown): string };
  };
  assertEquals(Deno?.inspect(sockets) ?? text, text);
  assertEquals(Bun?.inspect(sockets) ?? text, text);
  sockets.create("it's", zmq.REP);
  assertEquals(
    sockets.toString(),
    `SocketManager(sockets=['foo', 'bar', "it's"])`,
  );
  sockets.create(`a"'\\\n`, zmq.REP);
  assert(sockets.toString().endsWith(`"it's", 'a"\\'\\\\\\n'])`));
});

test("the constructor refuses invalid times", () => {
  for (
    const options of [
      { timeout: NaN },
      { timeout: -2 },
      { pollingTimeout: -0.5 },
      { linger: "1" as unknown as number },
    ]
  ) {
    assertThrows(() => new SocketManager(options), RangeError, "cannot be");
  }
  new SocketManager({ timeout: -1, pollingTimeout: Infinity, linger: 0 });
});
