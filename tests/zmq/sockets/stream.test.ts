// STREAM: peers that do not speak ZeroMQ, over bare TCP and Unix domain sockets.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as zmq from "../../../src/zmq/mod.ts";
import { pattern, sameBytes } from "../../support/bytes.ts";
import { FakeListener, FakePeer } from "../../support/fake_peer.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import { once, TCP, texts, TRANSPORTS } from "./pairs.ts";

const STEP_MS = 5000;

/** The next message of a STREAM: the id as its bytes in text, and the body. */
async function next(stream: zmq.Stream): Promise<[Uint8Array, string]> {
  const [id, body] = await within(stream.receive(), STEP_MS, "a message");
  return [id!, texts([body!])[0]!];
}

/** Receives from one peer until there are `size` bytes. */
async function read(stream: zmq.Stream, size: number): Promise<Uint8Array> {
  const whole = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const [, body] = await within(stream.receive(), STEP_MS, "bytes");
    whole.set(body!, at);
    at += body!.byteLength;
  }
  return whole;
}

async function listening(
  t: TestContext,
  options: zmq.StreamOptions = {},
): Promise<zmq.Stream> {
  const stream = t.use(new zmq.Stream({ linger: 0, ...options }));
  await stream.bind(TCP);
  return stream;
}

test("a STREAM answers fetch as an HTTP server", async (t) => {
  const server = await listening(t);
  const url = `${server.lastEndpoint!.replace("tcp:", "http:")}/greeting`;
  const answer = fetch(url, { signal: t.signal, keepalive: false });
  const [peer, beginning] = await next(server);
  assertEquals(beginning, "");
  let request = "";
  while (!request.includes("\r\n\r\n")) {
    const [id, part] = await next(server);
    assertEquals(id, peer);
    request += part;
  }
  assert(request.startsWith("GET /greeting HTTP/1.1\r\n"), request);
  const body = pattern(1_000_000);
  await server.send([
    peer,
    `HTTP/1.0 200 OK\r\nContent-Length: ${body.byteLength}\r\n\r\n`,
  ]);
  await server.send([peer, body]);
  await server.send([peer, ""]);
  const response = await within(answer, STEP_MS, "the answer");
  assertEquals(response.status, 200);
  assert(sameBytes(new Uint8Array(await response.arrayBuffer()), body));
  // What was closed here is not reported as lost.
  assertEquals(server.readable, false);
});

test("a STREAM asks an HTTP server as a client", async (t) => {
  const server = createServer((request, response) => {
    response.end(`you asked for ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.cleanup(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const stream = t.use(new zmq.Stream({ reconnectInterval: -1 }));
  stream.connect(`tcp://127.0.0.1:${port}`, { routingId: "server" });
  await stream.send([
    "server",
    "GET /this HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n",
  ]);
  const [id, beginning] = await next(stream);
  assertEquals([String(id), beginning], ["server", ""]);
  let response = "";
  for (;;) {
    const [, part] = await next(stream);
    if (part === "") break; // the connection is over
    response += part;
  }
  assert(response.startsWith("HTTP/1.1 200 OK\r\n"), response);
  assert(response.includes("you asked for /this"), response);
});

for (const transport of TRANSPORTS) {
  if (transport.name === "inproc" || transport.name === "ws") continue;
  test(
    `two STREAMs exchange bytes over ${transport.name}`,
    { skip: transport.skip },
    async (t) => {
      const server = t.use(new zmq.Stream());
      const client = t.use(new zmq.Stream());
      await server.bind(await transport.address(t));
      client.connect(server.lastEndpoint!, { routingId: "server" });
      const [peer, beginning] = await next(server);
      assertEquals([peer.byteLength, peer[0], beginning], [5, 0, ""]);
      assertEquals((await next(client))[1], "");
      await client.send(["server", "ping"]);
      assertEquals((await next(server))[1], "ping");
      const large = pattern(3 * 1024 * 1024);
      await server.send([peer, large]);
      assert(sameBytes(await read(client, large.byteLength), large));
      await server.send([peer, ""]);
      assertEquals((await next(client))[1], "");
    },
  );
}

test("nothing is sent to a peer but the application's bytes, unchanged", async (t) => {
  const stream = await listening(t);
  const peer = t.use(await FakePeer.connect(stream.lastEndpoint!));
  const [id] = await next(stream);
  await stream.send([id, "as"]);
  await stream.send([id, " it "]);
  await stream.send([id, "is"]);
  await stream.send([id, ""]);
  assertEquals(texts([await peer.read(8)]), ["as it is"]);
  await within(peer.closed, STEP_MS, "the end of the connection");
  assertEquals(peer.unread, 0);
});

test("peers are distinguished, and served in turn", async (t) => {
  const stream = await listening(t, { notify: false });
  const peers = [];
  for (let i = 0; i < 3; i++) {
    peers.push(t.use(await FakePeer.connect(stream.lastEndpoint!)));
  }
  const ids = new Map<string, Uint8Array>();
  for (const [i, peer] of peers.entries()) {
    await peer.send(`I am ${i}`);
    const [id, text] = await next(stream);
    ids.set(text, id);
  }
  for (const [i, peer] of peers.entries()) {
    await stream.send([ids.get(`I am ${i}`)!, `you are ${i}`]);
    assertEquals(texts([await peer.read(9)]), [`you are ${i}`]);
  }
});

test("an empty frame after all that a peer sent says that it has disconnected", async (t) => {
  const stream = await listening(t);
  const peer = t.use(await FakePeer.connect(stream.lastEndpoint!));
  const [id] = await next(stream);
  await peer.send("last words");
  peer.end();
  assertEquals(await next(stream), [id, "last words"]);
  assertEquals(await next(stream), [id, ""]);
  await assertRejects(() => stream.send([id, "?"]), zmq.ZmqError, "No peer");
});

test("a broken connection is reported as well", async (t) => {
  const stream = await listening(t);
  const peer = t.use(await FakePeer.connect(stream.lastEndpoint!));
  const [id] = await next(stream);
  peer.reset();
  assertEquals(await next(stream), [id, ""]);
});

test("with notify false there are no empty frames", async (t) => {
  const stream = await listening(t, { notify: false });
  const lost = once(stream, "disconnect");
  const first = t.use(await FakePeer.connect(stream.lastEndpoint!));
  await first.send("1");
  assertEquals((await next(stream))[1], "1");
  first.end();
  await within(lost, STEP_MS, "the end of the first");
  const second = t.use(await FakePeer.connect(stream.lastEndpoint!));
  await second.send("2");
  assertEquals((await next(stream))[1], "2");
});

test("a peer that connects and disconnects at once yields two messages", async (t) => {
  const stream = await listening(t);
  const peer = await FakePeer.connect(stream.lastEndpoint!);
  await peer.close();
  const [id, beginning] = await next(stream);
  assertEquals(beginning, "");
  assertEquals(await next(stream), [id, ""]);
});

test("the end is reported although the queue was full at that time", async (t) => {
  const stream = await listening(t, { receiveHighWaterMark: 1 });
  const lost = once(stream, "disconnect");
  const peer = t.use(await FakePeer.connect(stream.lastEndpoint!));
  await peer.send("text");
  await peer.close();
  let text = "";
  assertEquals((await next(stream))[1], "");
  for (;;) {
    const [, part] = await next(stream);
    if (part === "") break;
    text += part;
  }
  assertEquals(text, "text");
  await within(lost, STEP_MS, "the end");
});

test("a slow application blocks its peer, and loses nothing", async (t) => {
  const stream = await listening(t, { receiveHighWaterMark: 2 });
  const peer = t.use(await FakePeer.connect(stream.lastEndpoint!));
  await next(stream);
  const whole = pattern(16 * 1024 * 1024);
  let isTaken = false;
  const sending = peer.send(whole).then(() => isTaken = true);
  // No one receives. The system's buffers fill up, and then nothing moves: a
  // later peer is served, and the first is not done.
  await stream.poll(zmq.POLLIN);
  const witness = t.use(await FakePeer.connect(stream.lastEndpoint!));
  await witness.send("witness");
  let seen = 0;
  let got = 0;
  while (seen < 2) {
    const [, body] = await within(stream.receive(), STEP_MS, "the witness");
    const isWitness = body!.byteLength === 0 || String(body) === "witness";
    if (isWitness) seen++;
    else got += body!.byteLength;
  }
  assertEquals(isTaken, false);
  assert(got < whole.byteLength, `${got} bytes`);
  const rest = await read(stream, whole.byteLength - got);
  assert(sameBytes(rest, whole.subarray(got)));
  await sending;
});

test("a peer that does not read fills its queue; send waits, then continues", async (t) => {
  const stream = await listening(t, { sendHighWaterMark: 3, sendTimeout: 0 });
  const peer = t.use(
    await FakePeer.connect(stream.lastEndpoint!, { isReading: false }),
  );
  const [id] = await next(stream);
  const part = pattern(1024 * 1024);
  let count = 0;
  for (;; count++) {
    if (count > 1000) throw new Error("there is no bound");
    // What fits into the system's buffers leaves in later turns.
    if (await stream.send([id, part]).then(() => true, isFull)) continue;
    await stream.poll(zmq.POLLIN, { timeout: 20 });
    if (!await stream.send([id, part]).then(() => true, isFull)) break;
  }
  const waiting = stream.send([id, "end"], { timeout: STEP_MS });
  peer.startReading();
  await waiting;
  await peer.waitFor(count * part.byteLength + 3);
  assertEquals(peer.unread, count * part.byteLength + 3);
});

function isFull(error: unknown): false {
  assertEquals((error as zmq.ZmqError).code, "EAGAIN");
  return false;
}

test("a pending send rejects when the peer disconnects", async (t) => {
  const stream = await listening(t, { sendHighWaterMark: 4 });
  const peer = t.use(
    await FakePeer.connect(stream.lastEndpoint!, { isReading: false }),
  );
  const [id] = await next(stream);
  // More than the system's buffers take: one part is written, one encoded, four
  // are queued, and the others wait.
  const part = pattern(16 * 1024 * 1024);
  let waiting = Promise.resolve();
  for (let i = 0; i < 9; i++) {
    waiting = stream.send([id, part]);
    waiting.catch(() => {});
  }
  peer.reset();
  const error = await assertRejects(() => waiting, zmq.ZmqError);
  assertEquals(error.code, "EHOSTUNREACH");
});

test("what was sent before the connection waits for it", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const stream = t.use(new zmq.Stream());
  stream.connect(listener.endpoint, { routingId: "it" });
  await stream.send(["it", "early"]);
  const peer = await listener.accept();
  assertEquals(texts([await peer.read(5)]), ["early"]);
});

test("a lost connection is re-established under the same routing id", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const stream = t.use(new zmq.Stream({ reconnectInterval: 1 }));
  stream.connect(listener.endpoint, { routingId: "it" });
  for (let i = 0; i < 3; i++) {
    const peer = await listener.accept();
    assertEquals(texts(await stream.receive()), ["it", ""]);
    await stream.send(["it", `${i}`]);
    assertEquals(texts([await peer.read(1)]), [`${i}`]);
    await peer.close();
    assertEquals(texts(await stream.receive()), ["it", ""]);
  }
});

test("the next connection does not start with the rest of the last message", async (t) => {
  const listener = t.use(
    await FakeListener.listen(undefined, { isReading: false }),
  );
  const stream = t.use(
    new zmq.Stream({ reconnectInterval: 1, sendHighWaterMark: 0, linger: 0 }),
  );
  stream.connect(listener.endpoint, { routingId: "it" });
  const first = await listener.accept();
  assertEquals(texts(await stream.receive()), ["it", ""]);
  const part = pattern(1024 * 1024);
  for (let i = 0; i < 32; i++) await stream.send(["it", part]);
  first.reset();
  assertEquals(texts(await stream.receive()), ["it", ""]);
  const second = await listener.accept();
  second.startReading();
  assertEquals(texts(await stream.receive()), ["it", ""]);
  await stream.send(["it", "a new beginning"]);
  assertEquals(texts([await second.read(15)]), ["a new beginning"]);
});

test("an empty frame closes an outgoing connection for good", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const stream = t.use(new zmq.Stream({ reconnectInterval: 1 }));
  stream.connect(listener.endpoint, { routingId: "it" });
  const closed = once(stream, "close");
  await stream.send(["it", "all"]);
  await stream.send(["it", ""]);
  const peer = await listener.accept();
  assertEquals(texts([await peer.read(3)]), ["all"]);
  await within(peer.closed, STEP_MS, "the end of the connection");
  await within(closed, STEP_MS, "the address to be given up");
  // The id is free, and the address may be connected again.
  stream.connect(listener.endpoint, { routingId: "it" });
  await listener.accept();
});

test("an empty frame before the first connection gives up the address", async (t) => {
  const stream = t.use(new zmq.Stream({ reconnectInterval: 1 }));
  stream.connect("tcp://127.0.0.1:1", { routingId: "unknown" });
  const closed = once(stream, "close");
  await stream.send(["unknown", ""]);
  await within(closed, STEP_MS, "the address to be given up");
  await assertRejects(() => stream.send(["unknown", "x"]), zmq.ZmqError);
});

test("with immediate, there is a peer only while there is a connection", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const stream = t.use(
    new zmq.Stream({ immediate: true, reconnectInterval: 1 }),
  );
  stream.connect(listener.endpoint, { routingId: "it" });
  const error = await assertRejects(
    () => stream.send(["it", "x"]),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EHOSTUNREACH");
  assertEquals(texts(await stream.receive()), ["it", ""]);
  await stream.send(["it", "x"]);
  assertEquals(texts([await (await listener.accept()).read(1)]), ["x"]);
});

test("one address can be connected more than once", async (t) => {
  const server = await listening(t);
  const stream = t.use(new zmq.Stream());
  stream.connect(server.lastEndpoint!, { routingId: "a" });
  stream.connect(server.lastEndpoint!, { routingId: "b" });
  await stream.send(["a", "1"]);
  await stream.send(["b", "2"]);
  const seen: string[] = [];
  while (seen.length < 4) seen.push((await next(server))[1]);
  assertEquals(seen.sort(), ["", "", "1", "2"]);
});

test("routing ids that cannot be used are refused", (t) => {
  const stream = t.use(new zmq.Stream({ linger: 0 }));
  for (const routingId of ["", "\0a", "x".repeat(256)]) {
    const error = assertThrows(
      () => stream.connect("tcp://127.0.0.1:1", { routingId }),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
  }
  stream.connect("tcp://127.0.0.1:1", { routingId: "a" });
  assertThrows(
    () => stream.connect("tcp://127.0.0.1:2", { routingId: "a" }),
    zmq.ZmqError,
    'Cannot connect to "tcp://127.0.0.1:2": another peer already has this routing id',
  );
});

test("malformed messages and unknown peers are refused", async (t) => {
  const stream = t.use(new zmq.Stream());
  for (const message of ["one", ["one"], ["one", "two", "three"]]) {
    const error = await assertRejects(
      () => stream.send(message),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
  }
  const error = await assertRejects(
    () => stream.send(["unknown", "x"]),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EHOSTUNREACH");
});

for (const address of ["inproc://x", "ws://127.0.0.1:9"]) {
  test(`a STREAM cannot use ${address}`, async (t) => {
    const stream = t.use(new zmq.Stream());
    const refused = [
      await assertRejects(() => stream.bind(address), zmq.ZmqError),
      assertThrows(() => stream.connect(address), zmq.ZmqError),
    ];
    for (const error of refused) {
      assertEquals(error.code, "EPROTONOSUPPORT");
      assertEquals(
        error.message,
        `A STREAM cannot use "${address}": expected tcp or ipc`,
      );
    }
  });
}

test("options of ZMTP are refused: nothing would protect the connection", (t) => {
  for (
    const options of [
      { curveServer: true },
      { plainUsername: "me" },
      { zapDomain: "d" },
      { heartbeatInterval: 1 },
      { maxMessageSize: 1 },
    ]
  ) {
    const error = assertThrows(() => new zmq.Stream(options), zmq.ZmqError);
    assertEquals(error.code, "EINVAL");
  }
  const stream = t.use(new zmq.Stream());
  assertEquals([stream.notify, stream.getOption(73)], [true, true]);
  assertThrows(() => t.use(new zmq.Dealer()).getOption(73), zmq.ZmqError);
});

test("close still sends earlier messages, unless linger forbids it", async (t) => {
  const stream = new zmq.Stream();
  await stream.bind(TCP);
  const peer = t.use(await FakePeer.connect(stream.lastEndpoint!));
  const [id] = await next(stream);
  const part = pattern(4 * 1024 * 1024);
  await stream.send([id, part]);
  await within(stream.close(), STEP_MS, "close()");
  assert(sameBytes(await peer.read(part.byteLength), part));
  await within(peer.closed, STEP_MS, "the end of the connection");
});

test("disconnect ends the connection after what was sent", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const stream = t.use(new zmq.Stream());
  stream.connect(listener.endpoint, { routingId: "it" });
  await stream.send(["it", "last"]);
  const gone = stream.disconnect(listener.endpoint);
  const peer = await listener.accept();
  assertEquals(texts([await peer.read(4)]), ["last"]);
  await within(gone, STEP_MS, "disconnect()");
  await within(peer.closed, STEP_MS, "the end of the connection");
});

test("a STREAM sends no ZMTP to a ZeroMQ peer, which gives up", async (t) => {
  const stream = await listening(t);
  const push = t.use(
    new zmq.Push({ handshakeInterval: 20, reconnectInterval: -1, linger: 0 }),
  );
  const failed = once(push, "handshake:error:other");
  push.connect(stream.lastEndpoint!);
  assertEquals((await next(stream))[1], "");
  const [, signature] = await stream.receive();
  assertEquals([signature![0], signature![9]], [0xff, 0x7f]);
  await within(failed, STEP_MS, "the end of its patience");
  assertEquals((await next(stream))[1], "");
});

test("the caller may change a small frame afterwards", async (t) => {
  const stream = await listening(t);
  const peer = t.use(await FakePeer.connect(stream.lastEndpoint!));
  const [id] = await next(stream);
  const part = new TextEncoder().encode("mine");
  const sent = stream.send([id, part]);
  part.fill(0);
  await sent;
  assertEquals(texts([await peer.read(4)]), ["mine"]);
});
