// RFC 26: CURVE against a side that is made by hand from the RFC, of libsodium
// and nothing else, so that a slip in ours cannot hide itself in both.
import { assert, assertEquals } from "@std/assert";
import sodium from "libsodium-wrappers";
import { Connection } from "../../../src/zmq/zmtp/connection.ts";
import { DEALER } from "../../../src/zmq/types.ts";
import type { Security } from "../../../src/zmq/zmtp/mechanism/security.ts";
import { texts, toHex, utf8 } from "../../support/bytes.ts";
import { curveTest as test } from "../../support/curve_backends.ts";
import {
  bytes,
  command,
  frame,
  greeting,
  property,
} from "../../support/peers/zmtp_bytes.ts";
import { play, type Played, takeOutput } from "../../support/pump.ts";
import { bodyOf, FrameStream } from "../security/frame_stream.ts";
import { CLIENT, MECHANISMS, SERVER } from "../security/talk.ts";

const ZEROS = new Uint8Array(64);
const METADATA = bytes(
  property("Socket-Type", "DEALER"),
  property("Identity", ""),
);
const nonce = (prefix: string, rest: Uint8Array) => bytes(prefix, rest);
const short = (number: number) => bytes(0, 0, 0, 0, 0, 0, 0, number);

function engine(security: Security): Connection {
  return new Connection({
    type: DEALER,
    routingId: new Uint8Array(0),
    maxMessageSize: -1,
    security,
  });
}

/** Gives the engine bytes; returns the bodies of the frames with which it answers. */
function exchange(
  connection: Connection,
  stream: FrameStream,
  ...chunks: Uint8Array[]
): { bodies: Uint8Array[]; played: Played } {
  const before = stream.frames.length;
  const played = play(connection, chunks);
  stream.pass(played.output);
  return { bodies: stream.frames.slice(before).map(bodyOf), played };
}

/** A client by hand, up to where our server asks who it is. */
function asClient(
  welcomeOnly = false,
  numbers: { hello: number; initiate: number } = { hello: 1, initiate: 2 },
) {
  const server = engine(MECHANISMS.CURVE.server);
  const stream = new FrameStream();
  const own = sodium.crypto_box_keypair(); // C'
  const hello = command(
    "HELLO",
    bytes(
      1,
      0,
      new Uint8Array(72),
      own.publicKey,
      short(numbers.hello),
      sodium.crypto_box_easy(
        ZEROS,
        nonce("CurveZMQHELLO---", short(numbers.hello)),
        SERVER.publicKey,
        own.privateKey,
      ),
    ),
  );
  const { bodies: [welcome] } = exchange(
    server,
    stream,
    greeting({ mechanism: "CURVE" }),
    hello,
  );
  assertEquals(texts([welcome!.subarray(0, 8)]), ["\x07WELCOME"]);
  const opened = sodium.crypto_box_open_easy(
    welcome!.subarray(24),
    nonce("WELCOME-", welcome!.subarray(8, 24)),
    SERVER.publicKey,
    own.privateKey,
  );
  const theirs = opened.slice(0, 32); // S'
  const cookie = opened.slice(32);
  if (welcomeOnly) return { server, stream, own, theirs, cookie };
  const vouchNonce = sodium.randombytes_buf(16);
  const vouch = sodium.crypto_box_easy(
    bytes(own.publicKey, SERVER.publicKey),
    nonce("VOUCH---", vouchNonce),
    theirs,
    CLIENT.secretKey,
  );
  const box = sodium.crypto_box_easy(
    bytes(CLIENT.publicKey, vouchNonce, vouch, METADATA),
    nonce("CurveZMQINITIATE", short(numbers.initiate)),
    theirs,
    own.privateKey,
  );
  const { played } = exchange(
    server,
    stream,
    command("INITIATE", bytes(cookie, short(numbers.initiate), box)),
  );
  return { server, stream, own, theirs, cookie, played };
}

test("a client is served however it counts HELLO and INITIATE, if its messages follow", () => {
  for (
    const [hello, initiate, first, isServed] of [
      [1, 2, 3, true],
      [0, 1, 2, true], // as libzmq's own test client
      [1, 1, 2, true], // as protocol-zmtp
      [2, 1, 3, true],
      [5, 6, 7, true],
      [0, 0, 1, true],
      [1, 2, 4, false],
      [1, 2, 2, false],
      [2, 1, 2, false],
    ] as const
  ) {
    const { server, stream, own, theirs, played } = asClient(false, {
      hello,
      initiate,
    });
    assertEquals(played!.events[0]?.type, "credentials");
    server.resume({ status: 200, text: "OK" });
    const sealed = sodium.crypto_box_easy(
      bytes(0, "by hand"),
      nonce("CurveZMQMESSAGEC", short(first)),
      theirs,
      own.privateKey,
    );
    const { played: got } = exchange(
      server,
      stream,
      frame(bytes("\x07MESSAGE", short(first), sealed)),
    );
    assertEquals(
      [got.messages.map(texts), got.error],
      isServed ? [[["by hand"]], undefined] : [[], "ERR_ZMTP_INVALID_SEQUENCE"],
      `${hello}, ${initiate}, ${first}`,
    );
  }
});

// RFC 26.HELLO.5, 26.HELLO.6, 26.HELLO.8, 26.WELCOME.2
test("our server understands a HELLO made by hand, and answers it with keys of its own", () => {
  const first = asClient(true);
  const second = asClient(true);
  assertEquals([first.theirs.byteLength, first.cookie.byteLength], [32, 96]);
  assert(toHex(first.theirs) !== toHex(second.theirs));
  assert(toHex(first.cookie) !== toHex(second.cookie));
  assert(toHex(first.theirs) !== toHex(SERVER.publicKey));
});

// RFC 26.INITIATE.2, 26.INITIATE.3, 26.MESSAGE.3, 26.READY.2
test("our server serves a client made by hand", () => {
  const { server, stream, own, theirs, played } = asClient();
  const [event] = played!.events;
  assert(event?.type === "credentials");
  assert(event.credentials.mechanism === "CURVE");
  assertEquals(
    toHex(event.credentials.publicKey),
    toHex(CLIENT.publicKey),
  );
  server.resume({ status: 200, text: "OK" });
  const { bodies: [ready] } = exchange(server, stream, new Uint8Array(0));
  const open = (prefix: string, number: Uint8Array, box: Uint8Array) =>
    sodium.crypto_box_open_easy(
      box,
      nonce(prefix, number),
      theirs,
      own.privateKey,
    );
  assertEquals(texts([ready!.subarray(0, 6)]), ["\x05READY"]);
  assertEquals(
    toHex(
      open("CurveZMQREADY---", ready!.subarray(6, 14), ready!.subarray(14)),
    ),
    toHex(METADATA),
  );
  // A message each way.
  const sealed = sodium.crypto_box_easy(
    bytes(0, "by hand"),
    nonce("CurveZMQMESSAGEC", short(3)),
    theirs,
    own.privateKey,
  );
  const { played: got } = exchange(
    server,
    stream,
    frame(bytes("\x07MESSAGE", short(3), sealed)),
  );
  assertEquals(got.messages.map(texts), [["by hand"]]);
  server.send([utf8("answer")]);
  const { bodies: [answer] } = exchange(server, stream, new Uint8Array(0));
  assertEquals(
    texts([
      open("CurveZMQMESSAGES", answer!.subarray(8, 16), answer!.subarray(16)),
    ]),
    ["\0answer"],
  );
});

// RFC 26.MESSAGE.6
test("a malformed MESSAGE is not answered", () => {
  const { server, stream } = asClient();
  server.resume({ status: 200, text: "OK" });
  exchange(server, stream, new Uint8Array(0));
  const { bodies, played } = exchange(
    server,
    stream,
    frame(bytes("\x07MESSAGE", short(3), new Uint8Array(40))),
  );
  assertEquals(played.error, "ERR_ZMTP_CRYPTOGRAPHIC");
  assertEquals(bodies, []);
});

// RFC 26.HELLO.3, 26.HELLO.5, 26.HELLO.6, 26.INITIATE.2, 26.INITIATE.3
// RFC 26.MESSAGE.3, 26.READY.2
test("our client is served by a server made by hand", () => {
  const seen = new Set<string>();
  for (let round = 0; round < 2; round++) {
    const client = engine(MECHANISMS.CURVE.client);
    const stream = new FrameStream();
    const { bodies: [hello] } = exchange(
      client,
      stream,
      greeting({ mechanism: "CURVE" }),
    );
    const theirs = hello!.slice(80, 112); // C'
    assert(
      !seen.has(toHex(theirs)) && toHex(theirs) !== toHex(CLIENT.publicKey),
    );
    seen.add(toHex(theirs));
    assertEquals(
      toHex(sodium.crypto_box_open_easy(
        hello!.subarray(120),
        nonce("CurveZMQHELLO---", hello!.subarray(112, 120)),
        theirs,
        SERVER.secretKey,
      )),
      toHex(ZEROS),
    );

    const own = sodium.crypto_box_keypair(); // S'
    const cookie = sodium.randombytes_buf(96);
    const long = sodium.randombytes_buf(16);
    const welcome = sodium.crypto_box_easy(
      bytes(own.publicKey, cookie),
      nonce("WELCOME-", long),
      theirs,
      SERVER.secretKey,
    );
    const { bodies: [initiate] } = exchange(
      client,
      stream,
      command("WELCOME", bytes(long, welcome)),
    );
    assertEquals(toHex(initiate!.subarray(9, 105)), toHex(cookie));
    const open = (prefix: string, number: Uint8Array, box: Uint8Array) =>
      sodium.crypto_box_open_easy(
        box,
        nonce(prefix, number),
        theirs,
        own.privateKey,
      );
    const inside = open(
      "CurveZMQINITIATE",
      initiate!.subarray(105, 113),
      initiate!.subarray(113),
    );
    assertEquals(toHex(inside.subarray(0, 32)), toHex(CLIENT.publicKey));
    assertEquals(toHex(inside.subarray(128)), toHex(METADATA));
    const vouch = sodium.crypto_box_open_easy(
      inside.subarray(48, 128),
      nonce("VOUCH---", inside.subarray(32, 48)),
      CLIENT.publicKey,
      own.privateKey,
    );
    assertEquals(toHex(vouch), toHex(bytes(theirs, SERVER.publicKey)));

    const seal = (prefix: string, number: number, plain: Uint8Array) =>
      bytes(
        short(number),
        sodium.crypto_box_easy(
          plain,
          nonce(prefix, short(number)),
          theirs,
          own.privateKey,
        ),
      );
    const { played } = exchange(
      client,
      stream,
      command("READY", seal("CurveZMQREADY---", 1, METADATA)),
      frame(bytes(
        "\x07MESSAGE",
        seal("CurveZMQMESSAGES", 2, bytes(0, "hello")),
      )),
    );
    assertEquals(played.order, ["ready", "message"]);
    assertEquals(played.messages.map(texts), [["hello"]]);
    client.send([utf8("answer")]);
    stream.pass(takeOutput(client));
    const answer = bodyOf(stream.frames.at(-1)!);
    assertEquals(
      texts([
        open("CurveZMQMESSAGEC", answer.subarray(8, 16), answer.subarray(16)),
      ]),
      ["\0answer"],
    );
  }
});
