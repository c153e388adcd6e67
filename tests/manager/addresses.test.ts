/** Tests binding, connecting, and what undoes them. */
import {
  AgentZeroSocketError,
  getPublicIpAddress,
  SocketBindError,
  SocketConnectError,
  SocketNotFound,
  zmq,
} from "@agentzero/agentzero";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { createServer } from "node:net";
import { runtime, test, type TestContext } from "../support/harness.ts";
import { inproc, managerFor, msOf } from "./fixtures.ts";

/** Sends from "out" to "in", whatever their types. */
async function assertConnected(
  sockets: ReturnType<typeof managerFor>,
  from = "out",
  to = "in",
): Promise<void> {
  assert(await sockets.sendSafe(from, 1), "not sent");
  assertEquals(await sockets.recvSafe(to), 1);
}

/** A TCP port that nothing listens at. */
async function freePort(t: TestContext): Promise<number> {
  const sockets = managerFor(t);
  sockets.create("a", zmq.PULL);
  const [, address] = await sockets.bindToRandomPort(
    "a",
    zmq.POLLIN,
    "tcp://127.0.0.1",
  );
  await sockets.close("a");
  return Number(address.split(":").at(-1));
}

test("bind and connect: return the socket, and register it with the mask", async (t) => {
  const sockets = managerFor(t);
  const pull = sockets.create("in", zmq.PULL);
  const push = sockets.create("out", zmq.PUSH);
  assertStrictEquals(await sockets.bind("in", "tcp://127.0.0.1:*"), pull);
  assertMatch(pull.lastEndpoint!, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  assertStrictEquals(
    await sockets.connect("out", pull.lastEndpoint!, zmq.POLLOUT),
    push,
  );
  await assertConnected(sockets);
  assertEquals([...await sockets.engage()], [[push, zmq.POLLOUT]]);
});

test("bind and connect: a socket keeps all its addresses", async (t) => {
  const sockets = managerFor(t);
  sockets.create("in", zmq.PULL);
  const endpoints: string[] = [];
  for (const address of ["tcp://127.0.0.1:*", inproc(), "tcp://127.0.0.1:0"]) {
    endpoints.push((await sockets.bind("in", address)).lastEndpoint!);
  }
  for (const [i, endpoint] of endpoints.entries()) {
    await sockets.ensureAndConnect(`out-${i}`, zmq.PUSH, endpoint);
    await assertConnected(sockets, `out-${i}`);
  }
  sockets.create("hub", zmq.PUSH, { sendHighWaterMark: 1 });
  for (const i of [0, 1]) {
    const [, address] = await managerAt(`end-${i}`);
    await sockets.connect("hub", address);
  }
  await sockets.sendSafe("hub", 0);
  await sockets.sendSafe("hub", 1);
  // Round robin: each of the two addresses got one.
  const got = [
    await sockets.recvSafe("end-0"),
    await sockets.recvSafe("end-1"),
  ];
  assertEquals(got.sort(), [0, 1]);

  function managerAt(name: string) {
    sockets.create(name, zmq.PULL);
    return sockets.bindToRandomPort(name, zmq.POLLIN, "tcp://127.0.0.1");
  }
});

test("bind and connect: host names work", async (t) => {
  const sockets = managerFor(t);
  sockets.create("in", zmq.PULL);
  const { lastEndpoint } = await sockets.bind("in", "tcp://localhost:*");
  const port = lastEndpoint!.split(":").at(-1);
  await sockets.ensureAndConnect("out", zmq.PUSH, `tcp://localhost:${port}`);
  await assertConnected(sockets);
  await sockets.ensureAndConnect(
    "from",
    zmq.PUSH,
    `tcp://127.0.0.1:0;localhost:${port}`,
  );
  await assertConnected(sockets, "from");
});

test("bind and connect: failures are errors with address, name and cause", async (t) => {
  const sockets = managerFor(t);
  const busy = await sockets.ensureAndBind(
    "busy",
    zmq.REP,
    "tcp://127.0.0.1:*",
  );
  sockets.create("a", zmq.REP);
  const bindings: [address: string, code: string][] = [
    ["", "EINVAL"],
    ["localhost:5000", "EINVAL"],
    ["tcp://localhost", "EINVAL"],
    ["tcp://127.0.0.1:99999", "EINVAL"],
    ["carrier-pigeon://x", "EPROTONOSUPPORT"],
    [busy.lastEndpoint!, "EADDRINUSE"],
    ["tcp://no-such-host.invalid:*", "ENOTFOUND"],
  ];
  for (const [address, code] of bindings) {
    const error = await assertRejects(
      () => sockets.bind("a", address),
      SocketBindError,
      address === ""
        ? 'socket "a" received an empty address and cannot bind' // Python's text
        : `Cannot bind 'a' to "${address}": `,
    );
    assertEquals([error.address, error.socketName, error.code], [
      address,
      "a",
      "SOCKET_BIND_FAILED",
    ]);
    assertEquals((error.cause as zmq.ZmqError).code, code, address);
  }
  const connections: [address: string, code: string][] = [
    ["", "EINVAL"],
    ["localhost:5000", "EINVAL"],
    ["tcp://*:5000", "EINVAL"],
    ["carrier-pigeon://x", "EPROTONOSUPPORT"],
    ["tcp://no-such-host.invalid:5000", "HOST_NOT_FOUND"],
    ["tcp://127.0.0.1:0;no-such-host.invalid:5000", "HOST_NOT_FOUND"],
  ];
  for (const [address, code] of connections) {
    const error = await assertRejects(
      () => sockets.connect("a", address),
      SocketConnectError,
      address === ""
        ? 'socket "a" received an empty address and cannot connect'
        : `Cannot connect 'a' to "${address}": `,
    );
    assertEquals([error.address, error.socketName, error.code], [
      address,
      "a",
      "SOCKET_CONNECT_FAILED",
    ]);
    assertEquals((error.cause as zmq.ZmqError).code, code, address);
  }
  for (const method of ["bind", "connect"] as const) {
    await assertRejects(() => sockets[method]("x", inproc()), SocketNotFound);
  }
});

test("bind and connect: an address counts only after it has worked", async (t) => {
  const sockets = managerFor(t);
  const other = createServer();
  const port = await freePort(t);
  const address = `tcp://127.0.0.1:${port}`;
  await new Promise<void>((done) => other.listen(port, "127.0.0.1", done));
  await assertRejects(
    () => sockets.ensureAndBind("in", zmq.PULL, address),
    SocketBindError,
    "already in use",
  );
  await new Promise((done) => other.close(done));
  // In Python the address was recorded, so that this did nothing.
  await sockets.ensureAndBind("in", zmq.PULL, address);
  await sockets.ensureAndConnect("out", zmq.PUSH, address);
  await assertConnected(sockets);
});

test("bind and connect: a refused connection is not an error; the socket connects later", async (t) => {
  const sockets = managerFor(t);
  const address = `tcp://127.0.0.1:${await freePort(t)}`;
  await sockets.ensureAndConnect("out", zmq.PUSH, address, zmq.POLLOUT, {
    reconnectInterval: 10,
  });
  const sent = sockets.sendSafe("out", 1);
  await sockets.ensureAndBind("in", zmq.PULL, address);
  assertEquals([await sent, await sockets.recvSafe("in")], [true, 1]);
});

test("bind_to_random_port: returns the socket and its actual endpoint", async (t) => {
  const sockets = managerFor(t);
  const socket = sockets.create("in", zmq.PULL);
  const [same, address] = await sockets.bindToRandomPort("in", zmq.POLLIN);
  assertStrictEquals(same, socket);
  assertMatch(address, /^tcp:\/\/0\.0\.0\.0:[1-9]\d+$/);
  const [, local] = await sockets.bindToRandomPort(
    "in",
    zmq.POLLIN,
    "tcp://localhost",
  );
  assertMatch(local, /^tcp:\/\/127\.0\.0\.1:[1-9]\d+$/);
  await sockets.ensureAndConnect("out", zmq.PUSH, local);
  await assertConnected(sockets);
});

test("bind_to_random_port: publicAddress is one that others can connect to", async (t) => {
  const sockets = managerFor(t);
  sockets.create("in", zmq.PULL);
  const [, wildcard] = await sockets.bindToRandomPort("in");
  const address = await sockets.publicAddress("in");
  const ip = await getPublicIpAddress();
  const port = wildcard.split(":").at(-1);
  assertEquals(address, `tcp://${ip.includes(":") ? `[${ip}]` : ip}:${port}`);
  await sockets.ensureAndConnect("out", zmq.PUSH, address);
  await assertConnected(sockets);
  const local = (await sockets.bind("in", "tcp://127.0.0.1:*")).lastEndpoint!;
  assertEquals(await sockets.publicAddress("in"), local);
  assertEquals(await sockets.publicAddress("in", wildcard), address);
  const name = inproc();
  await sockets.bind("in", name);
  assertEquals(await sockets.publicAddress("in"), name);
  await assertRejects(
    () => sockets.publicAddress("out"),
    AgentZeroSocketError,
    "Cannot determine the public address of socket 'out': it is not bound",
  );
});

test(
  "bind_to_random_port: it needs no permission but --allow-net",
  {
    skip: runtime === "deno" ? false : "only Deno has permissions",
    permissions: { net: true },
  },
  async (t) => {
    const sockets = managerFor(t);
    sockets.create("in", zmq.PULL);
    const [, address] = await sockets.bindToRandomPort("in");
    const port = address.split(":").at(-1);
    await sockets.ensureAndConnect("out", zmq.PUSH, `tcp://localhost:${port}`);
    await assertConnected(sockets);
    const error = await assertRejects(
      () => sockets.publicAddress("in"),
      AgentZeroSocketError,
      "--allow-sys=networkInterfaces",
    );
    assertEquals(error.code, "PERMISSION_DENIED");
  },
);

test("bind_to_random_port: its errors are of the family, with the address", async (t) => {
  const sockets = managerFor(t);
  sockets.create("in", zmq.PULL);
  for (
    const address of ["", "tcp://127.0.0.1:5", "tcp://192.0.2.77", "x://y"]
  ) {
    const error = await assertRejects(
      () => sockets.bindToRandomPort("in", zmq.POLLIN, address),
      SocketBindError,
    );
    assertEquals(error.socketName, "in");
    assert(error.address.startsWith(address) && error.cause instanceof Error);
  }
  await assertRejects(() => sockets.bindToRandomPort("x"), SocketNotFound);
});

test("ensure_and_bind: an idle socket does not block other calls", async (t) => {
  const sockets = managerFor(t, { pollingTimeout: 10_000 });
  const ms = await msOf(async () => {
    await sockets.ensureAndBind("a", zmq.PULL, "tcp://127.0.0.1:*", zmq.POLLIN);
    await sockets.ensureAndConnect("b", zmq.SUB, inproc(), zmq.POLLIN);
  });
  assert(ms < 3000, `${ms} ms`);
});

test("ensure_and_bind: the same address again changes nothing", async (t) => {
  const sockets = managerFor(t);
  const address = "tcp://127.0.0.1:*";
  const [one, two] = await Promise.all([
    sockets.ensureAndBind("a", zmq.PULL, address),
    sockets.ensureAndBind("a", zmq.PULL, address),
  ]);
  assertStrictEquals(one, two);
  const endpoint = one.lastEndpoint!;
  await sockets.ensureAndBind("a", zmq.PULL, address);
  await sockets.ensureAndBind("a", zmq.PULL, endpoint);
  assertEquals(one.lastEndpoint, endpoint);
  await sockets.ensureAndBind("a", zmq.PULL, "tcp://127.0.0.1:0");
  assert(one.lastEndpoint !== endpoint, "another address is bound as well");
});

test("ensure_and_connect: the same address again changes nothing", async (t) => {
  const sockets = managerFor(t);
  const { lastEndpoint } = await sockets.ensureAndBind(
    "in",
    zmq.PULL,
    "tcp://127.0.0.1:*",
  );
  const out = sockets.create("out", zmq.PUSH);
  const connected: string[] = [];
  const connect = out.connect.bind(out);
  out.connect = (address) => {
    connected.push(address);
    connect(address);
  };
  await Promise.all(
    [1, 2, 3].map(() =>
      sockets.ensureAndConnect("out", zmq.PUSH, lastEndpoint!)
    ),
  );
  await assertConnected(sockets);
  assertEquals(connected, [lastEndpoint]);
});

test("disconnect: the address that is named, or all of them", async (t) => {
  const sockets = managerFor(t);
  const [a, b, c] = [inproc(), inproc(), inproc()];
  for (const address of [a, b, c]) {
    await sockets.ensureAndBind(address, zmq.PULL, address);
    await sockets.ensureAndConnect("out", zmq.PUSH, address);
  }
  await sockets.disconnect("out", b); // Python knows the last one only
  await sockets.sendSafe("out", 1);
  await sockets.sendSafe("out", 2);
  const got = [await sockets.recvSafe(a), await sockets.recvSafe(c)];
  assertEquals(got.sort(), [1, 2]);
  await sockets.disconnect("out");
  assertEquals(await sockets.sendSafe("out", 3, { timeout: 0 }), false);
  await sockets.disconnect("out");
  const error = await assertRejects(
    () => sockets.disconnect("out", a),
    AgentZeroSocketError,
    "Cannot disconnect socket 'out': ",
  );
  assertEquals((error.cause as zmq.ZmqError).code, "ENOENT");
  await sockets.ensureAndConnect("out", zmq.PUSH, a);
  await assertConnected(sockets, "out", a);
});

test("disconnect: as in Python, it returns true, and a bound socket no longer listens", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  const { lastEndpoint } = await sockets.ensureAndBind(
    "server",
    zmq.REP,
    "tcp://127.0.0.1:*",
  );
  await sockets.connect("server", address);
  assertEquals(await sockets.disconnect("server", lastEndpoint!), true);
  await sockets.ensureAndBind("other", zmq.REP, lastEndpoint!);
  await sockets.bind("server", inproc());
  assertEquals(await sockets.disconnect("server"), true);
  assertEquals(await sockets.disconnect("server"), true);
  await assertRejects(
    () => sockets.disconnect("server", address),
    AgentZeroSocketError,
    "Cannot disconnect socket 'server'",
  );
  await assertRejects(() => sockets.disconnect("x"), SocketNotFound);
});

test("disconnect: unbind frees the address that is named, or all of them", async (t) => {
  const sockets = managerFor(t);
  const given = "tcp://127.0.0.1:*";
  const first = (await sockets.ensureAndBind("a", zmq.PULL, given))
    .lastEndpoint!;
  const second = (await sockets.bind("a", "tcp://127.0.0.1:0")).lastEndpoint!;
  await sockets.unbind("a", given);
  await sockets.ensureAndBind("b", zmq.PULL, first);
  await sockets.unbind("a");
  await sockets.bind("b", second);
  await sockets.unbind("a");
  const error = await assertRejects(
    () => sockets.unbind("a", second),
    AgentZeroSocketError,
    "Cannot unbind socket 'a': ",
  );
  assertEquals((error.cause as zmq.ZmqError).code, "ENOENT");
  await sockets.ensureAndBind("a", zmq.PULL, given); // it is not bound any more
  assert(sockets.getByName("a").lastEndpoint !== first);
});

test("two managers exchange data over TCP and over a Unix socket", async (t) => {
  const here = managerFor(t);
  const there = managerFor(t);
  const path = `ipc://${await t.tempDir()}/s`;
  for (const address of ["tcp://127.0.0.1:*", path]) {
    const name = address.slice(0, 3);
    const { lastEndpoint } = await here.ensureAndBind(name, zmq.REP, address);
    await there.ensureAndConnect(name, zmq.REQ, lastEndpoint!);
    await there.sendSafe(name, "question");
    assertEquals(await here.recvSafe(name), "question");
    await here.sendSafe(name, "answer");
    assertEquals(await there.recvSafe(name), "answer");
  }
});
