// Disconnecting from single addresses: disconnect and unbind, with other pending
// calls, with messages to send, with and without a peer.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { concat } from "../../../src/zmq/bytes.ts";
import { FakeListener, FakePeer } from "../../support/fake_peer.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { handshake, message } from "../../support/peers/zmtp_bytes.ts";
import { joined, once, TCP, texts, TRANSPORTS } from "./pairs.ts";

const CLOSED_PORT = "tcp://127.0.0.1:1";

/** Fails unless the call is over soon: it has nothing to wait for. */
function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  return within(promise, 2000, what);
}

for (const transport of TRANSPORTS) {
  test(
    `${transport.name}: close after disconnect: both resolve, and what was sent arrives`,
    {
      skip: transport.skip,
    },
    async (t) => {
      const pull = t.use(new zmq.Pull());
      const push = t.use(new zmq.Push());
      const address = await transport.address(t);
      const endpoint = await joined(pull, push, address);
      await push.send("1");
      const gone = push.disconnect(endpoint);
      await soon(Promise.all([gone, push.close(), push.close()]), "all ends");
      assertEquals(texts(await pull.receive()), ["1"]);
    },
  );
}

test("unbind and close: both resolve while connections are still ending", async (t) => {
  const peer = t.use(await slowPuller(t));
  const push = t.use(new zmq.Push({ linger: 50 }));
  push.connect(peer.endpoint);
  await push.send("x");
  const router = t.use(new zmq.Router({ linger: 50 }));
  const dealer = t.use(new zmq.Dealer({ linger: 50 }));
  const endpoint = await joined(router, dealer);
  await dealer.send("x");
  await router.receive();
  const unbound = router.unbind(endpoint);
  await soon(
    Promise.all([unbound, router.close(), push.disconnect(peer.endpoint)]),
    "all ends",
  );
});

const SUBSCRIBERS: readonly (readonly [
  string,
  (options: object) => zmq.Socket,
])[] = [
  ["SUB", (options) => {
    const sub = new zmq.Subscriber(options);
    sub.subscribe("a", "b");
    return sub;
  }],
  ["XSUB", (options) => {
    const xsub = new zmq.XSubscriber(options);
    void xsub.send("\x01a");
    return xsub;
  }],
  ["DISH", (options) => {
    const dish = new zmq.Dish(options);
    dish.join("a");
    return dish;
  }],
];

for (const [type, make] of SUBSCRIBERS) {
  const options = { linger: -1, reconnectInterval: 5 };

  /** Disconnects, and sees that no attempt follows. */
  const leave = async (socket: zmq.Socket, endpoint: string) => {
    const after: string[] = [];
    const closed = once(socket, "close");
    const gone = socket.disconnect(endpoint);
    for (const type of ["connect:delay", "connect", "connect:retry"] as const) {
      socket.events.on(type, () => after.push(type));
    }
    await soon(gone, "disconnect");
    await soon(closed, "the close event");
    assertEquals(after, []);
    await soon(socket.close(), "close");
  };

  test(`${type}: disconnect resolves although there was never a peer`, async (t) => {
    const socket = t.use(make(options));
    const failed = once(socket, "connect:retry");
    socket.connect(CLOSED_PORT);
    await failed;
    await leave(socket, CLOSED_PORT);
  });

  test(`${type}: disconnect resolves while the peer is away`, async (t) => {
    const publisher = t.use(
      type === "DISH" ? new zmq.Radio() : new zmq.XPublisher(),
    );
    const socket = t.use(make(options));
    const open = once(socket, "handshake");
    const endpoint = await joined(publisher, socket);
    await open;
    const lost = once(socket, "disconnect");
    await publisher.close();
    await lost;
    await once(socket, "connect:retry");
    await leave(socket, endpoint);
  });

  test(`${type}: disconnect resolves in the handshake`, async (t) => {
    const listener = t.use(await FakeListener.listen());
    const socket = t.use(make(options));
    socket.connect(listener.endpoint);
    const peer = await listener.accept();
    await peer.waitFor(10); // its greeting
    await leave(socket, listener.endpoint);
    await peer.closed;
  });

  test(`${type}: disconnect resolves where no connection can be made`, async (t) => {
    const socket = t.use(make({ ...options, reconnectInterval: 60_000 }));
    const failed = once(socket, "connect:retry");
    socket.connect(CLOSED_PORT);
    await failed;
    await leave(socket, CLOSED_PORT);
  });

  test(`${type}: close resolves over inproc although the name is not bound`, async (t) => {
    const socket = t.use(make(options));
    socket.connect(`inproc://${crypto.randomUUID()}`);
    await soon(socket.close(), "close");
  });
}

test("XSUB: disconnect resolves although the peer no longer reads", async (t) => {
  const peer = t.use(await slowPuller(t, "XPUB"));
  const xsub = t.use(new zmq.XSubscriber({ linger: -1 }));
  const open = once(xsub, "handshake");
  xsub.connect(peer.endpoint);
  await open;
  // More than the buffers of the system take.
  const large = new Uint8Array(1e6).fill(2);
  for (let i = 0; i < 20; i++) await xsub.send(large);
  await soon(xsub.disconnect(peer.endpoint), "disconnect");
});

/** A peer that shakes hands, and then reads nothing. */
async function slowPuller(
  t: TestContext,
  type = "PULL",
): Promise<FakeListener> {
  const listener = await FakeListener.listen(undefined, { isReading: false });
  void listener.accept().then(async (peer) => {
    t.use(peer);
    await peer.send(handshake(type));
  }).catch(() => {});
  return listener;
}

test("unbind ends the connections that were accepted, as libzmq does", async (t) => {
  const push = t.use(new zmq.Push({ sendTimeout: 50 }));
  const pull = t.use(new zmq.Pull({ reconnectInterval: 60_000 }));
  const endpoint = await joined(push, pull);
  await push.send("1");
  assertEquals(texts(await pull.receive()), ["1"]);
  const lost = once(pull, "disconnect");
  await push.unbind(endpoint);
  assertEquals(push.writable, false);
  assertEquals((await lost).error, undefined);
  const error = await assertRejects(() => push.send("2"), zmq.ZmqError);
  assertEquals(error.code, "EAGAIN");
  assertEquals(
    (await assertRejects(() => push.unbind(endpoint), zmq.ZmqError)).code,
    "ENOENT",
  );
  // The address is free, the socket may bind it again, and the peer comes back.
  await push.bind(endpoint);
  pull.connect(endpoint);
  await push.send("3");
  assertEquals(texts(await pull.receive()), ["3"]);
});

test("unbind: sent messages still leave, arrived ones can be received", async (t) => {
  const router = t.use(new zmq.Router());
  await router.bind(TCP);
  const peer = t.use(await FakePeer.connect(router.lastEndpoint!));
  await peer.shakeHands("DEALER", "d");
  const count = 20;
  const numbers = Array.from({ length: count }, (_, i) => String(i));
  // In one piece: where the first is, the others are.
  await peer.send(concat(numbers.map((text) => message(text))));
  assertEquals(texts(await router.receive()), ["d", "0"]);
  for (const text of numbers) await router.send(["d", text]);
  await router.unbind(router.lastEndpoint!);
  for (const text of numbers.slice(1)) {
    assertEquals(texts(await router.receive()), ["d", text]);
  }
  for (const text of numbers) {
    assertEquals(texts([(await peer.readFrame()).body]), [text]);
  }
  await peer.closed;
});

test("unbind with linger 0 ends them at once, also those in their handshake", async (t) => {
  const push = t.use(new zmq.Push({ linger: 0 }));
  await push.bind(TCP);
  const endpoint = push.lastEndpoint!;
  const peer = t.use(await FakePeer.connect(endpoint));
  await peer.waitFor(10); // its greeting
  const other = t.use(new zmq.Pull({ reconnectInterval: 60_000 }));
  const open = once(other, "handshake");
  other.connect(endpoint);
  await open;
  const lost = once(other, "disconnect");
  await push.unbind(endpoint);
  await soon(Promise.all([peer.closed, lost]), "both ends");
});

test("inproc: unbind frees the name, and peers stay, as in libzmq", async (t) => {
  const push = t.use(new zmq.Push());
  const pull = t.use(new zmq.Pull());
  const name = `inproc://${crypto.randomUUID()}`;
  await joined(push, pull, name);
  await push.unbind(name);
  await push.send("1");
  assertEquals(texts(await pull.receive()), ["1"]);
  await t.use(new zmq.Pair()).bind(name);
});

for (
  const given of [
    "tcp://127.0.0.1:PORT",
    "tcp://*:PORT",
    "tcp://localhost:PORT",
    "tcp://[0:0:0:0:0:0:0:1]:PORT",
  ]
) {
  test(`unbind accepts the address given to bind: ${given}`, async (t) => {
    const pull = t.use(new zmq.Pull());
    await pull.bind(TCP);
    const [port] = /\d+$/.exec(pull.lastEndpoint!)!;
    await pull.unbind(pull.lastEndpoint!);
    const address = given.replace("PORT", port);
    await pull.bind(address);
    const endpoint = pull.lastEndpoint!;
    await pull.unbind(address);
    assertEquals(await code(() => pull.unbind(endpoint)), "ENOENT");
    await pull.bind(address);
    await pull.unbind(endpoint); // and the real one, too
    assertEquals(await code(() => pull.unbind(address)), "ENOENT");
  });
}

test("unbind of a port that the system chose: the newest of those with the same text", async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind(TCP);
  const first = pull.lastEndpoint!;
  await pull.bind(TCP);
  await pull.unbind(TCP);
  const push = t.use(new zmq.Push());
  push.connect(first);
  await push.send("x");
  assertEquals(texts(await pull.receive()), ["x"]);
  await pull.unbind(TCP);
  assertEquals(await code(() => pull.unbind(first)), "ENOENT");
});

test("unbind of a connected address disconnects, disconnect of a bound one unbinds", async (t) => {
  const bound = t.use(new zmq.Dealer());
  const connected = t.use(new zmq.Dealer({ reconnectInterval: 60_000 }));
  const endpoint = await joined(bound, connected);
  await connected.send("1");
  const closed = once(connected, "close");
  await connected.unbind(endpoint);
  await closed;
  assertEquals(texts(await bound.receive()), ["1"]);
  const freed = once(bound, "close");
  await bound.disconnect(endpoint);
  await freed;
  await t.use(new zmq.Dealer()).bind(endpoint);
});

test("a socket that is bound and connected to one address: each call undoes its counterpart", async (t) => {
  const pair = t.use(new zmq.Router({ reconnectInterval: 60_000 }));
  await pair.bind(TCP);
  const endpoint = pair.lastEndpoint!;
  pair.connect(endpoint);
  const closed: string[] = [];
  pair.events.on("close", () => closed.push("close"));
  await pair.disconnect(endpoint);
  const other = t.use(new zmq.Dealer());
  other.connect(endpoint); // still bound
  await once(other, "handshake");
  await pair.unbind(endpoint);
  assertEquals(closed.length, 2);
  assertEquals(await code(() => pair.unbind(endpoint)), "ENOENT");
});

for (
  const [address, expected] of [
    ["foo-bar", "EINVAL"],
    ["", "EINVAL"],
    ["tcp://", "EINVAL"],
    ["tcp://127.0.0.1", "EINVAL"],
    ["tcp://127.0.0.1:70000", "EINVAL"],
    ["ipc://", "EINVAL"],
    ["pgm://127.0.0.1:5555", "EPROTONOSUPPORT"],
    ["foo://bar", "EPROTONOSUPPORT"],
    ["tcp://127.0.0.1:5555", "ENOENT"],
    ["ipc:///tmp/unbound", "ENOENT"],
    ["inproc://unbound", "ENOENT"],
  ] as const
) {
  test(`unbind and disconnect of "${address}" are ${expected}`, async (t) => {
    const socket = t.use(new zmq.Dealer());
    assertEquals(await code(() => socket.unbind(address)), expected);
    const error = assertThrows(() => socket.disconnect(address), zmq.ZmqError);
    assertEquals([error.code, error.address], [expected, address]);
  });
}

async function code(call: () => Promise<void>): Promise<string> {
  return (await assertRejects(call, zmq.ZmqError)).code;
}
