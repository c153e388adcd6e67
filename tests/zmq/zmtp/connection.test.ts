/**
 * Tests of the connection: two of them that talk in memory, of every pair of
 * socket types; sizes, limits, memory. RFC 37.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { ProtocolError } from "../../../src/zmq/errors.ts";
import {
  PAIR,
  PUB,
  PULL,
  PUSH,
  REQ,
  ROUTER,
  SOCKET_TYPE_NAMES,
  type SocketType,
  SUB,
  XPUB,
  XSUB,
} from "../../../src/zmq/types.ts";
import { isCompatible } from "../../../src/zmq/socket_traits.ts";
import {
  chunksOf,
  hex,
  pattern,
  sameBytes,
  texts,
  toHex,
  utf8,
} from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { AGES } from "../../support/peers/ageing.ts";
import { oldGreeting } from "../../support/peers/old_bytes.ts";
import {
  bytes,
  COMMAND,
  command,
  frame,
  greeting,
  handshake,
  longHeader,
  message,
  MORE,
  ready,
} from "../../support/peers/zmtp_bytes.ts";
import { bytes as anyBytes, check, fc } from "../../support/property.ts";
import {
  connection,
  drain,
  nothing,
  pair,
  play,
  pump,
  takeOutput,
} from "../../support/pump.ts";

/** RFC 37, "The Socket-Type Property", and the RFCs of the draft types: who may meet whom. */
const LEGAL: Readonly<Record<string, string>> = {
  REQ: "REP ROUTER",
  REP: "REQ DEALER",
  DEALER: "REP DEALER ROUTER",
  ROUTER: "REQ DEALER ROUTER",
  PUB: "SUB XSUB",
  XPUB: "SUB XSUB",
  SUB: "PUB XPUB",
  XSUB: "PUB XPUB",
  PUSH: "PULL",
  PULL: "PUSH",
  PAIR: "PAIR",
  CLIENT: "SERVER",
  SERVER: "CLIENT",
  RADIO: "DISH",
  DISH: "RADIO",
  SCATTER: "GATHER",
  GATHER: "SCATTER",
  PEER: "PEER",
  CHANNEL: "CHANNEL",
};
// STREAM and DGRAM speak no ZMTP.
const TYPES = SOCKET_TYPE_NAMES.map((name, number) => ({
  name,
  type: number as SocketType,
})).filter(({ name }) => name !== "STREAM" && name !== "DGRAM");

for (const a of TYPES) {
  const legal = LEGAL[a.name]!.split(" ");
  // RFC 37.TYPE.1, 37.TYPE.2
  test(`${a.name} is compatible with ${legal.join(", ")} and no other type`, () => {
    for (const b of TYPES) {
      const { said } = pair(a.type, b.type);
      const isLegal = legal.includes(b.name);
      assertEquals(isCompatible(a.type, b.name), isLegal);
      for (const [side, other] of [[said[0], b], [said[1], a]] as const) {
        assertEquals(
          side.error,
          isLegal ? undefined : "ERR_ZMTP_INVALID_METADATA",
          `${a.name} and ${b.name}`,
        );
        if (isLegal) {
          const [event] = side.events;
          assert(event?.type === "ready");
          assertEquals(event.peer.socketType, other.name);
          assertEquals(event.peer.version.name, "3.1");
        } else assertEquals(side.events, []);
      }
    }
  });
}

// RFC 23.NULL.2, 37.METADATA.2, 37.METADATA.5, 37.NULL.6
test("no message leaves before the handshake is done", () => {
  const a = connection(PAIR);
  assertEquals(a.isOpen, false);
  assertEquals(toHex(takeOutput(a)), "ff00000000000000017f");
  a.receive(greeting().subarray(0, 10));
  assertEquals(a.next(), undefined);
  assertEquals(toHex(takeOutput(a)), "03");
  a.receive(greeting().subarray(10, 11));
  assertEquals(a.next(), undefined);
  assertEquals(toHex(takeOutput(a)), "01");
  a.receive(greeting().subarray(11));
  assertEquals(a.next(), undefined);
  assertEquals(a.isOpen, false);
  assertEquals(takeOutput(a).byteLength, 52);
  a.receive(ready("PAIR"));
  assertEquals((a.next() as { type: string }).type, "ready");
  assertEquals(a.isOpen, true);
  assertEquals(
    toHex(takeOutput(a)),
    toHex(hex('04 1a 05 "READY" 0b "Socket-Type" 00 00 00 04 "PAIR"')),
  );
  assertEquals(a.outputSize, 0);
});

test("READY is sent after the peer's, to a peer that waits likewise, or on request", () => {
  const whole = bytes(greeting(), ready("PAIR"));
  const readyAfter = (...ends: number[]) => {
    const a = connection(PAIR);
    let at = 0;
    for (const end of ends) {
      a.receive(whole.subarray(at, at = end));
      a.next();
    }
    const holdsBack = a.isWaitingForPeer;
    a.stopWaiting();
    const before = takeOutput(a).byteLength - 64;
    a.next();
    return [before > 0, holdsBack, takeOutput(a).byteLength > 0];
  };
  assertEquals(readyAfter(11, 64), [false, true, true]);
  assertEquals(readyAfter(64), [false, true, true]);
  assertEquals(readyAfter(11, 12), [true, false, false]);
  assertEquals(readyAfter(11, 12, 64), [true, false, false]);
  assertEquals(readyAfter(64, whole.byteLength), [true, false, false]);
});

test("an incompatible peer gets our type before the connection ends", () => {
  const a = connection(PAIR);
  a.receive(bytes(greeting(), ready("PULL")));
  assertThrows(() => a.next(), ProtocolError);
  const said = new TextDecoder().decode(takeOutput(a).subarray(64));
  assert(said.includes("READY") && said.endsWith("PAIR"), said);
});

for (const size of [0, 1, 255, 256, 65535, 65536, 1 << 20]) {
  // RFC 37.WIRE.1
  test(`frames of ${size} bytes pass both ways`, () => {
    const { a, b, said } = pair(PAIR, PAIR);
    const body = pattern(size);
    a.send([body]);
    a.send([utf8("head"), body, body]);
    b.send([body, utf8("tail")]);
    pump(a, b, said);
    assertEquals(said[1].messages.map((m) => m.length), [1, 3]);
    assert(
      said[1].messages.flat().slice(1).every((f, i) =>
        i === 0 || sameBytes(f, body)
      ),
    );
    assert(sameBytes(said[1].messages[0]![0]!, body));
    assert(sameBytes(said[0].messages[0]![0]!, body));
  });
}

// RFC 23.NULL.2
test("what follows READY in the same chunk is not lost", () => {
  const played = play(connection(PULL), [
    bytes(handshake("PUSH"), message("a"), message("b", "c")),
  ]);
  assertEquals(played.order, ["ready", "message", "message"]);
  assertEquals(played.messages.map(texts), [["a"], ["b", "c"]]);
});

for (
  const [type, minor, subscribe, cancel] of [
    [SUB, 1, command("SUBSCRIBE", "abc"), command("CANCEL", "abc")],
    [XSUB, 1, command("SUBSCRIBE", "abc"), command("CANCEL", "abc")],
    [SUB, 0, frame("\x01abc"), frame("\x00abc")],
    [XSUB, 0, frame("\x01abc"), frame("\x00abc")],
  ] as const
) {
  // RFC 23.PUBSUB.1, 23.PUBSUB.2, 29.SUB.12, 29.XSUB.16, 37.PUBSUB.2
  // RFC 37.PUBSUB.3, 37.VERSION.7
  test(`a ${SOCKET_TYPE_NAMES[type]} subscribes at a peer of 3.${minor} in its form`, () => {
    const sub = connection(type);
    play(sub, [greeting({ minor }), ready("XPUB")]);
    sub.send([utf8("\x01abc")]);
    sub.send([utf8("\x00abc")]);
    assertEquals(toHex(takeOutput(sub)), toHex(bytes(subscribe, cancel)));
  });
}

// RFC 23.PUBSUB.1, 37.PUBSUB.2
test("a topic of any size arrives as it is, by 3.1 and 3.0", () => {
  for (const minor of [0, 1]) {
    for (const size of [0, 1, 254, 255, 256, 1000, 70_000]) {
      const sub = connection(SUB);
      const xpub = connection(XPUB);
      play(sub, [greeting({ minor }), ready("XPUB")]);
      play(xpub, [greeting({ minor }), ready("SUB")]);
      const subscription = bytes(1, pattern(size));
      sub.send([subscription]);
      const { messages } = play(xpub, [takeOutput(sub)]);
      assertEquals(messages.length, 1);
      assert(sameBytes(messages[0]![0]!, subscription), `${size} bytes`);
    }
  }
});

test("what an XSUB sends that is not a subscription is a message", () => {
  const { a, b, said } = pair(XSUB, XPUB);
  for (const frames of [["\x02x"], [""], ["\x01a", "b"], ["\x00", ""]]) {
    a.send(frames.map(utf8));
  }
  assertEquals(texts(pump(a, b, said)[1].messages.flat()), [
    "\x02x",
    "",
    "\x01a",
    "b",
    "\x00",
    "",
  ]);
});

test("only SUB and XSUB make commands of a first byte 0 or 1", () => {
  const { a, b, said } = pair(PAIR, PAIR);
  a.send([utf8("\x01abc")]);
  assertEquals(pump(a, b, said)[1].messages.map(texts), [["\x01abc"]]);
  const pub = pair(PUB, SUB);
  pub.a.send([utf8("\x01abc")]);
  assertEquals(pump(pub.a, pub.b, pub.said)[1].messages.map(texts), [[
    "\x01abc",
  ]]);
});

// RFC 37.PING.1
test("a PING carries its time to live in tenths of a second, and is answered", () => {
  for (
    const [ms, expected] of [
      [0, 0],
      [100, 100],
      [1000, 1000],
      [6_553_500, 6_553_500],
      [10_000_000, 6_553_500],
    ] as const
  ) {
    const { a, b, said } = pair(PAIR, PAIR);
    a.ping(ms);
    pump(a, b, said);
    assertEquals(said[1].events.at(-1), {
      type: "ping",
      timeToLiveMs: expected,
    });
    assertEquals(said[0].events.at(-1), { type: "pong" });
  }
});

test("a short time to live is not sent as none", () => {
  const { a, b, said } = pair(PAIR, PAIR);
  a.ping(40);
  pump(a, b, said);
  const event = said[1].events.at(-1);
  assert(event?.type === "ping");
  assert(event.timeToLiveMs > 0, "40 ms was sent as 0, which means for ever");
});

// RFC 37.IDENTITY.3
test("a routing id above 255 bytes is refused, 255 is not", () => {
  const router = (size: number) =>
    play(connection(ROUTER), [greeting(), ready("DEALER", pattern(size, 1))]);
  assertEquals(router(255).error, undefined);
  assertEquals(router(256).error, "ERR_ZMTP_INVALID_METADATA");
});

test("a stored routing id does not retain the read buffer", () => {
  // The three runtimes read into a Buffer, whose slice() is no copy.
  const chunk = Buffer.alloc(10_000);
  const opening = handshake("DEALER", "worker");
  chunk.set(opening);
  const router = connection(ROUTER);
  router.receive(chunk.subarray(0, opening.byteLength));
  const event = router.next() as { peer: { routingId: Uint8Array } };
  const { routingId } = event.peer;
  assertEquals(texts([routingId]), ["worker"]);
  assert(
    routingId.buffer.byteLength <= 1024,
    `${routingId.buffer.byteLength} bytes are kept for 6`,
  );
});

test("with a limit, a message of endless empty frames ends", () => {
  const pull = connection(PULL, { maxMessageSize: 10 });
  const empty = frame("", MORE);
  const { error } = play(pull, [
    handshake("PUSH"),
    bytes(...Array.from({ length: 5000 }, () => empty)),
  ]);
  assertEquals(error, "ERR_ZMTP_MESSAGE_TOO_LARGE");
});

test("a message of few frames may have just maxMessageSize bytes", () => {
  for (const size of [1, 64]) {
    const frames = Array.from({ length: size }, () => "ab");
    const pull = connection(PULL, { maxMessageSize: 2 * size });
    const { messages, error } = play(pull, [
      handshake("PUSH"),
      message(...frames),
      message(...frames, ""),
    ]);
    // Of 65 frames, one counts 128 bytes beside its own.
    assertEquals(messages.length, size === 64 ? 1 : 2);
    assertEquals(
      error,
      size === 64 ? "ERR_ZMTP_MESSAGE_TOO_LARGE" : undefined,
    );
  }
});

test("beyond the 64th, a frame counts 128 bytes more against maxMessageSize", () => {
  for (const [count, isTaken] of [[72, true], [73, false]] as const) {
    const pull = connection(PULL, { maxMessageSize: 8 * 128 + 72 });
    const { messages, error } = play(pull, [
      handshake("PUSH"),
      message(...Array.from({ length: count }, () => "a")),
    ]);
    assertEquals([messages.length, error === undefined], [
      isTaken ? 1 : 0,
      isTaken,
    ]);
  }
});

test("without a byte limit, the number of frames is limited from the header", () => {
  const settings = { maxMessageFrames: 100 };
  const frames = Array.from({ length: 100 }, () => "");
  const { messages, error } = play(connection(PULL, settings), [
    handshake("PUSH"),
    message(...frames),
    message(...frames),
    bytes(...frames.map(() => frame("", MORE))),
  ]);
  assertEquals([messages.length, error], [2, undefined]);
  const pull = connection(PULL, settings);
  const refused = play(pull, [
    handshake("PUSH"),
    bytes(...frames.map(() => frame("", MORE))),
    longHeader(1_000_000, 0),
  ]);
  assertEquals(refused.error, "ERR_ZMTP_MESSAGE_TOO_LARGE");
});

test("with a message limit, commands have one, too; without it, a topic may be long", () => {
  const header = longHeader(70_000, COMMAND);
  const limited = connection(PULL, { maxMessageSize: 10 });
  assertEquals(
    play(limited, [handshake("PUSH"), header]).error,
    "ERR_ZMTP_MESSAGE_TOO_LARGE",
  );
  assertEquals(
    play(connection(XPUB), [
      handshake("SUB"),
      command("SUBSCRIBE", pattern(70_000)),
    ])
      .messages.length,
    1,
  );
});

test("a limit above 64 KiB applies to commands as well", () => {
  const pub = connection(PUB, { maxMessageSize: 100_000 });
  const { messages, error } = play(pub, [
    handshake("SUB"),
    command("SUBSCRIBE", pattern(90_000)),
    longHeader(100_001, COMMAND),
  ]);
  assertEquals(messages.length, 1);
  assertEquals(error, "ERR_ZMTP_MESSAGE_TOO_LARGE");
});

test("the size limit counts each message separately", () => {
  const pull = connection(PULL, { maxMessageSize: 5 });
  const { messages, error } = play(pull, [
    handshake("PUSH"),
    ...Array.from({ length: 50 }, () => message("ab", "cde")),
  ]);
  assertEquals([messages.length, error], [50, undefined]);
});

test("stored small messages do not retain a large chunk", () => {
  const pull = connection(PULL);
  const stream = bytes(
    handshake("PUSH"),
    ...Array.from({ length: 5000 }, (_, i) => message(pattern(20, i), "x")),
  );
  const { messages } = play(pull, [stream]);
  assertEquals(messages.length, 5000);
  for (const one of messages.flat()) {
    assert(one.buffer.byteLength <= 16 * 1024);
  }
});

test("a REQ's messages are passed on unchecked; they are checked elsewhere", () => {
  const { messages } = play(connection(REQ), [
    handshake("REP"),
    message("", "a"),
    message("no delimiter"),
  ]);
  assertEquals(messages.map(texts), [["", "a"], ["no delimiter"]]);
});

test("after an error there is no more output", () => {
  const pull = connection(PULL);
  pull.receive(
    bytes(handshake("PUSH"), frame("x", COMMAND | MORE), message("m")),
  );
  const played = nothing();
  drain(pull, played);
  assertEquals(played.error, "ERR_ZMTP_INVALID_SEQUENCE");
  assertEquals(played.messages, []);
  assertThrows(() => pull.next(), ProtocolError);
});

test("property: any messages survive any chunking", () =>
  check(fc.property(
    fc.array(
      fc.array(
        fc.oneof(
          anyBytes(30),
          fc.integer({ min: 0, max: 5000 }).map((size) => pattern(size)),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      { maxLength: 15 },
    ),
    fc.integer({ min: 1, max: 20_000 }),
    (messages, size) => {
      const push = connection(PUSH);
      play(push, [handshake("PULL")]);
      for (const frames of messages) push.send(frames);
      const { messages: got, error } = play(connection(PULL), [
        handshake("PUSH"),
        ...chunksOf(takeOutput(push), size),
      ]);
      assertEquals(error, undefined);
      assertEquals(got.length, messages.length);
      got.forEach((frames, i) => {
        assertEquals(frames.length, messages[i]!.length);
        frames.forEach((body, j) => assert(sameBytes(body, messages[i]![j]!)));
      });
    },
  )));

test("property: any input is either processed or ends in a ProtocolError", () =>
  check(
    fc.property(
      fc.constantFrom(...TYPES.map(({ type }) => type)),
      fc.constantFrom(
        new Uint8Array(0),
        greeting(),
        handshake("DEALER"),
        handshake("SUB"),
        handshake("PUSH"),
        ...AGES.flatMap((age) =>
          ["DEALER", "SUB", "PUSH"].map((type) => oldGreeting(age, type, "me"))
        ),
      ),
      anyBytes(200),
      (type, start, noise) => {
        const victim = connection(type, { maxMessageSize: 1000 });
        const played = nothing();
        for (const chunk of [start, noise]) {
          victim.receive(chunk);
          if (!drain(victim, played)) break;
        }
        assert(
          played.error === undefined || played.error.startsWith("ERR_ZMTP_"),
          played.error,
        );
      },
    ),
    300,
  ));
