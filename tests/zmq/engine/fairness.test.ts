/**
 * Tests that a peer which sends without end has a part of each turn of the
 * event loop and no more, whatever it sends, and that nothing is lost by it.
 */
import { assert, assertEquals } from "@std/assert";
import { nextLoopTick } from "../../../src/async/event_loop.ts";
import {
  FlushScheduler,
  type PausedReader,
} from "../../../src/zmq/engine/flush_scheduler.ts";
import * as zmq from "../../../src/zmq/mod.ts";
import { DEALER, PUB, PUSH, type SocketType } from "../../../src/zmq/types.ts";
import { texts } from "../../support/bytes.ts";
import { fakeSession, turn } from "../../support/fake_wire.ts";
import { eventually, test, within } from "../../support/harness.ts";
import {
  bytes,
  command,
  frame,
  handshake,
  message,
  MORE,
} from "../../support/peers/zmtp_bytes.ts";

const KIB = 1024;

/** The unit, as often as it fits into 64 KiB, as a runtime reads at once. */
function chunkOf(unit: Uint8Array): Uint8Array {
  const count = Math.floor(64 * KIB / unit.byteLength);
  return bytes(...Array.from({ length: count }, () => unit));
}

const FLOODS: readonly (readonly [string, SocketType, string, Uint8Array])[] = [
  ["PINGs", DEALER, "ROUTER", command("PING", bytes(0, 0))],
  ["unknown commands", DEALER, "ROUTER", command("X", bytes(0))],
  ["subscriptions of ZMTP 3.1", PUB, "SUB", command("SUBSCRIBE", bytes(65))],
  ["subscriptions of ZMTP 3.0", PUB, "SUB", message(bytes(1, 65))],
  ["subscriptions that mean nothing", PUSH, "PULL", command("CANCEL")],
  ["messages that no one receives", PUSH, "PULL", message("x")],
  ["empty frames", DEALER, "ROUTER", frame("", MORE)],
];

for (const [what, type, peer, unit] of FLOODS) {
  test(`a session reads ${what} a part at a time`, async () => {
    const s = fakeSession(type, {
      receiveHighWaterMark: 0,
      maxMessageFrames: 1_000_000,
    });
    s.wire.feed(handshake(peer));
    await turn();
    s.wire.feed(chunkOf(unit));
    assert(s.wire.isPaused, "it has read all at once");
    let ticks = 0;
    for (; s.wire.isPaused; ticks++) await new Promise<void>(nextLoopTick);
    assert(ticks >= 3, `it has read all in ${ticks} ticks`);
    assertEquals(s.closed, []);
    s.session.destroy();
  });
}

test("what follows a flood is read, also if the connection has closed meanwhile", async () => {
  const s = fakeSession(DEALER);
  s.wire.feed(handshake("ROUTER"));
  await turn();
  s.wire.feed(
    bytes(chunkOf(command("X", bytes(0))), message("the last")),
  );
  assert(s.wire.isPaused);
  s.wire.close();
  assertEquals(s.closed, []);
  await eventually(() => s.pipe.unread > 0 || s.closed.length > 0);
  assertEquals(texts(s.pipe.read()!), ["the last"]);
  await eventually(() => s.closed.length > 0);
});

test("a session destroyed during a flood reads no further", async () => {
  const s = fakeSession(DEALER);
  s.wire.feed(handshake("ROUTER"));
  await turn();
  s.wire.feed(bytes(chunkOf(command("X", bytes(0))), message("the last")));
  s.session.destroy();
  for (let i = 0; i < 20; i++) await turn();
  assertEquals(s.pipe.unread, 0);
});

test("paused readers share the time of one turn and resume in FIFO order", async () => {
  const scheduler = new FlushScheduler();
  const read: number[] = [];
  const when = new Set<number>();
  const readers: PausedReader[] = Array.from({ length: 5 }, (_, i) => ({
    readOn() {
      const end = performance.now() + 1.5; // longer than a turn's time for all
      while (performance.now() < end);
      read.push(i);
      when.add(scheduler.tick);
      if (read.length < 20) scheduler.readLater(readers[i]!);
    },
  }));
  for (const reader of readers) scheduler.readLater(reader);
  await eventually(() => read.length === 24); // 20, and those that waited
  assertEquals(when.size, 24);
  assertEquals(read, Array.from({ length: 24 }, (_, i) => i % 5));
});

test("a ROUTER answers an honest peer while another floods it", async (t) => {
  const router = t.use(new zmq.Router());
  await router.bind("tcp://127.0.0.1:0");
  const hostile = t.use(
    new zmq.Dealer({ routingId: "hostile", linger: 0 }),
  );
  const honest = t.use(new zmq.Dealer({ routingId: "honest" }));
  for (const socket of [hostile, honest]) socket.connect(router.lastEndpoint!);
  const echo = (async () => {
    for await (const [id, body] of router) {
      if (String(body) === "the end") return;
      await router.send([id!, body!]);
    }
  })();
  let isOver = false;
  const flood = (async () => {
    while (!isOver) await hostile.send("x");
  })();
  for (let i = 0; i < 20; i++) {
    await honest.send(`question ${i}`);
    const [answer] = await within(honest.receive(), 5000, "the answer");
    assertEquals(String(answer), `question ${i}`);
  }
  isOver = true;
  await flood;
  await honest.send("the end");
  await echo;
});
