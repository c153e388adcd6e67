// ZeroMQ over WebSocket: between our own sockets, and byte by byte.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as zmq from "../../../../src/zmq/mod.ts";
import { once } from "../../sockets/pairs.ts";
import { Relay } from "../../../support/peers/relay.ts";
import {
  deferred,
  test,
  type TestContext,
  within,
} from "../../../support/harness.ts";
import {
  ACCEPT,
  ascii,
  masked,
  RawWebSocket,
  ready,
} from "./raw_web_socket.ts";
import { requests, SECURITY } from "./requests.ts";

requests("ws", [0, 1, 124, 125, 254, 255, 65_534, 65_535, 300_000]);

// RFC 45.UPGRADE.2
test("a path must be that of the bound address; without one, any is right", async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind("ws://127.0.0.1:*/zmq");
  const push = t.use(new zmq.Push());
  const retry = once(push, "connect:retry");
  const other = pull.lastEndpoint!.replace("/zmq", "/other");
  push.connect(other);
  const { error } = await retry;
  assertEquals((error as zmq.ZmqError).code, "EPROTO");
  assertEquals(
    error!.message,
    `Cannot connect to "${other}": The server refused the WebSocket: 404 Not Found`,
  );
  const open = t.use(new zmq.Pull());
  await open.bind("ws://127.0.0.1:*");
  const sender = t.use(new zmq.Push());
  sender.connect(`${open.lastEndpoint!}/any/path?and=query`);
  await sender.send("hello");
  assertEquals(String((await open.receive())[0]), "hello");
});

test("malformed addresses are EINVAL", async (t) => {
  const push = t.use(new zmq.Push());
  for (
    const address of [
      "ws://127.0.0.1",
      "ws://127.0.0.1:*",
      "ws://*:5555",
      "ws://127.0.0.1:70000",
      "ws://127.0.0.1:5555/a b",
      "ws://127.0.0.1:5555/a\r\nHost: x",
      "ws://127.0.0.1:5555/#part",
    ]
  ) {
    const error = assertThrows(() => push.connect(address), zmq.ZmqError);
    assertEquals(error.code, "EINVAL", address);
  }
  await assertRejects(() => push.bind("ws://127.0.0.1:*/a?b"), zmq.ZmqError);
});

test("an address is free again after unbind, and in use before", async (t) => {
  const [one, two] = [t.use(new zmq.Pull()), t.use(new zmq.Pull())];
  await one.bind("ws://127.0.0.1:*/zmq");
  const endpoint = one.lastEndpoint!;
  const error = await assertRejects(() => two.bind(endpoint), zmq.ZmqError);
  assertEquals(error.code, "EADDRINUSE");
  await one.unbind("ws://127.0.0.1:*/zmq");
  await two.bind(endpoint);
});

async function bound<S extends zmq.Socket>(t: TestContext, socket: S) {
  t.use(socket);
  await socket.bind("ws://127.0.0.1:*/zmq");
  return [socket, t.use(new RawWebSocket(socket.lastEndpoint!))] as const;
}

// RFC 45.UPGRADE.3, 45.DIALECT.3
test("the upgrade of libzmq is answered as it needs, and READY comes at once", async (t) => {
  const [pull, peer] = await bound(t, new zmq.Pull());
  peer.request("ZWS2.0/NULL,ZWS2.0");
  assertEquals(await peer.response(), [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${ACCEPT}`,
    "Sec-WebSocket-Protocol: ZWS2.0/NULL",
  ]);
  const expected = ready("PULL");
  assertEquals(await peer.read(expected.length + 2), [
    0x82,
    expected.length,
    ...expected,
  ]);
  peer.send(masked(0x82, ready("PUSH")));
  peer.send(masked(0x82, [1, 65]), masked(0x82, [0, 66, 67]));
  assertEquals((await pull.receive()).map(String), ["A", "BC"]);
});

test("request and frames may arrive in one piece, and byte by byte", async (t) => {
  const [pull, peer] = await bound(t, new zmq.Pull());
  const head = "GET /zmq HTTP/1.1\r\nHost: x\r\nupgrade: WebSocket\r\n" +
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
    "Sec-WebSocket-Protocol: ZWS2.0/NULL\r\n\r\n";
  const bytes = [
    ...ascii(head),
    ...masked(0x82, ready("PUSH")),
    ...masked(0x82, [0, 65]),
  ];
  peer.send(bytes);
  assertEquals(String(await pull.receive()), "A");
  const slow = t.use(new RawWebSocket(pull.lastEndpoint!));
  for (const byte of bytes) {
    slow.send([byte]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assertEquals(String(await pull.receive()), "A");
});

// RFC 45.DIALECT.1, 45.DIALECT.2, 45.FRAME.2
test("without a mechanism, both sides begin with their routing id", async (t) => {
  const [router, peer] = await bound(t, new zmq.Router({ routingId: "we" }));
  peer.request("ZWS2.0");
  const response = await peer.response();
  assertEquals(response.at(-1), "Sec-WebSocket-Protocol: ZWS2.0");
  peer.send(masked(0x82, [0, ...ascii("me")]), masked(0x82, [0, 65]));
  assertEquals(await peer.read(5), [0x82, 3, 0, ...ascii("we")]);
  const message = await router.receive();
  assertEquals(message.map(String), ["me", "A"]);
  await router.send(["me", "x", "y"]);
  assertEquals(await peer.read(8), [0x82, 2, 1, 120, 0x82, 2, 0, 121]);
});

// RFC 45.SOCKET.2
test("subscriptions are messages, with and without a mechanism", async (t) => {
  const [xpub, peer] = await bound(t, new zmq.XPublisher());
  peer.request("ZWS2.0");
  await peer.response();
  peer.send(masked(0x82, [0]), masked(0x82, [0, 1, ...ascii("news")]));
  assertEquals(String(await xpub.receive()), "\x01news");
  await xpub.send("news of today");
  assertEquals((await peer.read(3 + 2 + 1 + 12)).slice(0, 5), [
    ...[0x82, 1, 0], // the routing id
    ...[0x82, 14],
  ]);
});

test("a client that begins with READY under the bare name is understood", async (t) => {
  const [xpub, peer] = await bound(t, new zmq.XPublisher());
  peer.request("ZWS2.0");
  await peer.response();
  peer.send(masked(0x82, ready("SUB")));
  const expected = ready("XPUB");
  assertEquals(
    (await peer.read(expected.length + 2)).slice(2),
    expected,
  );
  peer.send(masked(0x82, [2, 9, ...ascii("SUBSCRIBEnews")]));
  assertEquals(String(await xpub.receive()), "\x01news");
});

/** Sockets that take no peer without their mechanism. */
const PROTECTED = {
  "NULL, authenticated": { authenticate: () => true },
  PLAIN: SECURITY.PLAIN[0],
  CURVE: SECURITY.CURVE[0],
};

for (const [name, options] of Object.entries(PROTECTED)) {
  test(`${name}: under the bare name, a routing id is refused`, async (t) => {
    const [pull, peer] = await bound(t, new zmq.Pull(options));
    const gone = once(pull, "disconnect");
    peer.request("ZWS2.0");
    assertEquals(
      (await peer.response())[0],
      "HTTP/1.1 101 Switching Protocols",
    );
    peer.send(masked(0x82, [0]), masked(0x82, [0, 65]));
    assertEquals((await peer.rest()).slice(-4), [0x88, 2, 0x03, 0xea]);
    const mechanism = name.replace(/,.*/, "");
    assertEquals(
      (await gone).error!.message,
      `The peer began with a message, not with a command of ${mechanism}`,
    );
  });
}

/** A command of ZWS in a frame of WebSocket. */
function command(name: string, ...data: number[]): number[] {
  const body = [2, name.length, ...ascii(name), ...data];
  return [0x82, body.length, ...body];
}

test("PLAIN under the bare name, as omq.ts speaks it", async (t) => {
  const given: unknown[] = [];
  const authenticate = (request: zmq.AuthRequest) => {
    given.push(request.mechanism === "PLAIN" && request.password);
    return true;
  };
  const [pull, peer] = await bound(
    t,
    new zmq.Pull({ plainServer: true, authenticate }),
  );
  peer.request("ZWS2.0");
  await peer.response();
  const hello = command("HELLO", 5, ...ascii("admin"), 6, ...ascii("secret"));
  peer.send(masked(0x82, hello.slice(2)));
  const welcome = command("WELCOME");
  assertEquals(await peer.read(welcome.length), welcome);
  const properties = ready("PUSH").slice(7);
  peer.send(masked(0x82, [2, 8, ...ascii("INITIATE"), ...properties]));
  const answer = ready("PULL");
  assertEquals((await peer.read(answer.length + 2)).slice(2), answer);
  peer.send(masked(0x82, [0, 65]));
  assertEquals(String(await pull.receive()), "A");
  assertEquals(given, ["secret"]);
});

const REFUSED: Readonly<
  Record<string, [request: (peer: RawWebSocket) => void, status: number]>
> = {
  "another path": [(peer) => peer.request("ZWS2.0", { path: "/x" }), 404],
  // RFC 45.UPGRADE.4
  "no subprotocol of ours": [(peer) => peer.request("chat"), 400],
  "another mechanism": [(peer) => peer.request("ZWS2.0/PLAIN,ZWS2.0"), 403],
  "the page of another site": [
    (peer) =>
      peer.request("ZWS2.0", { headers: { Origin: "http://example.com" } }),
    403,
  ],
  // DNS rebinding: the name of the page is that of the request.
  "a page whose host has our address": [
    (peer) =>
      peer.request("ZWS2.0", {
        headers: { Origin: "http://example.com", Host: "example.com" },
      }),
    403,
  ],
  "a page without an origin": [
    (peer) => peer.request("ZWS2.0", { headers: { Origin: "null" } }),
    403,
  ],
  "no upgrade": [(peer) => peer.send("GET /zmq HTTP/1.1\r\n\r\n"), 426],
  "another version": [
    (peer) =>
      peer.request("ZWS2.0", { headers: { "Sec-WebSocket-Version": "8" } }),
    426,
  ],
  "another method": [(peer) => peer.send("POST / HTTP/1.1\r\n\r\n"), 400],
  "an endless head": [
    (peer) => peer.send("GET / HTTP/1.1\r\nX: ", "x".repeat(70_000)),
    400,
  ],
};

for (const [name, [request, status]] of Object.entries(REFUSED)) {
  test(`${name} is refused with ${status}`, async (t) => {
    const [pull, peer] = await bound(t, new zmq.Pull());
    const failed = once(pull, "accept:error");
    request(peer);
    const [line] = await peer.response();
    assert(line!.startsWith(`HTTP/1.1 ${status} `), line);
    assertEquals((await failed).error.name, "ZmqError");
    assertEquals(await peer.rest(), []);
  });
}

test("a page of the same host may connect, from any port", async (t) => {
  const [, peer] = await bound(t, new zmq.Pull());
  const headers = { Origin: "http://localhost:8080" };
  peer.request("ZWS2.0", { headers });
  assertEquals((await peer.response())[0], "HTTP/1.1 101 Switching Protocols");
});

test("wsOrigins lets pages of other hosts connect", async (t) => {
  for (
    const [wsOrigins, origin, status] of [
      [["https://example.com"], "https://example.com", 101],
      [["https://example.com"], "http://example.com", 403],
      [["https://example.com"], "https://example.com.evil.test", 403],
      [["*"], "http://example.com", 101],
      [["*"], "null", 101],
    ] as const
  ) {
    const [, peer] = await bound(t, new zmq.Pull({ wsOrigins }));
    peer.request("ZWS2.0", { headers: { Origin: origin } });
    const [line] = await peer.response();
    assert(line!.startsWith(`HTTP/1.1 ${status} `), `${origin}: ${line}`);
  }
});

test("wsOrigins has origins as browsers write them", (t) => {
  const pull = t.use(new zmq.Pull());
  assertEquals(pull.wsOrigins, []);
  for (
    const wrong of [
      "https://example.com",
      ["example.com"],
      ["https://example.com/"],
      ["https://example.com:443"],
      ["https://EXAMPLE.com"],
      ["https://user@example.com"],
      [""],
      [1],
    ]
  ) {
    const set = () => pull.setOption("wsOrigins", wrong);
    const error = assertThrows(set, zmq.ZmqError);
    assertEquals(error.code, "EINVAL");
    assert(error.message.includes('such as "https://example.com"'));
  }
  pull.wsOrigins = ["app://page", "https://example.com:8443", "*"];
  assertEquals(pull.wsOrigins, ["app://page", "https://example.com:8443", "*"]);
});

/** Frames after the handshake that end the connection, with the code of our Close. */
const BROKEN: Readonly<Record<string, [frame: number[], code: number]>> = {
  "a text message": [masked(0x81, [0, 65]), 1003],
  "a frame that is not masked": [[0x82, 2, 0, 65], 1002],
  "a reserved bit": [masked(0xc2, [0, 65]), 1002],
  "a message without flags": [masked(0x82, []), 1002],
  "unknown flags": [masked(0x82, [3, 65]), 1002],
  "a continuation of nothing": [masked(0x80, [0, 65]), 1002],
  "a Ping of 126 bytes": [[0x89, 0x80 | 126, 0, 126], 1002],
  "an unknown opcode": [masked(0x83, [0]), 1002],
  "fragments above maxMessageSize": [
    [...masked(0x02, [0, ...ascii("123456")]), ...masked(0x80, ascii("78901"))],
    1009,
  ],
};

for (const [name, [frame, code]] of Object.entries(BROKEN)) {
  test(`${name} ends the connection with ${code}`, async (t) => {
    const [pull, peer] = await opened(t);
    const gone = once(pull, "disconnect");
    peer.send(frame);
    assertEquals(await peer.rest(), [0x88, 2, code >> 8, code & 0xff]);
    const { error } = await gone;
    assertEquals((error as zmq.ZmqError).code, "EPROTO");
  });
}

/** A PULL with `maxMessageSize` 10, and a PUSH of bytes that has shaken hands. */
async function opened(
  t: TestContext,
  options: ConstructorParameters<typeof zmq.Pull>[0] = {},
) {
  const [pull, peer] = await bound(
    t,
    new zmq.Pull({ maxMessageSize: 10, ...options }),
  );
  const done = once(pull, "handshake");
  peer.request("ZWS2.0/NULL");
  await peer.response();
  await peer.read(ready("PULL").length + 2);
  peer.send(masked(0x82, ready("PUSH")));
  await done;
  return [pull, peer] as const;
}

// RFC 45.FRAME.1
test("a message in fragments, with a Ping among them, is one message", async (t) => {
  const [pull, peer] = await opened(t);
  peer.send(masked(0x02, [0, ...ascii("hel")]), masked(0x89, [1, 2, 3]));
  assertEquals(await peer.read(5), [0x8a, 3, 1, 2, 3]);
  peer.send(masked(0x00, ascii("lo ")), masked(0x80, ascii("zmq")));
  assertEquals(String(await pull.receive()), "hello zmq");
});

test("before the handshake is done, nothing in fragments is stored", async (t) => {
  const [, peer] = await bound(t, new zmq.Pull());
  peer.request("ZWS2.0/NULL");
  await peer.response();
  await peer.read(ready("PULL").length + 2);
  peer.send(masked(0x02, [0]));
  assertEquals(await peer.rest(), [0x88, 2, 0x03, 0xf1]); // 1009
});

test("a message above maxMessageSize is refused by its header", async (t) => {
  const [pull, peer] = await opened(t);
  peer.send(masked(0x82, [0, ...ascii("1234567890")]));
  assertEquals(String(await pull.receive()), "1234567890");
  const failed = once(pull, "handshake:error:protocol");
  peer.send([0x82, 0x80 | 12, 0, 0, 0, 0, 0]); // nothing of its body but the flags
  const { error } = await failed;
  assertEquals(
    (error as zmq.ProtocolError).code,
    "ERR_ZMTP_MESSAGE_TOO_LARGE",
  );
  assertEquals(await peer.rest(), []);
});

// RFC 45.FRAME.3
test("commands and messages mix after the handshake", async (t) => {
  const [pull, peer] = await opened(t);
  const ping = [2, 4, ...ascii("PING"), 0, 0];
  peer.send(masked(0x82, [1, 65]), masked(0x82, [0, 66]));
  peer.send(masked(0x82, ping), masked(0x82, [0, 67]));
  assertEquals((await pull.receive()).map(String), ["A", "B"]);
  assertEquals(String(await pull.receive()), "C");
});

// RFC 45.SOCKET.1
test("a peer of a type that does not fit is disconnected", async (t) => {
  const [pull, peer] = await bound(t, new zmq.Pull());
  const failed = once(pull, "handshake:error:protocol");
  peer.request("ZWS2.0/NULL");
  await peer.response();
  peer.send(masked(0x82, ready("PULL")));
  assertEquals(
    ((await failed).error as zmq.ProtocolError).code,
    "ERR_ZMTP_INVALID_METADATA",
  );
  await peer.rest();
});

test("a Close of the peer is answered; its code is in the event", async (t) => {
  const [pull, peer] = await opened(t);
  const gone = once(pull, "disconnect");
  peer.send(masked(0x88, [0x03, 0xe8]));
  assertEquals(await peer.rest(), [0x88, 2, 0x03, 0xe8]);
  assertEquals((await gone).error, undefined);

  const [other, angry] = await opened(t);
  const failed = once(other, "disconnect");
  angry.send(masked(0x88, [0x03, 0xf0, ...ascii("no")]));
  assertEquals(await angry.rest(), [0x88, 2, 0x03, 0xf0]);
  const { error } = await failed;
  assertEquals((error as zmq.ZmqError).code, "ECONNRESET");
  assertEquals(
    error!.message,
    "The peer closed the WebSocket with the code 1008: no",
  );
});

test("a socket that closes sends a Close with 1000, after its messages", async (t) => {
  const [push, peer] = await bound(t, new zmq.Push());
  peer.request("ZWS2.0");
  await peer.response();
  peer.send(masked(0x82, [0]));
  assertEquals(await peer.read(3), [0x82, 1, 0]);
  await push.send("last");
  const closed = push.close();
  assertEquals(await peer.read(11), [
    ...[0x82, 5, 0, ...ascii("last")],
    ...[0x88, 2, 0x03, 0xe8],
  ]);
  peer[Symbol.dispose]();
  await closed;
});

test("heartbeats are Pings; a peer that does not answer is disconnected", async (t) => {
  const [pull, peer] = await opened(t, {
    heartbeatInterval: 50,
    heartbeatTimeout: 300,
  });
  const gone = once(pull, "disconnect");
  assertEquals(await peer.read(2), [0x89, 0]);
  const start = performance.now();
  peer.send(masked(0x8a, []));
  assertEquals(await peer.read(2), [0x89, 0]); // it was answered, so there is another
  const { error } = await gone;
  assertEquals((error as zmq.ZmqError).code, "ETIMEDOUT");
  assert(performance.now() - start >= 300);
});

test("two sockets with heartbeats answer each other", async (t) => {
  const options = { heartbeatInterval: 20, heartbeatTimeout: 5000 };
  const pull = t.use(new zmq.Pull(options));
  await pull.bind("ws://127.0.0.1:*/zmq");
  const answers = { client: 0, server: 0 };
  const enough = deferred();
  const relay = t.use(
    await Relay.start(
      pull.lastEndpoint!.replace("/zmq", ""),
      (bytes, isClient) => {
        if (bytes[0] === 0x8a) answers[isClient ? "client" : "server"]++;
        if (answers.client > 2 && answers.server > 2) enough.resolve();
      },
    ),
  );
  const push = t.use(new zmq.Push(options));
  push.connect(relay.endpoint.replace("tcp:", "ws:") + "/zmq");
  await within(enough.promise, 5000, "three Pongs of each");
  await push.send("message");
  assertEquals(String(await pull.receive()), "message");
});

test("a client that never ends its upgrade is disconnected", async (t) => {
  const [pull, peer] = await bound(t, new zmq.Pull({ handshakeInterval: 100 }));
  const failed = once(pull, "accept:error");
  peer.send("GET /zmq HTTP/1.1\r\n");
  assertEquals(((await failed).error as zmq.ZmqError).code, "ETIMEDOUT");
  assertEquals(await peer.rest(), []);
});

test("a server that never answers the upgrade is given up, and tried again", async (t) => {
  const silent = t.use(new zmq.Stream());
  await silent.bind("tcp://127.0.0.1:*");
  const push = t.use(new zmq.Push({ handshakeInterval: 100 }));
  const retry = once(push, "connect:retry");
  push.connect(silent.lastEndpoint!.replace("tcp:", "ws:"));
  assertEquals(((await retry).error as zmq.ZmqError).code, "ETIMEDOUT");
});

test("a receiver that does not read holds back the sender", async (t) => {
  const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 2 }));
  const push = t.use(new zmq.Push({ sendHighWaterMark: 2, sendTimeout: 300 }));
  await pull.bind("ws://127.0.0.1:*/zmq");
  push.connect(pull.lastEndpoint!);
  const body = new Uint8Array(1024 * 1024);
  let sent = 0;
  const error = await assertRejects(async () => {
    for (; sent < 200; sent++) await push.send([String(sent), body]);
  }, zmq.ZmqError);
  assertEquals(error.code, "EAGAIN");
  for (let i = 0; i < sent; i++) {
    const [number] = await within(pull.receive(), 5000, `message ${i}`);
    assertEquals(String(number), String(i));
  }
});

test("a sender reconnects after its peer was bound again", async (t) => {
  const first = new zmq.Pull();
  await first.bind("ws://127.0.0.1:*/zmq");
  const endpoint = first.lastEndpoint!;
  const push = t.use(new zmq.Push());
  push.connect(endpoint);
  await push.send("one");
  assertEquals(String(await first.receive()), "one");
  const gone = once(push, "disconnect");
  await first.close();
  assertEquals((await gone).error, undefined);
  const second = t.use(new zmq.Pull());
  await second.bind(endpoint);
  await push.send("two");
  assertEquals(String(await second.receive()), "two");
});
