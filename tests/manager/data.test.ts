/** Tests sendSafe and recvSafe. */
import {
  AgentZeroSocketError,
  MSGPACK,
  RAW,
  SerializationError,
  SocketNotFound,
  zmq,
} from "@agentzero/agentzero";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { test, within } from "../support/harness.ts";
import {
  broadcast,
  inproc,
  managerFor,
  msOf,
  pipeline,
  service,
  turn,
} from "./fixtures.ts";

const values = [
  { pipeline: "video-download", instructions: { url: "https://h/?v=ä€😀" } },
  null,
  0,
  "",
  false,
  [],
  {},
  [1, [2, { three: 3 }]],
];

for (const backend of [undefined, new MSGPACK()]) {
  test(`send_safe and recv_safe: every value comes back, with ${backend?.name ?? "JSON by default"}`, async (t) => {
    const sockets = managerFor(t, { serializationBackend: backend });
    await pipeline(sockets);
    for (const value of values) {
      assertStrictEquals(await sockets.sendSafe("out", value), true);
      assertEquals(await sockets.recvSafe("in"), value);
    }
  });
}

test("send_safe and recv_safe: MSGPACK carries bytes, RAW carries them as they are", async (t) => {
  const bytes = Uint8Array.of(0, 255, 128);
  for (const serializationBackend of [new MSGPACK(), new RAW()]) {
    const sockets = managerFor(t, { serializationBackend });
    await pipeline(sockets);
    await sockets.sendSafe("out", bytes);
    const got = await sockets.recvSafe<Uint8Array>("in");
    assertEquals(Uint8Array.from(got!), bytes);
  }
});

test("send_safe: works with a socket that is not registered", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  sockets.unregisterSocket("in");
  sockets.unregisterSocket("out");
  assertEquals(await sockets.sendSafe("out", 1), true);
  assertEquals(await sockets.recvSafe("in"), 1);
});

test("send_safe: returns false when the socket never accepts the message", async (t) => {
  const sockets = managerFor(t, { timeout: 20 });
  sockets.create("lonely", zmq.PUSH);
  const ms = await msOf(async () => {
    assertStrictEquals(await sockets.sendSafe("lonely", 1), false);
  });
  assert(ms >= 19 && ms < 1000, `${ms} ms`);
  sockets.create("rep", zmq.REP); // has no request to answer
  assertEquals(await sockets.sendSafe("rep", 1, { timeout: 0 }), false);
});

test("send_safe: waits until there is room", async (t) => {
  const sockets = managerFor(t);
  sockets.create("out", zmq.PUSH);
  const sent = sockets.sendSafe("out", 1);
  await turn();
  await sockets.ensureAndBind("in", zmq.PULL, inproc());
  await sockets.connect("out", sockets.getByName("in").lastEndpoint!);
  assertEquals(await within(sent, 2000, "the message to leave"), true);
  assertEquals(await sockets.recvSafe("in"), 1);
});

test("send_safe: concurrent calls are sent in order", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  const options = { sendHighWaterMark: 1, receiveHighWaterMark: 1 };
  await sockets.ensureAndBind("in", zmq.PULL, address, zmq.POLLIN, {
    receiveHighWaterMark: 1,
  });
  sockets.create("out", zmq.PUSH, {
    sendHighWaterMark: options.sendHighWaterMark,
  });
  const sent = Array.from({ length: 50 }, (_, i) => sockets.sendSafe("out", i));
  await sockets.connect("out", address);
  const got: unknown[] = [];
  while (got.length < 50) got.push(await sockets.recvSafe("in"));
  assertEquals(got, Array.from({ length: 50 }, (_, i) => i));
  assert((await Promise.all(sent)).every(Boolean));
});

test("send_safe and recv_safe: no call overtakes one that waits", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  const pull = await sockets.ensureAndBind("in", zmq.PULL, address, undefined, {
    receiveHighWaterMark: 1,
  });
  const push = await sockets.ensureAndConnect(
    "out",
    zmq.PUSH,
    address,
    undefined,
    {
      sendHighWaterMark: 1,
    },
  );
  while (push.trySend("0"));
  const sent = [sockets.sendSafe("out", 1)];
  await turn();
  while (!push.writable) pull.tryReceive();
  sent.push(sockets.sendSafe("out", 2)); // there is room, but 1 was first
  const got: unknown[] = [];
  while (got.length < 2) {
    const data = await sockets.recvSafe("in");
    if (data !== 0) got.push(data);
  }
  assertEquals(got, [1, 2]);
  assertEquals(await Promise.all(sent), [true, true]);

  const received = [sockets.recvSafe("in")];
  await turn();
  push.trySend("3");
  received.push(sockets.recvSafe("in"));
  push.trySend("4");
  assertEquals(await Promise.all(received), [3, 4]);
});

test("send_safe: a value that cannot be packed is an error that names the socket; nothing is sent", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (const data of [NaN, undefined, () => {}, cycle, { a: 1n }]) {
    const error = await assertRejects(
      () => sockets.sendSafe("out", data),
      SerializationError,
      "for socket 'out'",
    );
    assertEquals([error.code, error.socketName], ["PACK_FAILED", "out"]);
  }
  assertEquals(await sockets.recvSafe("in", { timeout: 20 }), undefined);
});

test("send_safe: an aborted call sends nothing", async (t) => {
  const sockets = managerFor(t);
  const reason = new Error("enough");
  const controller = new AbortController();
  sockets.create("out", zmq.PUSH);
  const first = sockets.sendSafe("out", 1, controller);
  const second = sockets.sendSafe("out", 2, controller); // waits behind it
  const third = sockets.sendSafe("out", 3);
  await turn();
  controller.abort(reason);
  for (
    const promise of [first, second, sockets.sendSafe("out", 4, controller)]
  ) {
    assertStrictEquals(await assertRejects(() => promise), reason);
  }
  const address = inproc();
  await sockets.ensureAndBind("in", zmq.PULL, address);
  await sockets.connect("out", address);
  assertEquals([await third, await sockets.recvSafe("in")], [true, 3]);
  assertEquals(await sockets.recvSafe("in", { timeout: 10 }), undefined);
});

test("recv_safe: a timeout and a JSON null are distinguished", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  assertStrictEquals(await sockets.recvSafe("in", { timeout: 10 }), undefined);
  await sockets.sendSafe("out", null);
  assertStrictEquals(await sockets.recvSafe("in"), null);
});

test("recv_safe: no message is lost to aborted calls", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  const total = 200;
  const got: unknown[] = [];
  const receive = (async () => {
    for (let i = 0; got.length < total; i++) {
      const controller = new AbortController();
      const signal = controller.signal;
      const call = sockets.recvSafe("in", { timeout: i % 3, signal });
      // At every point on the way of a message: 0 to 9 microtasks later.
      for (let n = i % 10; n > 0; n--) await Promise.resolve();
      if (i % 2 === 0) controller.abort();
      const data = await call.catch(() => undefined);
      if (data !== undefined) got.push(data);
    }
  })();
  for (let i = 0; i < total; i++) {
    await sockets.sendSafe("out", i);
    if (i % 7 === 0) await turn();
  }
  await receive;
  assertEquals(got, Array.from({ length: total }, (_, i) => i));
});

test("recv_safe: concurrent calls get messages in order, each within its own time", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  const first = sockets.recvSafe("in");
  const brief = sockets.recvSafe("in", { timeout: 10 });
  const last = sockets.recvSafe("in");
  assertEquals(await brief, undefined);
  assertEquals(await sockets.recvSafe("in", { timeout: 0 }), undefined);
  await sockets.sendSafe("out", 1);
  await sockets.sendSafe("out", 2);
  assertEquals(await Promise.all([first, last]), [1, 2]);
});

test("recv_safe: a message that cannot be unpacked rejects with the bytes, and the next one is received", async (t) => {
  for (const serializationBackend of [undefined, new MSGPACK()]) {
    const sockets = managerFor(t, { serializationBackend });
    await pipeline(sockets);
    const raw = Uint8Array.of(0xc1, 0xff);
    assert(sockets.getByName("out", zmq.PUSH).trySend(raw));
    await sockets.sendSafe("out", "next");
    const error = await assertRejects(
      () => sockets.recvSafe("in"),
      SerializationError,
      "for socket 'in'",
    );
    assertEquals([error.code, error.socketName], ["UNPACK_FAILED", "in"]);
    assertEquals(Uint8Array.from(error.raw!), raw);
    assertEquals(await sockets.recvSafe("in"), "next");
  }
});

test("recv_safe: a message of several frames is an error, not half a message", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  assert(sockets.getByName("out", zmq.PUSH).trySend(["12", "34"]));
  await sockets.sendSafe("out", "next");
  const error = await assertRejects(
    () => sockets.recvSafe("in"),
    SerializationError,
    "the message has 2 frames, expected 1",
  );
  assertEquals(new TextDecoder().decode(error.raw), "1234");
  assertEquals(await sockets.recvSafe("in"), "next");
});

test("recv_safe: a DEALER reads the answers of a REP", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  await sockets.ensureAndBind("rep", zmq.REP, address);
  await sockets.ensureAndConnect("dealer", zmq.DEALER, address);
  await sockets.publishSafe("dealer", "", "question"); // an empty frame first
  assertEquals(await sockets.recvSafe("rep"), "question");
  await sockets.sendSafe("rep", "answer");
  assertEquals(await sockets.recvSafe("dealer"), "answer");
});

test("send_safe and recv_safe: what a socket type cannot do is reported at once", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  await broadcast(sockets);
  sockets.create("router", zmq.ROUTER);
  const cases: [() => Promise<unknown>, string][] = [
    [() => sockets.sendSafe("in", 1), "is of type PULL: it cannot send"],
    [
      () => sockets.publishSafe("sub", "a", 1),
      "is of type SUB: it cannot send",
    ],
    [() => sockets.recvSafe("out"), "is of type PUSH: it cannot receive"],
    [
      () => sockets.sendSafe("router", 1),
      "use publishSafe(name, routingId, data)",
    ],
    [() => sockets.recvSafe("router"), "use recvEventSafe(name)"],
  ];
  for (const [action, message] of cases) {
    const error = await assertRejects(
      () => within(action(), 1000, "an error"),
      AgentZeroSocketError,
      message,
    );
    assertEquals(error.code, "SOCKET_ERROR");
  }
  for (const method of ["sendSafe", "recvSafe"] as const) {
    await assertRejects(() => sockets[method]("x", {}), SocketNotFound);
  }
});

test("send_safe and recv_safe: a ROUTER uses routing ids", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  await sockets.ensureAndBind("router", zmq.ROUTER, address, zmq.POLLIN, {
    mandatory: true,
  });
  const dealer = await sockets.ensureAndConnect("dealer", zmq.DEALER, address);
  await sockets.sendSafe("dealer", "ready");
  const event = await sockets.recvEventSafe("router");
  assertEquals([event!.topic, event!.data], [
    dealer.getOption("routingId"),
    "ready",
  ]);
  await sockets.publishSafe("router", event!.rawTopic, "go on");
  assertEquals(await sockets.recvSafe("dealer"), "go on");
  const error = await assertRejects(
    () => sockets.publishSafe("router", "unknown", 1),
    AgentZeroSocketError,
    "Cannot send through socket 'router': No peer has this routing id",
  );
  assertEquals((error.cause as zmq.ZmqError).code, "EHOSTUNREACH");
});

test("send_safe: a ROUTER whose peer is full waits without spinning", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  await sockets.ensureAndBind("router", zmq.ROUTER, address, zmq.POLLIN, {
    mandatory: true,
    sendHighWaterMark: 1,
  });
  const dealer = await sockets.ensureAndConnect(
    "dealer",
    zmq.DEALER,
    address,
    zmq.POLLIN,
    { receiveHighWaterMark: 1 },
  );
  const id = String(dealer.getOption("routingId"));
  let count = 0;
  while (await sockets.publishSafe("router", id, count, { timeout: 0 })) {
    count++;
  }
  assertEquals(
    await sockets.publishSafe("router", id, count, { timeout: 1 }),
    false,
  );
  const stop = new AbortController();
  const waiting = sockets.publishSafe("router", id, count, {
    timeout: 10_000,
    signal: stop.signal,
  });
  // Were it spinning, no timer would run.
  setTimeout(() => stop.abort(new Error("enough")), 5);
  await assertRejects(() => waiting, Error, "enough");
  const sent = sockets.publishSafe("router", id, "last");
  for (let i = 0; i < count; i++) {
    assertEquals(await sockets.recvSafe("dealer"), i);
  }
  assertEquals([await sent, await sockets.recvSafe("dealer")], [true, "last"]);
});

test("send_safe: a tight loop starves no one", async (t) => {
  const sockets = managerFor(t);
  sockets.create("pub", zmq.PUB); // always ready
  let isOver = false;
  const timer = setTimeout(() => isOver = true, 20);
  let count = 0;
  while (!isOver && count < 5_000_000) {
    await sockets.publishSafe("pub", "a", count++);
  }
  clearTimeout(timer);
  assert(isOver, `the timer did not fire during ${count} calls`);
});

test("send_safe and recv_safe: request and reply, as in the documentation", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  await sockets.sendSafe("client", "question");
  assertEquals(await sockets.recvSafe("server"), "question");
  assertEquals(await sockets.recvSafe("server", { timeout: 5 }), undefined);
  await sockets.sendSafe("server", "answer");
  assertEquals(await sockets.recvSafe("client"), "answer");
});
