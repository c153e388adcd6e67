// RFC 37 (ZMTP 3.1) and RFC 23 (ZMTP 3.0), on the wire of whole sockets. What
// other tests leave open; tests/rfc has the clauses.
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { FakeListener, FakePeer } from "../../support/fake_peer.ts";
import { test, type TestContext, within } from "../../support/harness.ts";
import {
  bytes,
  COMMAND,
  command,
  greeting,
  handshake,
  LONG,
  property,
  ready,
} from "../../support/peers/zmtp_bytes.ts";
import { once, TCP, texts } from "../sockets/pairs.ts";
import {
  allRead,
  join,
  readTexts,
  say,
  STEP_MS,
  type TypeName,
} from "./raw.ts";

/** A raw connection to a socket that is bound, of which nothing was said yet. */
async function dial(t: TestContext, socket: zmq.Socket): Promise<FakePeer> {
  t.use(socket);
  await socket.bind(TCP);
  return t.use(await FakePeer.connect(socket.lastEndpoint!));
}

// RFC 37.VERSION.6
test("a peer of a later version gets our version", async (t) => {
  const sub = new zmq.Subscriber({ linger: 0 });
  sub.subscribe("a");
  const peer = await dial(t, sub);
  await peer.send(bytes(greeting({ major: 4, minor: 9 }), ready("PUB")));
  const ours = await peer.read(64);
  assertEquals([ours[10], ours[11]], [3, 1]);
  assertEquals((await peer.readFrame()).body[0], 5); // READY
  assertEquals(texts([(await peer.readFrame()).body]), ["\x09SUBSCRIBEa"]);
  await say(peer, "a message");
  assertEquals(texts(await sub.receive()), ["a message"]);
});

// RFC 37.NULL.2, 37.TOPOLOGY.2
test("with NULL as-server is zero, and ignored in a peer's greeting", async (t) => {
  const pull = new zmq.Pull();
  const peer = await dial(t, pull);
  const theirs = greeting();
  theirs[32] = 1;
  await peer.send(bytes(theirs, ready("PUSH")));
  const ours = await peer.read(64);
  assertEquals(ours[32], 0);
  await say(peer, "served");
  assertEquals(texts(await pull.receive()), ["served"]);
});

// RFC 24.PLAIN.1, 25.CURVE.1, 37.TOPOLOGY.1
test("the server of a mechanism may connect, and its client bind", async (t) => {
  const keys = await zmq.curveKeyPair();
  const own = await zmq.curveKeyPair();
  const sides = [
    [
      { plainUsername: "admin", plainPassword: "secret" },
      { plainServer: true, authenticate: () => true },
    ],
    [
      {
        curveServerKey: keys.publicKey,
        curvePublicKey: own.publicKey,
        curveSecretKey: own.secretKey,
      },
      { curveServer: true, curveSecretKey: keys.secretKey },
    ],
  ] as const;
  for (const [client, server] of sides) {
    const bound = t.use(new zmq.Pull(client));
    await bound.bind(TCP);
    const connected = t.use(new zmq.Push({ ...server, linger: 0 }));
    connected.connect(bound.lastEndpoint!);
    await connected.send("hello");
    const got = await within(bound.receive(), STEP_MS, "the message");
    assertEquals(texts(got), ["hello"]);
  }
});

// RFC 37.MECHANISM.4, 37.MECHANISM.5
test("a peer with another mechanism gets our whole greeting, then the connection ends", async (t) => {
  const peer = await dial(t, new zmq.Pull());
  await peer.send(greeting({ mechanism: "PLAIN" }));
  const ours = await peer.read(64);
  assertEquals(texts([ours.subarray(12, 17)]), ["NULL\0"]);
  await within(peer.closed, STEP_MS, "the connection to end");
  assertEquals(peer.unread, 0);
});

// RFC 37.COMMAND.1
test("a command of 255 bytes has a short size, one of 256 a long one", async (t) => {
  const sub = t.use(new zmq.Subscriber({ linger: 0 }));
  const peer = await join(t, sub, "PUB");
  const head = "\x09SUBSCRIBE".length;
  for (const [size, flags] of [[255, COMMAND], [256, COMMAND | LONG]]) {
    sub.subscribe("x".repeat(size! - head));
    const frame = await peer.readFrame();
    assertEquals([frame.flags, frame.body.byteLength], [flags, size]);
  }
});

// RFC 37.ERROR.1
test("an ERROR ends the connection", async (t) => {
  const listener = t.use(await FakeListener.listen());
  const push = t.use(new zmq.Push({ reconnectInterval: 60_000, linger: 0 }));
  const failed = once(push, "handshake:error:protocol");
  push.connect(listener.endpoint);
  const peer = await listener.accept();
  await peer.send(bytes(greeting(), command("ERROR", "\x06go off")));
  const { error } = await within(failed, STEP_MS, "the error") as {
    error: zmq.ProtocolError;
  };
  assertEquals(error.code, "ERR_ZMTP_PEER_ERROR");
  assert(error.message.includes("go off"));
  await within(peer.closed, STEP_MS, "the connection to end");
});

// RFC 26.CURVE.3, 37.ERROR.2
test("a server that has refused us is retried at growing intervals", async (t) => {
  const keys = await zmq.curveKeyPair();
  const own = await zmq.curveKeyPair();
  const server = t.use(
    new zmq.Pull({
      curveServer: true,
      curveSecretKey: keys.secretKey,
      curveAllowedKeys: [],
    }),
  );
  await server.bind(TCP);
  const client = t.use(
    new zmq.Push({
      curveServerKey: keys.publicKey,
      curvePublicKey: own.publicKey,
      curveSecretKey: own.secretKey,
      reconnectInterval: 1,
      linger: 0,
    }),
  );
  const intervals: number[] = [];
  const seen = new Promise<void>((resolve) =>
    client.events.on("connect:retry", ({ interval, error }) => {
      assertEquals((error as zmq.AuthError).code, "ERR_ZAP_REFUSED");
      if (intervals.push(interval) === 7) resolve();
    })
  );
  client.connect(server.lastEndpoint!);
  await within(seen, STEP_MS, "seven attempts");
  for (const [i, interval] of intervals.entries()) {
    assert(interval >= 2 ** i, `attempt ${i} after ${interval} ms`);
  }
});

// RFC 23.NULL.1
test("READY is sent without waiting for the peer's", async (t) => {
  const peer = await dial(t, new zmq.Pull());
  await peer.send(greeting());
  await peer.read(64);
  const { flags, body } = await peer.readFrame();
  assertEquals([flags, ...texts([body.subarray(0, 6)])], [
    COMMAND,
    "\x05READY",
  ]);
});

// RFC 37.NULL.3
test("a handshake is a READY each way", async (t) => {
  for (const role of ["bound", "connecting"]) {
    const socket = t.use(new zmq.Dealer({ linger: 0 }));
    const listener = t.use(await FakeListener.listen());
    const met = once(socket, "handshake");
    if (role === "bound") await socket.bind(TCP);
    else socket.connect(listener.endpoint);
    const peer = role === "bound"
      ? t.use(await FakePeer.connect(socket.lastEndpoint!))
      : await listener.accept();
    await peer.send(handshake("ROUTER"));
    await peer.read(64);
    const { body } = await peer.readFrame();
    assertEquals(
      texts([body]),
      texts([bytes(
        "\x05READY",
        property("Socket-Type", "DEALER"),
        property("Identity", ""),
      )]),
    );
    await within(met, STEP_MS, "the handshake");
  }
});

// RFC 37.IDENTITY.2
test("REQ, DEALER and ROUTER send an identity; that of other types is ignored", async (t) => {
  const pull = t.use(new zmq.Pull());
  for (const name of ["same", "same"]) {
    const push = await join(t, pull, "PUSH", name);
    await say(push, "both are served");
    assertEquals(texts(await pull.receive()), ["both are served"]);
  }
  const peer = await dial(t, new zmq.Reply({ routingId: "not sent" }));
  const { body } = await peer.shakeHands("REQ", "ignored");
  assertEquals(
    texts([body]),
    texts([bytes("\x05READY", property("Socket-Type", "REP"))]),
  );
});

// RFC 37.IDENTITY.4
test("a socket cannot use a routing id that only a ROUTER may assign", (t) => {
  const dealer = t.use(new zmq.Dealer());
  for (const id of ["\0mine", Uint8Array.of(0, 1, 2, 3, 4)]) {
    const error = assertThrows(
      () => dealer.setOption("routingId", id),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EINVAL");
    assert(error.message.includes("the first not zero"));
  }
  dealer.routingId = "0mine";
});

// RFC 37.RESOURCE.2
test("a peer is accepted whatever resource it asks for", async (t) => {
  const pull = new zmq.Pull();
  const peer = await dial(t, pull);
  const metadata = bytes(
    property("Socket-Type", "PUSH"),
    property("Resource", "system/name-service/test"),
  );
  await peer.send(bytes(greeting(), command("READY", metadata)));
  await say(peer, "in");
  assertEquals(texts(await pull.receive()), ["in"]);
});

const PARTNERS: readonly (readonly [zmq.SocketType, TypeName])[] = [
  [zmq.REQ, "REP"],
  [zmq.REP, "REQ"],
  [zmq.DEALER, "ROUTER"],
  [zmq.ROUTER, "DEALER"],
  [zmq.PUB, "SUB"],
  [zmq.SUB, "PUB"],
  [zmq.XPUB, "XSUB"],
  [zmq.XSUB, "XPUB"],
  [zmq.PUSH, "PULL"],
  [zmq.PULL, "PUSH"],
];

// RFC 37.SOCKET.1
test("a socket of any type takes connections and makes them, both at once", async (t) => {
  for (const [type, partner] of PARTNERS) {
    const socket = t.use(zmq.createSocket(type, { linger: 0 }));
    await join(t, socket, partner, "one");
    const listener = t.use(await FakeListener.listen());
    const met = once(socket, "handshake");
    socket.connect(listener.endpoint);
    const peer = await listener.accept();
    await peer.shakeHands(partner, "two");
    await within(met, STEP_MS, `a ${partner}`);
  }
  // A PAIR has one peer, whichever side it is on.
  const bound = t.use(new zmq.Pair({ linger: 0 }));
  const raw = await join(t, bound, "PAIR");
  await bound.send("to who came");
  assertEquals(await readTexts(raw), ["to who came"]);
  const connected = t.use(new zmq.Pair({ linger: 0 }));
  const listener = t.use(await FakeListener.listen());
  connected.connect(listener.endpoint);
  const peer = await listener.accept();
  await peer.shakeHands("PAIR");
  await connected.send("to whom it went");
  assertEquals(await readTexts(peer), ["to whom it went"]);
});

// RFC 37.SOCKET.4
test("a message whose last frame is missing is not delivered", async (t) => {
  const pull = t.use(new zmq.Pull());
  const broken = await join(t, pull, "PUSH");
  const lost = once(pull, "disconnect");
  await broken.send(bytes(1, 4, "half", 1, 4, "more"));
  await allRead(broken);
  assertEquals(pull.readable, false);
  broken.end();
  await within(lost, STEP_MS, "the connection to end");
  assertEquals(pull.tryReceive(), undefined);
  const whole = await join(t, pull, "PUSH");
  await say(whole, "all", "of it");
  assertEquals(texts(await pull.receive()), ["all", "of it"]);
});

// RFC 37.PUBSUB.1
test("messages that no peer has subscribed to are not sent", async (t) => {
  const pub = t.use(new zmq.Publisher({ linger: 0 }));
  const sub = await join(t, pub, "SUB");
  await pub.send("A before");
  await sub.send(command("SUBSCRIBE", "A"));
  await allRead(sub);
  await pub.send("B");
  await pub.send("A now");
  await pub.send("b");
  assertEquals(await readTexts(sub), ["A now"]);
  await sub.send(command("CANCEL", "A"));
  await allRead(sub);
  await pub.send("A after");
  await allRead(sub);
  assertEquals(sub.unread, 0);
});

// RFC 37.PUBSUB.4, 37.PUBSUB.5
test("a subscription matches by prefix, an empty one everything", async (t) => {
  const pub = t.use(new zmq.Publisher({ linger: 0 }));
  const some = await join(t, pub, "SUB");
  const all = await join(t, pub, "SUB");
  await some.send(command("SUBSCRIBE", "A"));
  await all.send(command("SUBSCRIBE", ""));
  await allRead(some);
  await allRead(all);
  for (const text of ["A", "B", "", "AB", "BA"]) await pub.send(text);
  for (const text of ["A", "AB"]) {
    assertEquals(await readTexts(some), [text]);
  }
  for (const text of ["A", "B", "", "AB", "BA"]) {
    assertEquals(await readTexts(all), [text]);
  }
  await allRead(some);
  assertEquals(some.unread, 0);
});

// RFC 37.WIRE.3
test("command names are sent as text", async (t) => {
  const sub = t.use(new zmq.Subscriber({ linger: 0, heartbeatInterval: 10 }));
  sub.subscribe("a");
  sub.unsubscribe("a");
  sub.subscribe("b");
  const peer = await join(t, sub, "PUB");
  await peer.send(command("PING", bytes(0, 0)));
  const seen = new Set<string>(["READY"]); // read by join
  while (seen.size < 4) {
    const { flags, body } = await peer.readFrame();
    assertEquals(flags & COMMAND, COMMAND);
    const name = texts([body.subarray(1, 1 + body[0]!)])[0]!;
    assert(/^[A-Z]+$/.test(name), name);
    seen.add(name);
  }
  assertEquals([...seen].sort(), ["PING", "PONG", "READY", "SUBSCRIBE"]);
});
