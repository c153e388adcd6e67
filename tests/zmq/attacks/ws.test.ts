/**
 * Attacks over `ws://`, below the frames of ZeroMQ: what the session cannot count,
 * because it never comes to it. An honest peer of the same socket is served.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { ControlFrames } from "../../../src/zmq/transport/ws/control_frames.ts";
import { PONG } from "../../../src/zmq/transport/ws/frames.ts";
import { ZmqError } from "../../../src/zmq/errors.ts";
import { once } from "../sockets/pairs.ts";
import {
  eventually,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { FakeWire } from "../../support/fake_wire.ts";
import { many, Raider } from "../../siege/raider.ts";
import { masked, RawWebSocket, ready } from "../transport/ws/raw_web_socket.ts";

const KIB = 1024;
const STEP_MS = 8000;
const LIMIT = { timeoutMs: 30_000 };
const REQUEST = [
  "GET / HTTP/1.1",
  "Host: 127.0.0.1",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Protocol: ZWS2.0/NULL\r\n\r\n",
].join("\r\n");
const READY = Uint8Array.from(masked(0x82, ready("DEALER")));

/** A ROUTER that sends back what comes, and an honest peer of it. */
async function echoing(t: TestContext) {
  const router = t.use(new zmq.Router());
  await router.bind("ws://127.0.0.1:*");
  const served = (async () => {
    for await (const message of router) {
      if (!router.closed) router.trySend(message);
    }
  })();
  t.cleanup(async () => {
    await router.close();
    await served;
  });
  const dealer = t.use(new zmq.Dealer({ linger: 0 }));
  dealer.connect(router.lastEndpoint!);
  const honest = async () => {
    await dealer.send("honest");
    const [answer] = await within(dealer.receive(), STEP_MS, "an answer");
    assertEquals(`${answer}`, "honest");
  };
  await honest();
  const raider = t.use(await Raider.connect(router.lastEndpoint!));
  await raider.put(REQUEST);
  await eventually(() => raider.received > 0, STEP_MS, "the upgrade");
  return { honest, raider };
}

for (
  const [what, first, unit] of [
    ["Pings before the handshake", [], masked(0x89, [])],
    ["Pings", [READY], masked(0x89, [1, 2, 3])],
    ["Pongs", [READY], masked(0x8a, [])],
    [
      "empty fragments",
      [READY, Uint8Array.from(masked(0x02, [0]))],
      masked(0x00, []),
    ],
  ] as const
) {
  test(`${what} without end starve no other peer`, LIMIT, async (t) => {
    const { honest, raider } = await echoing(t);
    await raider.put(...first);
    const chunk = many(Uint8Array.from(unit), 64 * KIB);
    let isOver = false;
    const flooding = (async () => {
      while (!isOver && await raider.put(chunk));
    })();
    for (let i = 0; i < 20; i++) await honest();
    assert(!raider.isCut, "it was disconnected");
    isOver = true;
    raider[Symbol.dispose]();
    await flooding;
  });
}

test("a peer that reads nothing has one Pong in memory, and one that waits", () => {
  const wire = new FakeWire();
  wire.isQuick = false; // the peer takes nothing
  const frames = new ControlFrames(wire, false);
  for (let i = 0; i < 200; i++) frames.pong(Uint8Array.of(i));
  assertEquals([...wire.take()], [0x80 | PONG, 1, 0]);
  wire.finishWrite();
  assertEquals([...wire.take()], [0x80 | PONG, 1, 199]);
  frames.pong(Uint8Array.of(7));
  wire.finishWrite(new Error("the connection is closed"));
  assertEquals([...wire.take()], []);
});

test("what follows a Close is not delivered", LIMIT, async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind("ws://127.0.0.1:*");
  const peer = t.use(new RawWebSocket(pull.lastEndpoint!));
  const gone = once(pull, "disconnect");
  peer.request("ZWS2.0/NULL", { path: "/" });
  await peer.response();
  peer.send([
    ...masked(0x82, ready("PUSH")),
    ...masked(0x82, [0, 1]),
    ...masked(0x88, [0x03, 0xe8]),
    ...masked(0x82, [0, 2]),
  ]);
  assertEquals([...(await pull.receive())[0]!], [1]);
  await gone;
  assertEquals(pull.tryReceive(), undefined);
});

for (
  const [what, options, shown] of [
    [
      "path",
      { path: `/\x1b]0;x\x07${"y".repeat(5000)}` },
      "a path that is not bound: /\\x1b]0;x\\x07yyy",
    ],
    [
      "origin",
      { headers: { Origin: "http://\x1b[2J" } },
      'Pages of "http://\\x1b[2J"',
    ],
    ["subprotocol", { headers: { "Sec-WebSocket-Protocol": "\x9b" } }, "\\x9b"],
  ] as const
) {
  test(
    `the ${what} of a refused client is escaped and cut off in the error`,
    LIMIT,
    async (t) => {
      const pull = t.use(new zmq.Pull());
      await pull.bind("ws://127.0.0.1:*/zmq");
      const failed = once(pull, "accept:error");
      const peer = t.use(new RawWebSocket(pull.lastEndpoint!));
      peer.request("ZWS2.0/NULL", options);
      const { error } = await failed;
      assert(error instanceof ZmqError);
      assertStringIncludes(error.message, shown);
      assert(error.message.length < 300, error.message);
    },
  );
}
