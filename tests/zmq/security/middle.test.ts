/**
 * Somebody in the middle of CURVE, in memory: every command of the handshake
 * cut, stretched, altered bit by bit, replayed, left out and put in another
 * order, and the same for what follows it. Whatever is done, the side that
 * sees it says so, and nothing is delivered that the peer did not send.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../src/zmq/errors.ts";
import { DEALER } from "../../../src/zmq/types.ts";
import { Connection } from "../../../src/zmq/zmtp/connection.ts";
import { newKeyPair } from "../../../src/zmq/zmtp/mechanism/curve_box.ts";
import type { Security } from "../../../src/zmq/zmtp/mechanism/security.ts";
import { texts, utf8 } from "../../support/bytes.ts";
import { curveTest } from "../../support/curve_backends.ts";
import { test } from "../../support/harness.ts";
import {
  bytes,
  COMMAND,
  command,
  frame,
  greeting,
  property,
  ready,
} from "../../support/peers/zmtp_bytes.ts";
import { type Alter, bodyOf, nameOf } from "./frame_stream.ts";
import { CLIENT, MECHANISMS, SERVER, Talk } from "./talk.ts";

const FORGED = "ERR_ZMTP_CRYPTOGRAPHIC";
const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND";
const SEQUENCE = "ERR_ZMTP_INVALID_SEQUENCE";
const MISMATCH = "ERR_ZMTP_MECHANISM_MISMATCH";
const COMMAND_FORM = "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED";
const MESSAGE_FORM = "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE";
const form = (name: string) => `ERR_ZMTP_MALFORMED_COMMAND_${name}`;

/** The commands of a handshake: who gets each, and its number among theirs. */
const STEPS = [
  { name: "HELLO", at: "server", index: 0 },
  { name: "WELCOME", at: "client", index: 0 },
  { name: "INITIATE", at: "server", index: 1 },
  { name: "READY", at: "client", index: 1 },
] as const;
type Step = typeof STEPS[number];

/** A handshake in which one command is altered. */
function handshake(
  { at, index }: Step,
  change: (frame: Uint8Array) => Uint8Array[],
): Talk {
  const alter: Alter = (frame, i) => i === index ? change(frame) : [frame];
  return new Talk(
    MECHANISMS.CURVE,
    at === "server" ? { toServer: alter } : { toClient: alter },
  ).run();
}

/** A command with another body, its size in its header made right. */
function withBody(body: Uint8Array): Uint8Array[] {
  return [frame(body, COMMAND)];
}

function flipped(body: Uint8Array, bit: number): Uint8Array {
  const copy = body.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

for (const step of STEPS) {
  const { name, at } = step;

  // RFC 26.HELLO.7, 26.INITIATE.6, 26.READY.3, 26.WELCOME.7
  test(`${name} cut to any length fails at the ${at}`, () => {
    const { length } = bodyOf(frameOf(step));
    for (let size = name.length + 1; size < length; size += 3) {
      const talk = handshake(step, (f) => withBody(bodyOf(f).slice(0, size)));
      const expected = [form(name), FORGED, SEQUENCE];
      assert(expected.includes(talk.outcome[at]), talk.outcome[at]);
    }
    const empty = handshake(step, () => withBody(new Uint8Array(0)));
    assertEquals(empty.outcome[at], COMMAND_FORM);
  });

  for (const more of [1, 16, 1000]) {
    test(`${name} with ${more} bytes more fails at the ${at}`, () => {
      const talk = handshake(
        step,
        (f) => withBody(bytes(bodyOf(f), new Uint8Array(more))),
      );
      const isFixed = name === "HELLO" || name === "WELCOME";
      assertEquals(talk.outcome[at], isFixed ? form(name) : FORGED);
    });
  }

  test(`${name} above the limit for commands fails at the ${at}`, () => {
    const talk = handshake(
      step,
      (f) => withBody(bytes(bodyOf(f), new Uint8Array(65_536))),
    );
    assertEquals(talk.outcome[at], "ERR_ZMTP_MESSAGE_TOO_LARGE");
  });

  // RFC 26.CURVE.4, 26.HELLO.7, 26.INITIATE.6, 26.READY.3, 26.WELCOME.7
  test(`${name} with any one bit flipped fails at the ${at}`, () => {
    const { length } = bodyOf(frameOf(step));
    for (let byte = 0; byte < length; byte++) {
      // HELLO's padding of zeros is protected by nothing, and means nothing.
      if (name === "HELLO" && byte >= 8 && byte < 80) continue;
      const bit = byte * 8 + byte % 8;
      const talk = handshake(step, (f) => withBody(flipped(bodyOf(f), bit)));
      assert(
        talk.outcome[at].startsWith("ERR_ZMTP_"),
        `byte ${byte}: ${talk.outcome[at]}`,
      );
      assertEquals(talk.atServer.messages.length, 0);
    }
  });

  test(`${name} sent twice fails at the ${at}`, () => {
    const talk = handshake(step, (f) => [f, f]);
    if (name === "INITIATE" || name === "READY") {
      // The handshake is over: what follows must be a MESSAGE.
      assertEquals(talk.outcome[at], MESSAGE_FORM);
    } else assertEquals(talk.outcome[at], UNEXPECTED);
    assertEquals([talk.atServer.messages, talk.atClient.messages], [[], []]);
  });

  test(`without ${name} no peer is accepted`, () => {
    const talk = handshake(step, () => []);
    assertEquals(talk.outcome[at], "waits");
  });

  // RFC 26.WELCOME.6
  test(`${name} of another connection fails at the ${at}`, () => {
    const recorded = frameOf(step);
    const talk = handshake(step, () => [recorded]);
    if (name === "HELLO") {
      // A HELLO may be replayed; the client cannot be, it lacks the secret of it.
      assertEquals(talk.outcome, { client: FORGED, server: "waits" });
    } else assertEquals(talk.outcome[at], FORGED);
    assertEquals(talk.atServer.order.includes("credentials"), name === "READY");
  });

  test(`${name} replaced by a command of another mechanism fails at the ${at}`, () => {
    for (
      const other of [
        command("READY", property("Socket-Type", "DEALER")),
        command("HELLO", "\x05admin\x06secret"),
        command("WELCOME"),
        command("INITIATE", property("Socket-Type", "DEALER")),
        command("PING", "\0\0"),
        command("SUBSCRIBE", "a"),
      ]
    ) {
      const talk = handshake(step, () => [other]);
      const expected = nameOf(other) === name ? form(name) : UNEXPECTED;
      assertEquals(talk.outcome[at], expected, nameOf(other));
    }
  });

  test(`a message in the place of ${name} fails at the ${at}`, () => {
    const talk = handshake(step, (f) => [frame("now"), f]);
    assertEquals(talk.outcome[at], UNEXPECTED);
    assertEquals([talk.atServer.messages, talk.atClient.messages], [[], []]);
  });

  // RFC 26.ERROR.1
  test(`an ERROR in place of ${name} is reported at the ${at}`, () => {
    const peerError = handshake(step, () => [command("ERROR", "\x03why")]);
    assertEquals(peerError.outcome[at], "ERR_ZMTP_PEER_ERROR");
    const refused = handshake(step, () => [command("ERROR", "\x03400")]);
    assertEquals(refused.outcome[at], "ERR_ZAP_REFUSED");
    const malformed = handshake(step, () => [command("ERROR", "\x04400")]);
    assertEquals(malformed.outcome[at], form("ERROR"));
  });
}

test("INITIATE before HELLO fails at the server", () => {
  const recorded = frameOf(STEPS[2]);
  const talk = handshake(STEPS[0], (f) => [recorded, f]);
  assertEquals(talk.outcome.server, UNEXPECTED);
});

test("READY before WELCOME fails at the client", () => {
  const recorded = frameOf(STEPS[3]);
  const talk = handshake(STEPS[1], (f) => [recorded, f]);
  assertEquals(talk.outcome.client, UNEXPECTED);
});

// RFC 26.HELLO.7
test("HELLO of another version fails at the server", () => {
  for (const version of [[2, 0], [1, 1], [0, 0]]) {
    const talk = handshake(STEPS[0], (f) => {
      const body = bodyOf(f).slice();
      body.set(version, 6);
      return withBody(body);
    });
    assertEquals(talk.outcome.server, form("HELLO"));
  }
});

// RFC 26.HELLO.7
test("HELLO with a key that is no key fails at the server", () => {
  for (const byte of [0, 1]) {
    const talk = handshake(STEPS[0], (f) => {
      const body = bodyOf(f).slice();
      body.set([byte, ...new Uint8Array(31)], 80);
      return withBody(body);
    });
    assertEquals(talk.outcome.server, FORGED);
  }
});

const STRANGER = newKeyPair();

const IMPOSTORS: readonly (readonly [
  what: string,
  client: Security,
  server: Security,
  outcome: { client: string; server: string },
])[] = [
  // RFC 26.CURVE.5
  [
    "a client with another server's key",
    {
      type: "curve-client",
      keys: { ...CLIENT, serverKey: STRANGER.publicKey },
    },
    MECHANISMS.CURVE.server,
    { client: "waits", server: FORGED },
  ],
  [
    "a server with another secret key",
    MECHANISMS.CURVE.client,
    { type: "curve-server", secretKey: STRANGER.secretKey },
    { client: "waits", server: FORGED },
  ],
  // RFC 26.INITIATE.6
  [
    "a client that shows another's public key",
    {
      type: "curve-client",
      keys: {
        publicKey: CLIENT.publicKey,
        secretKey: STRANGER.secretKey,
        serverKey: SERVER.publicKey,
      },
    },
    MECHANISMS.CURVE.server,
    { client: "waits", server: FORGED },
  ],
  [
    "a client whose server key is no key",
    {
      type: "curve-client",
      keys: { ...CLIENT, serverKey: new Uint8Array(32) },
    },
    MECHANISMS.CURVE.server,
    { client: FORGED, server: "waits" },
  ],
  [
    "two clients",
    MECHANISMS.CURVE.client,
    MECHANISMS.CURVE.client,
    { client: UNEXPECTED, server: UNEXPECTED },
  ],
  [
    "two servers",
    MECHANISMS.CURVE.server,
    MECHANISMS.CURVE.server,
    { client: "waits", server: "waits" },
  ],
  ...(["NULL", "PLAIN"] as const).flatMap((name) =>
    [
      [
        `a ${name} client and a CURVE server`,
        MECHANISMS[name].client,
        MECHANISMS.CURVE.server,
        { client: MISMATCH, server: MISMATCH },
      ],
      [
        `a CURVE client and a ${name} server`,
        MECHANISMS.CURVE.client,
        MECHANISMS[name].server,
        { client: MISMATCH, server: MISMATCH },
      ],
    ] as const
  ),
];

for (const [what, client, server, outcome] of IMPOSTORS) {
  test(`${what}: no peer is accepted`, () => {
    const talk = new Talk({ client, server }).run();
    assertEquals(talk.outcome, outcome);
    assertEquals(talk.atServer.order.includes("credentials"), false);
  });
}

for (
  const [name, opening, code] of [
    ["NULL", ready("DEALER"), UNEXPECTED],
    ["PLAIN", command("HELLO", "\x05admin\x06secret"), form("HELLO")],
  ] as const
) {
  // RFC 37.SECURITY.1
  test(`a ${name} handshake behind a greeting that says CURVE is refused by the server`, () => {
    const server = new Connection({
      type: DEALER,
      routingId: new Uint8Array(0),
      maxMessageSize: -1,
      security: MECHANISMS.CURVE.server,
    });
    server.receive(bytes(greeting({ mechanism: "CURVE" }), opening));
    const error = assertThrows(() => server.next(), ProtocolError);
    assertEquals(error.code, code);
  });

  // RFC 37.SECURITY.1
  test(`a CURVE client whose greeting is altered to ${name} never sends plaintext`, () => {
    const client = MECHANISMS.CURVE.client;
    const server = MECHANISMS[name].server;
    const talk = new Talk({ client, server }, { mechanism: name }).run();
    assertEquals(talk.outcome.client, MISMATCH);
    // HELLO has a key for this connection and a box of zeros, nothing in clear.
    for (const sent of talk.fromClient) {
      assertEquals(texts([bodyOf(sent).subarray(0, 6)]), ["\x05HELLO"]);
      assertEquals(bodyOf(sent).byteLength, 200);
    }
    assertEquals(talk.fromClient.length <= 1, true);
    assertEquals(talk.atServer.messages, []);
  });
}

/** An open connection whose messages to the server pass through `alter`. */
function open(alter: (sealed: Uint8Array[]) => Uint8Array[]): Talk {
  const held: Uint8Array[] = [];
  const talk = new Talk(MECHANISMS.CURVE, {
    types: [DEALER, DEALER],
    toServer: (frame, i) => {
      if (i < 2) return [frame];
      held.push(frame);
      return held.length === 3 ? alter(held) : [];
    },
  }).run();
  assertEquals(talk.outcome, { client: "open", server: "open" });
  for (const text of ["one", "two", "three"]) talk.client.send([utf8(text)]);
  return talk.run();
}

/** The same frame with its nonce set. */
function numbered(sealed: Uint8Array, number: number): Uint8Array {
  const copy = sealed.slice();
  new DataView(copy.buffer).setBigUint64(2 + 8, BigInt(number));
  return copy;
}

const ATTACKS: readonly (readonly [
  what: string,
  alter: (sealed: Uint8Array[]) => Uint8Array[],
  delivered: string[],
  code: string,
])[] = [
  // RFC 26.HELLO.12
  ["replayed at once", ([a, b]) => [a!, a!, b!], ["one"], SEQUENCE],
  ["replayed later", ([a, b]) => [a!, b!, a!], ["one", "two"], SEQUENCE],
  ["in another order", ([a, b, c]) => [b!, a!, c!], [], SEQUENCE],
  // RFC 26.HELLO.12
  [
    "with the nonce lowered",
    ([a, b]) => [a!, numbered(b!, 1)],
    ["one"],
    SEQUENCE,
  ],
  ["with the nonce 0", ([a]) => [numbered(a!, 0)], [], SEQUENCE],
  ["with the nonce raised", ([a]) => [numbered(a!, 1000)], [], SEQUENCE],
  [
    "with the box of another",
    ([a, b]) => [bytes(a!.subarray(0, 18), b!.subarray(18, a!.length))],
    [],
    FORGED,
  ],
  ["in clear", ([a]) => [frame("evil"), a!], [], MESSAGE_FORM],
  ["in clear and long", () => [frame("e".repeat(300))], [], MESSAGE_FORM],
  ["empty", () => [frame("")], [], MESSAGE_FORM],
  // RFC 26.MESSAGE.5
  [
    "without a box",
    ([a]) => [frame(bodyOf(a!).slice(0, 16))],
    [],
    MESSAGE_FORM,
  ],
  [
    "with a box of 16 bytes, without flags",
    ([a]) => [frame(bodyOf(a!).slice(0, 32))],
    [],
    MESSAGE_FORM,
  ],
  [
    "of another name",
    ([a]) => [frame(bytes("\x07MESSAGF", bodyOf(a!).subarray(8)))],
    [],
    MESSAGE_FORM,
  ],
  [
    "followed by a command in clear",
    ([a]) => [a!, command("PING", "\0\0")],
    ["one"],
    MESSAGE_FORM,
  ],
  [
    "followed by an ERROR in clear",
    ([a]) => [a!, command("ERROR", "\x03400")],
    ["one"],
    MESSAGE_FORM,
  ],
];

for (const [what, alter, delivered, code] of ATTACKS) {
  curveTest(`a MESSAGE ${what} ends the connection`, () => {
    const talk = open(alter);
    assertEquals(talk.atServer.messages.map(texts), delivered.map((t) => [t]));
    assertEquals(talk.outcome, { client: "open", server: code });
  });
}

// RFC 26.MESSAGE.5
curveTest("a MESSAGE with any one bit flipped ends the connection", () => {
  const { length } = bodyOf(open((all) => all).fromClient[2]!);
  for (let bit = 0; bit < length * 8; bit += 3) {
    const talk = open(([a]) => [frame(flipped(bodyOf(a!), bit))]);
    const { server } = talk.outcome;
    assert([FORGED, SEQUENCE, MESSAGE_FORM].includes(server), server);
    assertEquals(talk.atServer.messages, []);
  }
});

// RFC 26.READY.4
curveTest("a MESSAGE reflected to its sender ends the connection", () => {
  let seen: Uint8Array | undefined;
  const talk = new Talk(MECHANISMS.CURVE, {
    toServer: (frame, i) => {
      if (i === 2) seen = frame;
      return [frame];
    },
    // It has the very number that the client waits for.
    toClient: (frame, i) => i === 3 ? [seen!] : [frame],
  }).run();
  talk.client.send([utf8("mirror")]);
  talk.run();
  for (const text of ["one", "two"]) talk.server.send([utf8(text)]);
  talk.run();
  assertEquals(talk.outcome, { client: FORGED, server: "open" });
  assertEquals(talk.atClient.messages.map(texts), [["one"]]);
});

curveTest("a MESSAGE after a removed one ends the connection", () => {
  const talk = open(([a, , c]) => [a!, c!]);
  assertEquals(talk.atServer.messages.map(texts), [["one"]]);
  assertEquals(talk.outcome, { client: "open", server: SEQUENCE });
});

curveTest("no frame can be removed from a message", () => {
  let count = 0;
  const talk = new Talk(MECHANISMS.CURVE, {
    types: [DEALER, DEALER],
    toServer: (frame) => ++count === 4 ? [] : [frame],
  }).run();
  talk.client.send(["pay", "not", "Eve"].map(utf8));
  talk.run();
  assertEquals(talk.atServer.messages, []);
  assertEquals(talk.outcome, { client: "open", server: SEQUENCE });
});

/** The command of an unaltered handshake. */
function frameOf({ at, index }: Step): Uint8Array {
  const talk = new Talk(MECHANISMS.CURVE).run();
  return (at === "server" ? talk.fromClient : talk.fromServer)[index]!;
}
