/**
 * Tests of the session over a wire in memory: handshake, backpressure both
 * ways, what happens when either side goes.
 */
import { assert, assertEquals } from "@std/assert";
import { nextLoopTick } from "../../../src/async/event_loop.ts";
import type { Event } from "../../../src/zmq/engine/observer.ts";
import {
  DEALER,
  PAIR,
  PULL,
  PUSH,
  REQ,
  ROUTER,
  type SocketType,
} from "../../../src/zmq/types.ts";
import type { OptionValues } from "../../../src/zmq/options/values.ts";
import { pattern, texts, toHex, utf8 } from "../../support/bytes.ts";
import { one, readAll } from "../../support/fake_holder.ts";
import {
  type FakeSession,
  fakeSession,
  turn,
} from "../../support/fake_wire.ts";
import { eventually, test } from "../../support/harness.ts";
import {
  bytes,
  command,
  frame,
  greeting,
  handshake,
  message,
  MORE,
  ready,
} from "../../support/peers/zmtp_bytes.ts";

/** A session whose handshake is done, and whose first bytes are taken. */
async function open(
  type: SocketType,
  peer: string,
  options: Partial<OptionValues> = {},
): Promise<FakeSession> {
  const s = fakeSession(type, options);
  s.wire.feed(handshake(peer));
  await turn();
  s.wire.take();
  return s;
}

const ping = (context = "") => command("PING", bytes(0, 0, context));
const pong = (context = "") => toHex(command("PONG", context));

// RFC 37.VERSION.2
test("the signature is sent first, the rest as the peer announces its version and mechanism", async () => {
  const s = fakeSession(PULL);
  await turn();
  assertEquals(s.wire.take().byteLength, 10);
  s.wire.feed(greeting().subarray(0, 10));
  await turn();
  assertEquals(toHex(s.wire.take()), "03");
  s.wire.feed(greeting().subarray(10, 11));
  await turn();
  assertEquals(toHex(s.wire.take()), "01");
  s.wire.feed(greeting().subarray(11), ready("PUSH"));
  await turn();
  const rest = s.wire.take();
  assertEquals(texts([rest.subarray(0, 4)]), ["NULL"]);
  assertEquals(texts([rest.subarray(52 + 3, 52 + 8)]), ["READY"]);
  assertEquals(s.peer?.socketType, "PUSH");
  s.session.destroy();
});

test("a peer that waits for the mechanism, too, gets it after a while", async () => {
  const s = fakeSession(PULL);
  s.wire.feed(greeting().subarray(0, 11));
  await turn();
  assertEquals(s.wire.take().byteLength, 12);
  let rest: Uint8Array = new Uint8Array(0);
  await eventually(() => (rest = s.wire.take()).byteLength > 0);
  assertEquals(texts([rest.subarray(0, 4)]), ["NULL"]);
  assertEquals(texts([rest.subarray(52 + 3, 52 + 8)]), ["READY"]);
  s.wire.feed(greeting().subarray(11), ready("PUSH"));
  await turn();
  assertEquals(s.peer?.socketType, "PUSH");
  s.session.destroy();
});

test("messages that arrived with the handshake wait in the pipe", async () => {
  const s = fakeSession(PULL);
  s.wire.feed(bytes(handshake("PUSH"), message("1"), message("2", "3")));
  await turn();
  assertEquals(readAll(s.pipe), ["1", "2|3"]);
  s.session.destroy();
});

test("messages sent in one task leave in one write, in order", async () => {
  const s = await open(PUSH, "PULL");
  s.wire.isQuick = false;
  for (const text of ["1", "2", "3"]) s.pipe.write(one(text));
  await turn();
  assertEquals(
    toHex(s.wire.take()),
    toHex(bytes(message("1"), message("2"), message("3"))),
  );
  s.wire.finishWrite();
  s.session.destroy();
});

test("a full pipe pauses the connection, room resumes it, and nothing is lost", async () => {
  const s = await open(PULL, "PUSH", { receiveHighWaterMark: 2 });
  s.wire.feed(
    bytes(...Array.from({ length: 10 }, (_, i) => message(String(i)))),
  );
  assertEquals([s.wire.isPaused, s.pipe.unread], [true, 2]);
  const got: string[] = [];
  while (got.length < 10) got.push(...texts(s.pipe.read()!));
  assertEquals(got.join(""), "0123456789");
  assertEquals(s.wire.isPaused, false);
  s.session.destroy();
});

test("a slow connection leaves messages in the pipe, up to the high-water mark", async () => {
  const s = await open(PUSH, "PULL", { sendHighWaterMark: 5 });
  s.wire.isQuick = false;
  let sent = 0;
  while (s.pipe.write([pattern(50_000)])) sent++;
  await turn();
  while (s.pipe.write([pattern(50_000)])) sent++;
  // Some are being written, some are encoded, 5 are in the pipe.
  assert(sent >= 5 && sent <= 5 + 6, `${sent} messages were taken`);
  let arrived = 0;
  for (let i = 0; i < 20 && arrived < sent; i++) {
    arrived += Math.round(s.wire.take().byteLength / 50_009);
    if (s.wire.isWriting) s.wire.finishWrite();
    await turn();
  }
  assertEquals(arrived, sent);
  assertEquals(s.holder.take().includes("writable"), true);
  s.session.destroy();
});

test("after a failed write, queued messages wait for the next connection", async () => {
  const s = await open(PUSH, "PULL", { sendHighWaterMark: 5 });
  s.wire.isQuick = false;
  const large = pattern(100_000);
  while (s.pipe.write([large]));
  const waiting = s.pipe.unsent;
  assert(waiting > 0);
  s.wire.take();
  s.wire.finishWrite(new Error("the peer is gone"));
  await turn();
  assertEquals([s.wire.take().byteLength, s.pipe.unsent], [0, waiting]);
  s.wire.close();
});

test("a full write buffer is written before the turn ends", async () => {
  const s = await open(PUSH, "PULL");
  s.wire.isQuick = false;
  s.pipe.write([pattern(10)]);
  await Promise.resolve(); // the first of a turn leaves at its end
  s.wire.finishWrite();
  s.wire.take();
  for (let i = 0; i < 100; i++) s.pipe.write([pattern(1000)]);
  assert(s.wire.take().byteLength >= 65_536);
  s.session.destroy();
});

test("a large message waiting to be written does not block reading", async () => {
  // Two peers that each write much and read nothing meanwhile never end.
  const s = await open(DEALER, "DEALER");
  s.wire.isQuick = false;
  for (let i = 0; i < 3; i++) {
    s.pipe.write([pattern(1 << 20)]);
    await turn();
  }
  for (let i = 1; i <= 4; i++) {
    s.wire.feed(message("from a peer that reads us only when it is read"));
    assertEquals([s.wire.isPaused, s.pipe.unread], [false, i]);
  }
  s.session.destroy();
});

test("a peer that sends PINGs without reading the PONGs is no longer read", async () => {
  const s = await open(PULL, "PUSH");
  s.wire.isQuick = false;
  const burst = bytes(
    ...Array.from({ length: 1000 }, () => ping("0123456789abcdef")),
  );
  // It reads a part in each turn, and is paused in between.
  const readOn = async () => {
    for (let i = 0; i < 1000 && s.wire.isPaused; i++) {
      await new Promise<void>(nextLoopTick);
    }
  };
  for (let i = 0; i < 50 && !s.wire.isPaused; i++) {
    s.wire.feed(burst);
    await readOn();
  }
  assertEquals(s.wire.isPaused, true);
  for (let i = 0; i < 100 && (s.wire.isPaused || s.wire.isWriting); i++) {
    s.wire.finishWrite();
    await readOn();
    await turn();
  }
  assertEquals(s.wire.isPaused, false, "it read the answers in the end");
  s.session.destroy();
});

// RFC 37.PING.2
test("PING is answered", async () => {
  const s = await open(PULL, "PUSH");
  s.wire.feed(ping("hello"));
  await turn();
  assertEquals(toHex(s.wire.take()), pong("hello"));
  s.session.destroy();
});

test("PING is answered even during linger", async () => {
  // A peer with heartbeats would give up, and what lingers would be lost.
  const s = await open(PUSH, "PULL");
  s.wire.isQuick = false;
  for (let i = 0; i < 6; i++) s.pipe.write([pattern(60_000)]);
  await turn();
  s.pipe.close();
  assertEquals(s.wire.isWriting, true);
  s.wire.feed(ping("still there?"));
  let written = "";
  for (let i = 0; i < 10; i++) {
    if (s.wire.isWriting) s.wire.finishWrite();
    await turn();
    written += toHex(s.wire.take());
  }
  assert(written.includes(pong("still there?")), "no PONG was written");
  s.session.destroy();
});

test("messages that arrive for a closed socket during linger are discarded", async () => {
  // If these messages are not taken out of the decoder, it keeps all of them, and
  // copies them again with each that comes: that shows in the time.
  const chunk = message(pattern(60_000));
  const tookMs = async (isClosed: boolean) => {
    const s = await open(DEALER, "DEALER");
    s.wire.isQuick = false;
    for (let i = 0; i < 6; i++) s.pipe.write([pattern(60_000)]);
    await turn();
    if (isClosed) s.pipe.close();
    const start = performance.now();
    for (let i = 0; i < 400; i++) s.wire.feed(chunk);
    const took = performance.now() - start;
    s.session.destroy();
    await turn();
    return took;
  };
  const [before, after] = [await tookMs(false), await tookMs(true)];
  assert(
    after < 10 * before + 200,
    `400 chunks took ${Math.round(after)} ms, ${
      Math.round(before)
    } ms when it was open`,
  );
});

test("close writes what was sent, then ends the connection", async () => {
  const s = await open(PUSH, "PULL");
  s.wire.isQuick = false;
  for (const text of ["1", "2"]) s.pipe.write(one(text));
  s.pipe.close();
  await turn();
  assertEquals(toHex(s.wire.take()), toHex(bytes(message("1"), message("2"))));
  assertEquals(s.wire.isEnded, false);
  s.wire.finishWrite();
  await turn();
  assertEquals([s.wire.isEnded, s.wire.isDestroyed], [true, false]);
  s.wire.close();
  assertEquals(s.closed, [undefined]);
});

test("close ends the connection at once when nothing waits", async () => {
  const s = await open(PULL, "PUSH");
  s.pipe.close();
  await turn();
  assertEquals(s.wire.isEnded, true);
  s.wire.close();
});

test("nothing is written after the end, which would break a stream", async () => {
  const s = await open(PUSH, "PULL", { heartbeatInterval: 5 });
  s.pipe.write(one("last"));
  s.pipe.close();
  await turn();
  assertEquals(s.wire.isEnded, true);
  s.wire.feed(ping("are you there?"));
  let timers = 0;
  const other = setInterval(() => timers++, 5);
  await eventually(() => timers >= 4);
  clearInterval(other);
  assertEquals(s.wire.hasWrittenAfterEnd, false);
  s.wire.close();
  await turn();
});

test("what was read before the connection closed still reaches the socket", async () => {
  const s = await open(PULL, "PUSH", { receiveHighWaterMark: 1 });
  s.wire.feed(bytes(message("1"), message("2"), message("3")));
  s.wire.close();
  assertEquals(s.closed, []);
  assertEquals([1, 2, 3].map(() => texts(s.pipe.read()!)[0]), ["1", "2", "3"]);
  assertEquals(s.closed, [undefined]);
  await turn();
  assertEquals(s.holder.take().at(-1), "closed");
});

test("what is sent after the connection closed waits for the next one", async () => {
  const s = await open(DEALER, "DEALER", { receiveHighWaterMark: 1 });
  s.wire.feed(bytes(message("1"), message("2"), message("3")));
  s.wire.close();
  assertEquals(s.closed, [], "there still is something to read");
  s.pipe.write(one("must not be lost"));
  await turn();
  assertEquals([s.wire.take().byteLength, s.pipe.unsent], [0, 1]);
  readAll(s.pipe);
  assertEquals(s.closed, [undefined]);
  await turn();
});

test("what was read before the connection closed is delivered although replies were due", async () => {
  const s = await open(DEALER, "DEALER");
  s.wire.isQuick = false;
  for (let i = 0; i < 3; i++) s.pipe.write([pattern(1 << 20)]);
  await turn();
  for (const text of ["1", "2", "3", "4"]) s.wire.feed(message(text));
  s.wire.close(new Error("gone"));
  assertEquals(readAll(s.pipe), ["1", "2", "3", "4"]);
  await turn();
});

test("the owner is notified once that the connection is gone", async () => {
  const s = await open(PULL, "PUSH");
  const gone = new Error("gone");
  s.wire.close(gone);
  s.session.destroy();
  s.wire.close();
  assertEquals(s.closed, [gone]);
});

test("a protocol violation closes the connection and is reported with its code", async () => {
  const s = await open(PULL, "PUSH");
  const events: Event[] = [];
  s.events.on("handshake:error:protocol", (event) => void events.push(event));
  s.wire.feed(bytes(message("before"), frame("x", 4 | MORE), message("after")));
  assertEquals(s.wire.isDestroyed, true);
  assertEquals(readAll(s.pipe), ["before"]);
  assertEquals(events.length, 1);
  assertEquals(
    (events[0] as { error: { code?: string } }).error.code,
    "ERR_ZMTP_INVALID_SEQUENCE",
  );
  s.wire.feed(message("ignored"));
});

test("a connection that breaks during the handshake is reported", () => {
  const s = fakeSession(PULL);
  const events: string[] = [];
  s.events.on(
    "handshake:error:other",
    ({ error }) => void events.push((error as Error & { code: string }).code),
  );
  s.wire.feed(greeting());
  s.wire.close();
  assertEquals(events, ["ECONNRESET"]);
  assertEquals(s.closed.length, 1);
});

test("a handshake that takes too long times out", async () => {
  const s = fakeSession(PULL, { handshakeInterval: 20 });
  await eventually(() => s.closed.length > 0);
  assertEquals((s.closed[0] as Error & { code: string }).code, "ETIMEDOUT");
  assertEquals(s.wire.isDestroyed, true);
});

test("a REQ checks the form of a reply", async () => {
  for (
    const [frames, isGood] of [
      [["", "answer"], true],
      [["1234", "", "answer"], true],
      [["", ""], true],
      [["answer"], false],
      [["a", "b"], false],
      [["12345", "", "answer"], false],
      [[""], false],
    ] as const
  ) {
    const s = await open(REQ, "REP");
    s.wire.feed(message(...frames));
    assertEquals(s.wire.isDestroyed, !isGood, frames.join("|"));
    s.session.destroy();
  }
});

test("no PING and no timer without the option", async () => {
  const s = await open(PAIR, "PAIR");
  await turn();
  assertEquals(s.wire.take().byteLength, 0);
  s.session.destroy();
});

test("a ZMTP 3.0 peer gets no PING before it has sent one, and may be silent", async () => {
  for (const shows of [ping(), command("PONG")]) {
    const s = fakeSession(PUSH, { heartbeatInterval: 5, heartbeatTimeout: 10 });
    s.wire.feed(greeting({ minor: 0 }), ready("PULL"));
    await turn();
    s.wire.take();
    // Meanwhile another peer is pinged, and found silent.
    const other = await open(PUSH, "PULL", {
      heartbeatInterval: 5,
      heartbeatTimeout: 10,
    });
    await eventually(() => other.closed.length > 0);
    assertEquals([s.wire.take().byteLength, s.closed.length], [0, 0]);
    s.wire.feed(shows);
    const isPinged = () =>
      toHex(s.wire.take()).includes(toHex(command("PING", bytes(0, 0))));
    await eventually(isPinged, 2000, "a PING");
    await eventually(() => s.closed.length > 0);
  }
});

test("while a large message takes long to arrive, its sender gets a PONG now and then", async () => {
  const s = await open(PULL, "PUSH");
  const whole = message(pattern(100_000));
  let at = 0;
  let written = "";
  await eventually(() => {
    if (at < 90_000) s.wire.feed(whole.subarray(at, at += 100));
    written += toHex(s.wire.take());
    return written !== "";
  });
  assertEquals(written, pong());
  s.wire.feed(whole.subarray(at));
  assertEquals(s.pipe.read()?.[0]?.byteLength, 100_000);
  s.session.destroy();
});

// RFC 37.PING.1, 37.PING.6
test("PINGs are sent at their interval, and a silent peer is disconnected", async () => {
  const s = await open(PAIR, "PAIR", {
    heartbeatInterval: 15,
    heartbeatTimeout: 60,
    heartbeatTimeToLive: 1000,
  });
  await eventually(() => s.closed.length > 0);
  const written = toHex(s.wire.take());
  assert(written.startsWith(toHex(command("PING", bytes(0, 10)))), written);
  assertEquals((s.closed[0] as Error & { code: string }).code, "ETIMEDOUT");
});

// RFC 37.PING.5
test("any traffic is a sign of life", async () => {
  const s = await open(PAIR, "PAIR", {
    heartbeatInterval: 10,
    heartbeatTimeout: 80,
  });
  const start = performance.now();
  while (performance.now() - start < 250) {
    s.wire.feed(message("x"));
    await eventually(() => s.wire.take().byteLength > 0, 2000, "a PING");
  }
  assertEquals(s.closed, []);
  s.session.destroy();
});

// RFC 37.PING.8
test("a peer's time to live is honoured", async () => {
  const s = await open(PULL, "PUSH");
  s.wire.feed(command("PING", bytes(0, 1)));
  await eventually(() => s.closed.length > 0, 2000, "the end after 100 ms");
  assertEquals((s.closed[0] as Error & { code: string }).code, "ETIMEDOUT");
});

test("a time to live of 0 revokes an earlier one", async () => {
  const s = await open(PULL, "PUSH");
  s.wire.feed(command("PING", bytes(0, 1)), command("PING", bytes(0, 0)));
  const other = await open(PULL, "PUSH");
  other.wire.feed(command("PING", bytes(0, 2)));
  await eventually(() => other.closed.length > 0, 2000, "the other's end");
  assertEquals(s.closed, []);
  s.session.destroy();
});

test("a peer that died while reading was paused is detected once reading resumes", async () => {
  const s = await open(PULL, "PUSH", {
    receiveHighWaterMark: 1,
    heartbeatInterval: 10,
    heartbeatTimeout: 30,
  });
  s.wire.feed(bytes(message("1"), message("2"), message("3")));
  assertEquals(s.wire.isPaused, true);
  // Some PINGs go by without an answer: it is we who do not listen.
  let pings = 0;
  await eventually(() => {
    pings += s.wire.take().byteLength / ping().byteLength;
    return pings >= 8;
  });
  assertEquals(s.closed, []);
  for (let i = 0; i < 3; i++) s.pipe.read();
  assertEquals(s.wire.isPaused, false);
  await eventually(
    () => s.closed.length > 0,
    2000,
    "the silence to be noticed",
  );
});

// RFC 37.IDENTITY.1
test("a ROUTER's session learns the peer's identity", async () => {
  const s = fakeSession(ROUTER);
  s.wire.feed(handshake("DEALER", "worker"));
  await turn();
  assertEquals(texts([s.peer!.routingId]), ["worker"]);
  s.session.destroy();
});

test("bytes after the end are ignored", async () => {
  const s = await open(PULL, "PUSH");
  s.session.destroy();
  s.wire.feed(message("late"), utf8("garbage"));
  assertEquals(s.closed, [undefined]);
});

test("any encoding error ends the connection and is reported", async () => {
  /** A frame whose content cannot be read. */
  const unreadable = (error: unknown) => ({
    byteLength: 5000,
    get length() {
      throw error;
    },
  });
  const broken: readonly (readonly [unknown, string])[] = [
    [unreadable(new TypeError("no bytes")), ""],
    [unreadable("no error"), "EPROTO"],
  ];
  for (const [frame, code] of broken) {
    const s = await open(PUSH, "PULL");
    const reported: Event[] = [];
    s.events.on("handshake:error:other", (event) => reported.push(event));
    s.pipe.write([frame as Uint8Array], true);
    await turn();
    assertEquals(s.wire.isDestroyed, true);
    assertEquals(s.closed.length, 1);
    const { error } = reported[0] as unknown as {
      error: Error & { code?: string };
    };
    assert(error instanceof Error);
    assertEquals([reported.length, error.code ?? ""], [1, code]);
  }
});
