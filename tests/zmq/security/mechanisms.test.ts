/**
 * The mechanisms, in memory: the commands and their sizes, in every chunking,
 * and what travels inside CURVE afterwards.
 */
import { assert, assertEquals } from "@std/assert";
import { concat } from "../../../src/zmq/bytes.ts";
import type { Message } from "../../../src/zmq/message.ts";
import {
  DEALER,
  PUB,
  REP,
  REQ,
  ROUTER,
  SUB,
  XPUB,
} from "../../../src/zmq/types.ts";
import { hexes, pattern, texts, utf8 } from "../../support/bytes.ts";
import { curveTest } from "../../support/curve_backends.ts";
import { test as once } from "../../support/harness.ts";
import {
  COMMAND,
  command,
  frame,
  LONG,
  property,
} from "../../support/peers/zmtp_bytes.ts";
import { drain, takeOutput } from "../../support/pump.ts";
import { bytes, check, fc } from "../../support/property.ts";
import { bodyOf, nameOf } from "./frame_stream.ts";
import { CLIENT, MECHANISMS, Talk, type TalkOptions } from "./talk.ts";

const MECHANISM_NAMES = ["NULL", "PLAIN", "CURVE"] as const;
const OPEN = { client: "open", server: "open" };

/** Two connections that have shaken hands with CURVE. */
function curve(options?: TalkOptions): Talk {
  const talk = new Talk(MECHANISMS.CURVE, options).run();
  assertEquals(talk.outcome, OPEN);
  return talk;
}

/** What is about CURVE runs with each of what encrypts it. */
const test = curveTest;

for (const name of MECHANISM_NAMES) {
  const test = name === "CURVE" ? curveTest : once;
  // RFC 24.PLAIN.6, 37.MECHANISM.1, 37.METADATA.1
  test(`${name} completes the handshake and passes messages, in any chunking`, () => {
    for (const chunkSize of [1, 2, 3, 7, 63, 64, 65, 100, 1000]) {
      const talk = new Talk(MECHANISMS[name], {
        types: [REQ, ROUTER],
        settings: { routingId: utf8("me") },
        chunkSize,
      }).run();
      assertEquals(talk.outcome, OPEN);
      talk.client.send([utf8(""), utf8("one"), pattern(300)]);
      talk.server.send([utf8(""), utf8("two")]);
      talk.run();
      assertEquals(
        talk.atServer.messages.map(hexes),
        [hexes([utf8(""), utf8("one"), pattern(300)])],
      );
      assertEquals(talk.atClient.messages.map(texts), [["", "two"]]);
      assertEquals(talk.atServer.order, ["credentials", "ready", "message"]);
      assertEquals(talk.atClient.order, ["ready", "message"]);
      const [, event] = talk.atServer.events;
      assert(event?.type === "ready");
      assertEquals(event.peer.socketType, "REQ");
      assertEquals(texts([event.peer.routingId]), ["me"]);
    }
  });

  // RFC 37.NULL.4
  test(`a ${name} server discloses nothing before its verdict`, () => {
    const talk = new Talk(MECHANISMS[name], { verdict: null }).run();
    assertEquals(talk.outcome, { client: "waits", server: "waits" });
    const said = name === "CURVE" ? ["WELCOME"] : [];
    assertEquals(talk.fromServer.map(nameOf), said);
  });

  for (const status of [300, 400, 500] as const) {
    // RFC 24.PLAIN.3, 26.CURVE.2, 26.ERROR.1, 26.INITIATE.8
    test(`${name}: a peer refused with ${status} gets ${status === 300 ? "no reply" : "an ERROR"}`, () => {
      const talk = new Talk(MECHANISMS[name], {
        verdict: { status, text: "no" },
      }).run();
      const last = talk.fromServer.at(-1);
      if (status === 300) {
        assert(last === undefined || nameOf(last) !== "ERROR");
        assertEquals(talk.outcome.client, "waits");
      } else {
        assertEquals(bodyOf(last!), utf8(`\x05ERROR\x03${status}`));
        assertEquals(talk.outcome.client, "ERR_ZAP_REFUSED");
      }
      assertEquals(talk.server.isOpen, false);
    });
  }
}

// RFC 24.PLAIN.2, 24.PLAIN.3, 24.PLAIN.4, 24.PLAIN.5, 24.PLAIN.7, 37.METADATA.1
once("PLAIN: the commands on the wire", () => {
  const { fromClient, fromServer } = new Talk(MECHANISMS.PLAIN, {
    types: [REQ, REP],
  }).run();
  assertEquals(
    hexes(fromClient),
    hexes([
      command("HELLO", "\x05admin\x09pässword"),
      command(
        "INITIATE",
        concat([property("Socket-Type", "REQ"), property("Identity", "")]),
      ),
    ]),
  );
  assertEquals(
    hexes(fromServer),
    hexes([
      command("WELCOME"),
      command("READY", property("Socket-Type", "REP")),
    ]),
  );
});

// RFC 27.PLAIN.1
once("PLAIN: the server learns the name and the password", () => {
  const talk = new Talk(MECHANISMS.PLAIN, { verdict: null }).run();
  assertEquals(talk.atServer.events, [{
    type: "credentials",
    credentials: {
      mechanism: "PLAIN",
      username: "admin",
      password: "pässword",
    },
  }]);
});

once("PLAIN: a byte order mark before a name is a part of it", () => {
  const username = "\ufeffadmin";
  const security = {
    client: { type: "plain-client", username, password: "x" },
    server: MECHANISMS.PLAIN.server,
  } as const;
  const talk = new Talk(security, { verdict: null }).run();
  assertEquals(talk.atServer.events, [{
    type: "credentials",
    credentials: { mechanism: "PLAIN", username, password: "x" },
  }]);
});

once(
  "PLAIN: the ERROR of libzmq, which begins with a slip, is understood",
  () => {
    for (
      const [status, code] of [["400", "ERR_ZAP_REFUSED"], [
        "why",
        "ERR_ZMTP_PEER_ERROR",
      ]] as const
    ) {
      const talk = new Talk(MECHANISMS.PLAIN, {
        toClient: () => [frame(`^RROR\x03${status}`, COMMAND)],
      }).run();
      assertEquals(talk.outcome.client, code);
    }
    // Another character before it is no ERROR.
    const talk = new Talk(MECHANISMS.PLAIN, {
      toClient: () => [frame("_RROR\x03400", COMMAND)],
    }).run();
    assertEquals(talk.outcome.client, "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED");
  },
);

// RFC 25.CURVE.2, 25.CURVE.3, 26.HELLO.1, 26.HELLO.2, 26.HELLO.10
// RFC 26.INITIATE.1, 26.READY.1, 26.READY.4, 26.WELCOME.1, 37.WIRE.3
test("CURVE: the commands, their order, flags and sizes", () => {
  const { fromClient, fromServer } = curve();
  assertEquals(fromClient.map(nameOf), ["HELLO", "INITIATE"]);
  assertEquals(fromServer.map(nameOf), ["WELCOME", "READY"]);
  const [hello, initiate] = fromClient.map(bodyOf) as [Uint8Array, Uint8Array];
  const [welcome, ready] = fromServer.map(bodyOf) as [Uint8Array, Uint8Array];
  assertEquals(hello.byteLength, 200);
  assertEquals(hello.slice(6, 8), Uint8Array.of(1, 0));
  assertEquals(hello.slice(8, 80), new Uint8Array(72));
  assertEquals(hello.slice(112, 120), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1));
  assertEquals(welcome.byteLength, 168);
  assert(initiate.byteLength >= 257);
  assertEquals(initiate.slice(105, 113), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2));
  assertEquals(ready.slice(6, 14), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1));
  for (const frame of [...fromClient, ...fromServer]) {
    assertEquals(frame[0]! & ~LONG, COMMAND);
  }
});

// RFC 26.CURVE.6, 27.CURVE.1
test("CURVE: the server learns the client's long-term key", () => {
  const talk = new Talk(MECHANISMS.CURVE, { verdict: null }).run();
  const [event] = talk.atServer.events;
  assert(event?.type === "credentials");
  assert(event.credentials.mechanism === "CURVE");
  assertEquals(hexes([event.credentials.publicKey]), hexes([CLIENT.publicKey]));
});

// RFC 37.SECURITY.4
test("CURVE: no plaintext is on the wire, and equal messages have different ciphertexts", () => {
  const talk = curve();
  const secret = "the secret of the house";
  talk.client.send([utf8(secret)]);
  talk.client.send([utf8(secret)]);
  talk.run();
  const [a, b] = talk.fromClient.slice(2) as [Uint8Array, Uint8Array];
  assertEquals(talk.atServer.messages.map(texts), [[secret], [secret]]);
  for (const frame of talk.fromClient) {
    const shown = String.fromCharCode(...frame);
    assertEquals(shown.includes(secret), false);
    assertEquals(shown.includes("DEALER"), false);
  }
  assertEquals(hexes([a.subarray(18)]) === hexes([b.subarray(18)]), false);
  assert(a.subarray(18).some((byte, i) => byte !== b[18 + i]));
});

// RFC 26.MESSAGE.2, 37.WIRE.2
test("CURVE: a MESSAGE is a message frame, 33 bytes above what is in it", () => {
  const talk = curve();
  talk.client.send([utf8("hello"), utf8("")]);
  talk.run();
  const sealed = talk.fromClient.slice(2);
  assertEquals(sealed.map((frame) => frame[0]), [0, 0]);
  assertEquals(sealed.map(nameOf), ["MESSAGE", "MESSAGE"]);
  assertEquals(sealed.map((f) => bodyOf(f).byteLength), [33 + 5, 33]);
});

// RFC 37.WIRE.2
test("CURVE: a MESSAGE with the COMMAND bit, as in the RFC, is accepted, too", () => {
  const talk = new Talk(MECHANISMS.CURVE, {
    toServer: (frame) => {
      const copy = frame.slice();
      copy[0]! |= COMMAND;
      return [copy];
    },
  }).run();
  talk.client.send([utf8("hello")]);
  talk.client.send([utf8("two"), utf8("frames")]);
  talk.run();
  assertEquals(talk.atServer.messages.map(texts), [["hello"], [
    "two",
    "frames",
  ]]);
});

// RFC 26.MESSAGE.1
test("CURVE: any messages survive, both ways, in any chunking", async () => {
  const message = fc.array(bytes(600), { minLength: 1, maxLength: 4 });
  const messages = fc.array(message, { maxLength: 6 });
  const size = fc.integer({ min: 1, max: 400 });
  await check(
    fc.property(messages, messages, size, (ours, theirs, chunkSize) => {
      const talk = curve({ chunkSize });
      for (const message of ours) talk.client.send(message as Message);
      for (const message of theirs) talk.server.send(message as Message);
      talk.run();
      assertEquals(talk.atServer.messages.map(hexes), ours.map(hexes));
      assertEquals(talk.atClient.messages.map(hexes), theirs.map(hexes));
    }),
    30,
  );
});

for (const [client, server] of [[SUB, XPUB], [SUB, PUB]] as const) {
  // RFC 26.MESSAGE.4
  test(`CURVE: subscriptions of a SUB reach type ${server}, sealed`, () => {
    const talk = curve({ types: [client, server] });
    talk.client.send([utf8("\x01weather")]);
    talk.client.send([utf8("\x00weather")]);
    talk.client.send([utf8(`\x01${"t".repeat(300)}`)]);
    talk.run();
    assertEquals(talk.atServer.messages.map(texts), [
      ["\x01weather"],
      ["\x00weather"],
      [`\x01${"t".repeat(300)}`],
    ]);
    assertEquals(talk.fromClient.slice(2).map((f) => f[0]! & ~LONG), [0, 0, 0]);
  });
}

// RFC 26.MESSAGE.4
test("CURVE: PING is answered with PONG, never between the frames of a message", () => {
  const talk = curve();
  talk.client.ping(2500);
  talk.client.send([utf8("a"), utf8("b")]);
  talk.client.ping(0);
  talk.run();
  assertEquals(talk.atServer.order.slice(2), ["ping", "message", "ping"]);
  assertEquals(talk.atServer.events[2], { type: "ping", timeToLiveMs: 2500 });
  assertEquals(talk.atClient.order.slice(1), ["pong", "pong"]);
  assertEquals(talk.fromServer.slice(2).map(nameOf), ["MESSAGE", "MESSAGE"]);
});

test("CURVE: a frame sealed as a message of more, then a command, is kept apart", () => {
  const talk = curve();
  const key = talk.client; // the order of its seals is the order on the wire
  key.send([utf8("first"), utf8("second")]);
  key.ping(100);
  talk.run();
  assertEquals(talk.atServer.messages.map(texts), [["first", "second"]]);
});

for (const limit of [0, 10, 300, 70_000]) {
  test(`CURVE: maxMessageSize ${limit} is exact, over one frame and over many`, () => {
    const settings = { maxMessageSize: limit };
    const exact = curve({ settings });
    exact.client.send([pattern(limit)]);
    exact.client.send([pattern(limit >> 1), pattern(limit - (limit >> 1))]);
    exact.run();
    assertEquals(exact.outcome, OPEN);
    assertEquals(exact.atServer.messages.length, 2);

    for (const sizes of [[limit + 1], [limit, 1], [1, limit]]) {
      const above = curve({ settings });
      above.client.send(sizes.map((size) => pattern(size)) as Message);
      above.run();
      assertEquals(above.outcome.server, "ERR_ZMTP_MESSAGE_TOO_LARGE");
      assertEquals(above.atServer.messages, []);
    }
  });
}

test("CURVE: a command above maxMessageSize is still received, as without CURVE", () => {
  const talk = curve({ types: [SUB, XPUB], settings: { maxMessageSize: 10 } });
  const topic = `\x01${"t".repeat(1000)}`;
  talk.client.send([utf8(topic)]);
  talk.run();
  assertEquals(talk.outcome, OPEN);
  assertEquals(talk.atServer.messages.map(texts), [[topic]]);
});

test("CURVE: a frame far above maxMessageSize is refused by its header", () => {
  const talk = curve({ settings: { maxMessageSize: 10 } });
  talk.client.send([pattern(1 << 20)]);
  talk.server.receive(takeOutput(talk.client).slice(0, 9));
  drain(talk.server, talk.atServer);
  assertEquals(talk.outcome.server, "ERR_ZMTP_MESSAGE_TOO_LARGE");
});

for (const name of MECHANISM_NAMES) {
  const test = name === "CURVE" ? curveTest : once;
  // RFC 26.INITIATE.5
  test(`${name}: incompatible types are distinguished from a refusal`, () => {
    const talk = new Talk(MECHANISMS[name], { types: [REQ, DEALER] }).run();
    assertEquals(talk.outcome.server, "ERR_ZMTP_INVALID_METADATA");
  });
}
