// Connections that are lost, refused, silent or malformed: retried with back-off,
// watched with heartbeats, reported as events.
import { assert, assertEquals } from "@std/assert";
import { createServer, type Socket } from "node:net";
import * as zmq from "../../../src/zmq/mod.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { joined, once, TCP, texts } from "./pairs.ts";

const CLOSED_PORT = "tcp://127.0.0.1:1";

/** A TCP server that accepts and passes each connection on. */
async function listener(
  t: TestContext,
  onSocket: (socket: Socket) => void,
): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    t.cleanup(() => socket.destroy());
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.cleanup(() => new Promise((resolve) => server.close(resolve)));
  return `tcp://127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** The next events of a type. */
async function next<E extends zmq.EventType>(
  socket: zmq.Socket,
  type: E,
  count: number,
): Promise<zmq.EventOfType<E>[]> {
  const events: zmq.EventOfType<E>[] = [];
  await new Promise<void>((resolve) =>
    socket.events.on(type, (event) => {
      events.push(event);
      if (events.length === count) resolve();
    })
  );
  return events;
}

// RFC 37.SOCKET.2, 37.SOCKET.3
test("messages wait for a peer that reconnects, on either side", async (t) => {
  const push = t.use(new zmq.Push({ reconnectInterval: 5 }));
  const first = new zmq.Pull();
  const endpoint = await joined(first, push);
  await push.send("1");
  assertEquals(texts(await first.receive()), ["1"]);
  const lost = once(push, "disconnect");
  await first.close();
  await lost;
  for (const text of ["2", "3"]) await push.send(text);
  const second = t.use(new zmq.Pull());
  await second.bind(endpoint);
  for (const text of ["2", "3"]) {
    assertEquals(texts(await second.receive()), [text]);
  }
});

// RFC 37.ERROR.5
test("the wait before reconnecting doubles up to reconnectMaxInterval", async (t) => {
  const push = t.use(
    new zmq.Push({ reconnectInterval: 2, reconnectMaxInterval: 8 }),
  );
  const events = next(push, "connect:retry", 5);
  push.connect(CLOSED_PORT);
  const intervals = (await events).map(({ interval }) => interval);
  for (const [i, base] of [2, 4, 8, 8, 8].entries()) {
    assert(intervals[i]! >= base && intervals[i]! <= base + 2, `${intervals}`);
  }
});

// RFC 37.ERROR.5
test("without reconnectMaxInterval the wait stays the same, with jitter", async (t) => {
  const push = t.use(new zmq.Push({ reconnectInterval: 4 }));
  const events = next(push, "connect:retry", 4);
  push.connect(CLOSED_PORT);
  for (const { interval, error } of await events) {
    assert(interval >= 4 && interval <= 8, `${interval}`);
    assertEquals((error as zmq.ZmqError).code, "ECONNREFUSED");
  }
});

for (
  const [what, handshakeInterval, onSocket] of [
    ["closes the connection", 30_000, (socket: Socket) => socket.end()],
    [
      "breaks the connection",
      30_000,
      (socket: Socket) => socket.resetAndDestroy(),
    ],
    ["says nothing", 1, () => {}],
    [
      "is no ZMTP peer",
      30_000,
      (socket: Socket) => socket.write("HTTP/1.1\r\n"),
    ],
  ] as const
) {
  test(`a peer that ${what} in the handshake is retried at growing intervals`, async (t) => {
    const endpoint = await listener(t, onSocket);
    const push = t.use(
      new zmq.Push({ reconnectInterval: 4, handshakeInterval, linger: 0 }),
    );
    const events = next(push, "connect:retry", 5);
    push.connect(endpoint);
    for (const [i, { interval }] of (await events).entries()) {
      const base = 4 * 2 ** i;
      assert(interval >= base && interval <= base + 4, `${i}: ${interval}`);
    }
  });
}

test("a refused connection is retried at the base interval, whatever happened before", async (t) => {
  let count = 0;
  const tried = new Promise<void>((resolve) =>
    void listener(t, (socket) => {
      socket.end();
      if (++count === 4) resolve();
    }).then((endpoint) => push.connect(endpoint))
  );
  const push = t.use(new zmq.Push({ reconnectInterval: 2, linger: 0 }));
  const [, , , { interval: last }] = await next(push, "connect:retry", 4) as [
    unknown,
    unknown,
    unknown,
    zmq.EventOfType<"connect:retry">,
  ];
  assert(last >= 16, `${last}`);
  await tried;
  await push.disconnect(push.lastEndpoint!);
  const events = next(push, "connect:retry", 2);
  push.connect(CLOSED_PORT);
  for (const { interval } of await events) assert(interval <= 4, `${interval}`);
});

test("a wait is never longer than a timer can hold", async (t) => {
  const longest = 2 ** 31 - 1;
  for (const reconnectMaxInterval of [0, longest]) {
    const push = t.use(
      new zmq.Push({
        reconnectInterval: longest,
        reconnectMaxInterval,
        linger: 0,
      }),
    );
    const events = next(push, "connect:retry", 1);
    push.connect(CLOSED_PORT);
    const [{ interval }] = await events as [zmq.EventOfType<"connect:retry">];
    assertEquals(interval, longest);
    // Set for longer, the timer would fire at once.
    let attempts = 0;
    push.events.on("connect:delay", () => attempts++);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals(attempts, 0);
  }
});

test("a ROUTER accepts a peer that reconnects under another routing id", async (t) => {
  let bound = new zmq.Router({ routingId: "B1" });
  t.cleanup(() => bound.close());
  const router = t.use(
    new zmq.Router({ routingId: "A", mandatory: true, reconnectInterval: 5 }),
  );
  const open = once(router, "handshake");
  const endpoint = await joined(bound, router);
  await open;
  await router.send(["B1", "1"]);
  assertEquals(texts(await bound.receive()), ["A", "1"]);
  await bound.send(["A", "from B1"]);
  await router.poll(zmq.POLLIN);
  const lost = once(router, "disconnect");
  await bound.close();
  await lost;
  await router.send(["B1", "for B1 alone"]); // it may still come back
  bound = new zmq.Router({ routingId: "B2" });
  const met = once(router, "handshake");
  await bound.bind(endpoint);
  await met;
  const error = await router.send(["B1", "x"]).catch((error) => error);
  assertEquals(error.code, "EHOSTUNREACH");
  assertEquals(texts(await router.receive()), ["B1", "from B1"]);
  await router.send(["B2", "2"]);
  assertEquals(texts(await bound.receive()), ["A", "2"]);
  await bound.send(["A", "from B2"]);
  assertEquals(texts(await router.receive()), ["B2", "from B2"]);
});

test("a ROUTER whose peer reconnects under the same routing id keeps queued messages", async (t) => {
  let bound = new zmq.Router({ routingId: "B" });
  t.cleanup(() => bound.close());
  const router = t.use(
    new zmq.Router({ routingId: "A", mandatory: true, reconnectInterval: 5 }),
  );
  const open = once(router, "handshake");
  const endpoint = await joined(bound, router);
  await open;
  const lost = once(router, "disconnect");
  await bound.close();
  await lost;
  await router.send(["B", "waits"]);
  bound = new zmq.Router({ routingId: "B" });
  await bound.bind(endpoint);
  assertEquals(texts(await bound.receive()), ["A", "waits"]);
});

test("reconnectInterval -1 tries once", async (t) => {
  const push = t.use(new zmq.Push({ reconnectInterval: -1, linger: 0 }));
  const failed = once(push, "close:error");
  push.connect(CLOSED_PORT);
  await failed;
  assertEquals(push.writable, false);
});

test("immediate: messages wait only for peers that are connected", async (t) => {
  const push = t.use(new zmq.Push({ immediate: true, reconnectInterval: 5 }));
  push.connect(CLOSED_PORT);
  assertEquals(push.trySend("x"), false);
  const pull = new zmq.Pull();
  await joined(pull, push);
  await push.send("1");
  assertEquals(texts(await pull.receive()), ["1"]);
  const lost = once(push, "disconnect");
  await pull.close();
  await lost;
  assertEquals(push.trySend("x"), false);
});

test("a silent peer is disconnected after handshakeInterval", async (t) => {
  const endpoint = await listener(t, () => {});
  const push = t.use(new zmq.Push({ handshakeInterval: 10, linger: 0 }));
  const failed = next(push, "handshake:error:other", 1);
  push.connect(endpoint);
  const [{ error }] = await failed as [
    zmq.EventOfType<"handshake:error:other">,
  ];
  assertEquals((error as zmq.ZmqError).code, "ETIMEDOUT");
});

// RFC 37.PING.7, 37.PING.9
test("heartbeats detect a silent peer", async (t) => {
  const pull = t.use(
    new zmq.Pull({ heartbeatInterval: 10, heartbeatTimeout: 10 }),
  );
  await pull.bind(TCP);
  const port = Number(pull.lastEndpoint!.split(":")[2]);
  const { connect } = await import("node:net");
  const silent = connect(port, "127.0.0.1");
  t.cleanup(() => silent.destroy());
  silent.on("error", () => {});
  const greeting = new Uint8Array(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]);
  greeting.set(new TextEncoder().encode("NULL"), 12);
  silent.write(greeting);
  silent.write(
    new TextEncoder().encode(
      "\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x04PUSH",
    ),
  );
  const lost = next(pull, "disconnect", 1);
  await once(pull, "handshake");
  const [{ error }] = await lost as [zmq.EventOfType<"disconnect">];
  assertEquals((error as zmq.ZmqError).code, "ETIMEDOUT");
});

test("heartbeats keep an idle connection alive", async (t) => {
  const options = {
    heartbeatInterval: 5,
    heartbeatTimeout: 2000,
    heartbeatTimeToLive: 2000,
  };
  const pull = t.use(new zmq.Pull(options));
  const push = t.use(new zmq.Push(options));
  let isLost = false;
  pull.events.on("disconnect", () => isLost = true);
  await joined(pull, push);
  await push.send("1");
  await pull.receive();
  await pull.poll(zmq.POLLIN, { timeout: 60 });
  assertEquals(isLost, false);
  await push.send("2");
  assertEquals(texts(await pull.receive()), ["2"]);
});

// RFC 37.ERROR.2
test("a peer that does not speak ZMTP is retried at growing intervals", async (t) => {
  const endpoint = await listener(
    t,
    (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
  );
  const push = t.use(new zmq.Push({ reconnectInterval: 2, linger: 0 }));
  const failed = next(push, "handshake:error:protocol", 1);
  const retries = next(push, "connect:retry", 4);
  push.connect(endpoint);
  const [{ error }] = await failed as [
    zmq.EventOfType<"handshake:error:protocol">,
  ];
  assertEquals((error as zmq.ProtocolError).code, "ERR_ZMTP_UNSPECIFIED");
  const last = (await retries)[3]!;
  assert(last.interval >= 16, `${last.interval}`);
});

test("monitor events arrive in order, and end", async () => {
  const pull = new zmq.Pull();
  const push = new zmq.Push({ reconnectInterval: -1 });
  const seen: Record<string, string[]> = { pull: [], push: [] };
  const watching = Object.entries({ pull, push }).map(
    async ([name, socket]) => {
      for await (const { type } of socket.events) seen[name]!.push(type);
    },
  );
  pull.events.on("accept", () => {
    throw new Error("reported on the console, and nothing else");
  });
  const { error } = console;
  console.error = () => {};
  await joined(pull, push);
  await push.send("x");
  await within(pull.receive(), 5000, "the message");
  console.error = error;
  await push.close();
  await pull.close();
  await Promise.all(watching);
  assertEquals(seen.push!.slice(0, 3), [
    "connect:delay",
    "connect",
    "handshake",
  ]);
  assertEquals(seen.push!.at(-1), "end");
  assertEquals(seen.pull!.slice(0, 3), ["bind", "accept", "handshake"]);
  assertEquals(seen.pull!.includes("close"), true);
  assertEquals(seen.pull!.at(-1), "end");
  assertEquals((await pull.events.receive()).type, "end");
});
