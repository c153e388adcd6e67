// Options: defaults, names, numbers, bounds; and what can be sent as a message.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Socket } from "node:net";
import * as zmq from "../../../src/zmq/mod.ts";
import { deferred, platform, test } from "../../support/harness.ts";
import { joined, texts } from "./pairs.ts";

test("options have the defaults of libzmq", (t) => {
  const push = t.use(new zmq.Push());
  assertEquals(
    [
      push.linger,
      push.sendHighWaterMark,
      push.sendTimeout,
      push.reconnectInterval,
      push.immediate,
    ],
    [-1, 1000, -1, 100, false],
  );
  const sub = t.use(new zmq.Subscriber());
  assertEquals([sub.linger, sub.receiveHighWaterMark], [0, 1000]);
});

test("an option is set in the constructor, as a property, by name and by number", (t) => {
  const router = t.use(
    new zmq.Router({ linger: 5, mandatory: true, routingId: "me" }),
  );
  assertEquals([router.linger, router.mandatory, router.routingId], [
    5,
    true,
    "me",
  ]);
  router.linger = 6;
  assertEquals(router.getOption("linger"), 6);
  router.setOption(17, 7);
  assertEquals([router.linger, router.getOption(17)], [7, 7]);
  router.setOption(33, 0);
  assertEquals(router.mandatory, false);
});

for (
  const [name, value] of [
    ["linger", -2],
    ["linger", 1.5],
    ["linger", "5"],
    ["linger", NaN],
    ["sendHighWaterMark", -1],
    ["immediate", "yes"],
    ["routingId", ""],
    ["routingId", "x".repeat(256)],
    ["routingId", 5],
    ["heartbeatTimeToLive", 6_553_501],
    ["tcpKeepalive", 2],
    ["routingId", Uint8Array.of(0, 1)],
    ["helloMessage", 5],
    ["socksProxy", "proxy"],
    ["socksProxy", "proxy:0"],
    ["socksProxy", "proxy:65536"],
    ["socksProxy", "[fe80::1:1080"],
    ["socksProxy", "http://proxy:1080"],
    ["socksUsername", "x".repeat(256)],
    ["reconnectStop", ["sometimes"]],
    ["reconnectStop", "refused"],
    ["reconnectStop", 8],
    ["reconnectStop", null],
    ["routerNotify", ["connect"]],
    ["disconnectMessage", "bye"],
    ["manual", true],
    ["type", 5],
    ["lastEndpoint", "tcp://127.0.0.1:1"],
    ["securityMechanism", "curve"],
    [16, 5],
    ["nonsense", 1],
    ["mandatory", true],
    [9999, 1],
  ] as const
) {
  test(`the option ${name} of a DEALER cannot be ${String(value).slice(0, 10)}`, (t) => {
    const dealer = t.use(new zmq.Dealer());
    const error = assertThrows(
      () => dealer.setOption(name, value),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
    if (typeof name !== "string") return;
    assertThrows(() => new zmq.Dealer({ [name]: value }), zmq.ZmqError);
  });
}

test("an unsupported option of libzmq is ENOTSUP, with the reason", (t) => {
  const push = t.use(new zmq.Push());
  for (const option of ["tcpAcceptFilter", 38, "gssapiServer", 80, 92]) {
    const error = assertThrows(() => push.setOption(option, 1), zmq.ZmqError);
    assertEquals(error.code, "ENOTSUP");
  }
  assertThrows(
    () => new zmq.Push({ interface: "eth0" } as unknown as zmq.SocketOptions),
    zmq.ZmqError,
    "cannot bind to a device",
  );
});

test("tuning options without effect are accepted, and keep their value", (t) => {
  const tunings = {
    affinity: 3,
    sendBufferSize: 65_536,
    receiveBufferSize: 65_536,
    tcpKeepaliveCount: 5,
    tcpKeepaliveInterval: 60,
    rate: 1000,
    recoveryInterval: 500,
    multicastHops: 2,
    multicastMaxTransportDataUnit: 9000,
    loopbackFastPath: true,
  };
  const push = t.use(new zmq.Push(tunings));
  const other = t.use(new zmq.Subscriber());
  for (const [name, value] of Object.entries(tunings)) {
    assertEquals(push.getOption(name), value);
    const before = other.getOption(name);
    (other as unknown as Record<string, unknown>)[name] = value;
    assertEquals(other.getOption(name), value);
    assertEquals(before === value, false, name);
    assertThrows(() => push.setOption(name, -2), zmq.ZmqError);
    assertThrows(() => push.setOption(name, "x"), zmq.ZmqError);
  }
  push.setOption(11, 1024);
  assertEquals(push.sendBufferSize, 1024);
});

test("a socket that could not be created leaves nothing behind", async () => {
  const context = new zmq.Context();
  assertThrows(() => new zmq.Push({ context, linger: -5 }), zmq.ZmqError);
  assertEquals(context.size, 0);
  await context.close();
});

test("SUBSCRIBE and UNSUBSCRIBE are options by number, as in libzmq", async (t) => {
  const xpub = t.use(new zmq.XPublisher());
  const sub = t.use(new zmq.Subscriber());
  await joined(xpub, sub, "inproc://numbers");
  sub.setOption(6, "a");
  assertEquals(texts(await xpub.receive()), ["\x01a"]);
  sub.setOption(7, "a");
  assertEquals(texts(await xpub.receive()), ["\x00a"]);
  assertThrows(() => sub.setOption(6, 5), zmq.ZmqError);
});

test("createSocket refuses an unknown type", () => {
  assertThrows(() => zmq.createSocket(99 as zmq.SocketType), zmq.ZmqError);
});

test("text, numbers, null, buffers and views can be frames", async (t) => {
  const pair = t.use(new zmq.Pair());
  const other = t.use(new zmq.Pair());
  await joined(pair, other);
  const { buffer } = Uint8Array.of(0, 1, 2, 3);
  await pair.send([
    "ö",
    42,
    -1.5,
    null,
    buffer,
    new DataView(buffer, 1, 2),
    new Uint8Array([7]),
  ]);
  const got = await other.receive();
  assertEquals(got.slice(0, 4).map(String), ["ö", "42", "-1.5", ""]);
  assertEquals(got.slice(4).map((frame) => [...frame]), [[0, 1, 2, 3], [1, 2], [
    7,
  ]]);
  await pair.send("one frame");
  assertEquals(texts(await other.receive()), ["one frame"]);
});

for (
  const value of [
    undefined,
    [],
    {},
    [undefined],
    [["nested"]],
    () => {},
    Symbol("s"),
  ]
) {
  test(`${Array.isArray(value) ? JSON.stringify(value) : typeof value} is not a message, and nothing is sent`, async (t) => {
    const pair = t.use(new zmq.Pair());
    const other = t.use(new zmq.Pair());
    await joined(pair, other, "inproc://bad");
    const error = await assertRejects(
      () => pair.send(value as unknown as string),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
    await pair.send("next");
    assertEquals(texts(await other.receive()), ["next"]);
  });
}

test("a received frame is what the runtime decodes with toString", async (t) => {
  for (const address of ["tcp://127.0.0.1:*", "inproc://decode"]) {
    const pair = t.use(new zmq.Pair());
    const other = t.use(new zmq.Pair());
    await joined(pair, other, address);
    await pair.send(new TextEncoder().encode("héllo"));
    assertEquals(String((await other.receive())[0]), "héllo");
    await pair.send(new Uint8Array(5000).fill(97));
    assertEquals(String((await other.receive())[0]), "a".repeat(5000));
  }
});

test("options that change later count for later addresses only", async (t) => {
  const [server, client] = [zmq.curveKeyPair(), zmq.curveKeyPair()];
  const pull = t.use(
    new zmq.Pull({ curveServer: true, curveSecretKey: server.secretKey }),
  );
  await pull.bind("tcp://127.0.0.1:*");
  const first = pull.lastEndpoint!;
  // Incomplete, and reported at the next bind; existing binds are not affected.
  pull.curveSecretKey = null;
  const error = await assertRejects(
    () => pull.bind("tcp://127.0.0.1:*"),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EINVAL");
  const push = t.use(
    new zmq.Push({
      curveServerKey: server.publicKey,
      curvePublicKey: client.publicKey,
      curveSecretKey: client.secretKey,
    }),
  );
  push.connect(first);
  await push.send("still with the old key");
  assertEquals(texts(await pull.receive()), ["still with the old key"]);
});

test("empty text and bytes unset an option where that applies", (t) => {
  const router = t.use(new zmq.Router());
  for (
    const name of [
      "helloMessage",
      "disconnectMessage",
      "socksProxy",
      "socksUsername",
      "socksPassword",
      "plainPassword",
      "zapDomain",
    ] as const
  ) {
    router.setOption(name, name === "socksProxy" ? "[::1]:1080" : "x");
    router.setOption(name, "");
    assertEquals(router[name], null);
    router.setOption(name, new Uint8Array(0));
    assertEquals(router[name], null);
  }
});

test("flag sets are names or libzmq's bits, and changing the returned set has no effect", (t) => {
  const router = t.use(new zmq.Router({ routerNotify: ["disconnect"] }));
  router.setOption(109, 5);
  assertEquals(router.reconnectStop, ["refused", "disconnected"]);
  router.reconnectStop = ["handshake", "refused", "handshake"];
  assertEquals(router.getOption(109), ["refused", "handshake"]);
  assertEquals(router.routerNotify, ["disconnect"]);
  router.setOption(97, 3);
  assertEquals(router.routerNotify, ["connect", "disconnect"]);
  assertThrows(() => (router.routerNotify as string[]).pop(), TypeError);
  router.setOption(97, 0);
  assertEquals(router.routerNotify, []);
});

test("no error shows a secret", (t) => {
  const push = t.use(new zmq.Push());
  const secret = "s3cret".repeat(50);
  for (
    const name of [
      "plainPassword",
      "socksPassword",
      "curveSecretKey",
      "curveAllowedKeys",
    ]
  ) {
    const error = assertThrows(() => push.setOption(name, secret));
    assertEquals((error as Error).message.includes("s3cret"), false);
  }
});

test("the number of XPUB_VERBOSER is an option of XPUB", (t) => {
  const xpub = t.use(new zmq.XPublisher());
  xpub.setOption(78, 1);
  assertEquals(xpub.verbosity, "allSubsUnsubs");
  xpub.setOption(78, 0);
  assertEquals(xpub.verbosity, null);
  xpub.setOption(40, 1);
  assertEquals(xpub.verbosity, "allSubs");
});

test("read-only properties are read by name and by number", (t) => {
  const push = t.use(new zmq.Push());
  assertEquals(push.getOption(16), zmq.PUSH);
  assertEquals(push.getOption("lastEndpoint"), null);
  assertEquals([push.threadSafe, push.getOption(81)], [false, false]);
  assertEquals(push.securityMechanism, null);
  push.plainUsername = "me";
  assertEquals(push.securityMechanism, "plain");
  push.plainUsername = null;
  push.curveServer = true;
  assertEquals([push.securityMechanism, push.getOption(43)], [
    "curve",
    "curve",
  ]);
});

test("version and capability have the form of zeromq.js", () => {
  assertEquals(/^4\.3\.\d+$/.test(zmq.version), true);
  const { curve, gssapi, ipc } = zmq.capability;
  assertEquals([curve, gssapi, ipc], [true, false, platform !== "win32"]);
});

test("subscribe without a topic is everything, as in zeromq.js", async (t) => {
  const xpub = t.use(new zmq.XPublisher());
  const sub = t.use(new zmq.Subscriber());
  await joined(xpub, sub, "inproc://everything");
  sub.subscribe();
  assertEquals(texts(await xpub.receive()), ["\x01"]);
  sub.unsubscribe();
  assertEquals(texts(await xpub.receive()), ["\x00"]);
});

const { setTypeOfService } = Socket.prototype as {
  setTypeOfService?: (byte: number) => unknown;
};

test(
  "typeOfService marks bound and connected connections",
  {
    skip: setTypeOfService === undefined &&
      "node:net has no setTypeOfService here",
  },
  async (t) => {
    const marks: number[] = [];
    const both = deferred<void>();
    const prototype = Socket.prototype as { setTypeOfService?: unknown };
    t.cleanup(() => prototype.setTypeOfService = setTypeOfService);
    prototype.setTypeOfService = function (this: Socket, byte: number) {
      setTypeOfService!.call(this, byte);
      const marked = this as unknown as { getTypeOfService(): number };
      marks.push(marked.getTypeOfService());
      if (marks.length === 2) both.resolve();
      return this;
    };
    const pull = t.use(new zmq.Pull({ typeOfService: 0x28 }));
    const push = t.use(new zmq.Push({ typeOfService: 0x10 }));
    await joined(pull, push);
    await both.promise;
    assertEquals(marks.sort(), [0x10, 0x28]);
    await push.send("x");
    assertEquals(texts(await pull.receive()), ["x"]);
  },
);

test(
  "typeOfService is an error where the runtime cannot set it",
  {
    skip: setTypeOfService !== undefined &&
      "node:net has setTypeOfService here",
  },
  async (t) => {
    const pull = t.use(new zmq.Pull({ typeOfService: 0x28 }));
    const error = await assertRejects(
      () => pull.bind("tcp://127.0.0.1:*"),
      zmq.ZmqError,
    );
    assertEquals(error.code, "ENOTSUP");
    assertThrows(
      () => pull.connect("tcp://127.0.0.1:1"),
      zmq.ZmqError,
      "typeOfService",
    );
    await pull.bind("inproc://unmarked");
    pull.typeOfService = 0;
    await pull.bind("tcp://127.0.0.1:*");
  },
);
