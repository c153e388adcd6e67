/**
 * Tests of the greeting: how two sides find the version that both speak (RFC
 * 37, "Greeting"; RFC 15, "Backwards Interoperability"), what they say to whom,
 * and what real peers put in it.
 */
import { assert, assertEquals } from "@std/assert";
import type { ProtocolError } from "../../../src/zmq/errors.ts";
import {
  CLIENT,
  DEALER,
  DISH,
  GATHER,
  PULL,
  PUSH,
  RADIO,
  SCATTER,
  SERVER,
  SOCKET_TYPE_NAMES,
  type SocketType,
  XSUB,
} from "../../../src/zmq/types.ts";
import { type Agreement, Greeting } from "../../../src/zmq/zmtp/greeting.ts";
import {
  chunksOf,
  hex,
  pattern,
  texts,
  toHex,
  utf8,
} from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { bytes, greeting } from "../../support/peers/zmtp_bytes.ts";

/** What a side that listens to these chunks says and finds out. */
interface Met {
  said: string;
  agreement: Agreement | undefined;
  error: string | undefined;
  message: string;
  /** How many chunks it took. */
  chunks: number;
}

interface Own {
  type?: SocketType;
  routingId?: Uint8Array;
  mechanism?: string;
  isServer?: boolean;
  isSecond?: boolean;
  isProtected?: boolean;
}

function meet(
  chunks: Iterable<Uint8Array>,
  {
    type = PULL,
    routingId = new Uint8Array(0),
    mechanism = "NULL",
    isServer = false,
    isSecond = false,
    isProtected = false,
  }: Own = {},
): Met {
  const said: Uint8Array[] = [];
  const own = new Greeting(
    { type, routingId, mechanism, isServer, isSecond, isProtected },
    (part) => void said.push(part),
  );
  const met: Met = {
    said: "",
    agreement: undefined,
    error: undefined,
    message: "",
    chunks: 0,
  };
  try {
    for (const chunk of chunks) {
      own.receive(chunk);
      met.chunks++;
      met.agreement = own.next();
      if (met.agreement !== undefined) break;
    }
  } catch (error: unknown) {
    met.error = (error as ProtocolError).code;
    met.message = (error as ProtocolError).message;
  }
  met.said = toHex(bytes(...said));
  return met;
}

/** The same, byte by byte: how soon is something known? */
function meetSlowly(source: Uint8Array, own?: Own): Met {
  return meet(chunksOf(source, 1), own);
}

const SIGNATURE = "ff00000000000000017f";

// RFC 37.MECHANISM.3, 37.VERSION.3
test("the greeting is signature, version 3.1, mechanism, as-server and filler", () => {
  const { said } = meet([greeting()]);
  assertEquals(
    said,
    toHex(hex(`
      ff 00 00 00 00 00 00 00 01 7f
      03 01
      "NULL" 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
      00
      00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
      00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    `)),
  );
});

// RFC 37.MECHANISM.3
test("the mechanism's name fills its 20 bytes, and as-server is one bit", () => {
  const mechanism = "A".repeat(20);
  const { said, agreement } = meet([greeting({ mechanism })], {
    mechanism,
    isServer: true,
  });
  assertEquals(said.slice(24, 66), "41".repeat(20) + "01");
  assertEquals(agreement?.version.name, "3.1");
});

test("the signature holds the size of the routing id plus one", () => {
  for (const [size, padding] of [[0, "0001"], [2, "0003"], [255, "0100"]]) {
    const { said } = meet([], { routingId: pattern(size as number) });
    assertEquals(said, `ff000000000000${padding}7f`);
  }
});

test("no more is sent than the peer's bytes allow", () => {
  const size = (count: number, source = greeting()) =>
    meetSlowly(source.subarray(0, count)).said.length / 2;
  assertEquals([0, 1, 9].map((count) => size(count)), [10, 10, 10]);
  assertEquals([10, 11, 12, 63].map((count) => size(count)), [11, 12, 64, 64]);
  const two = hex("ff 00 00 00 00 00 00 00 01 7f 01 08 00 00");
  assertEquals([10, 11, 14].map((count) => size(count, two)), [11, 14, 14]);
  const one = hex('ff 00 00 00 00 00 00 00 03 00 "me"');
  assertEquals([9, 10, 12].map((count) => size(count, one)), [10, 10, 10]);
});

test("the second side sends nothing before the peer's version", () => {
  const size = (count: number, source: Uint8Array) =>
    meetSlowly(source.subarray(0, count), { isSecond: true }).said.length / 2;
  const three = greeting();
  assertEquals([0, 9, 10, 11, 64].map((count) => size(count, three)), [
    10,
    10,
    10,
    12,
    64,
  ]);
  const two = hex("ff 00 00 00 00 00 00 00 01 7f 01 08 00 00");
  assertEquals([9, 10, 11, 14].map((count) => size(count, two)), [
    10,
    10,
    14,
    14,
  ]);
});

test("the mechanism is sent after the peer's, or to a peer that waits likewise", () => {
  const whole = greeting();
  const size = (...ends: number[]) => {
    const starts = [0, ...ends];
    return meet(ends.map((end, i) => whole.subarray(starts[i], end)))
      .said.length / 2;
  };
  assertEquals(size(11, 12), 64, "it has said its version and no more");
  assertEquals(size(12), 64);
  assertEquals([13, 20, 31].map((end) => size(11, end)), [12, 12, 12]);
  assertEquals(size(11, 32), 64);
});

test("stopWaiting ends the wait for the peer", () => {
  const said: Uint8Array[] = [];
  const own = new Greeting({
    type: PULL,
    routingId: new Uint8Array(0),
    mechanism: "NULL",
    isServer: false,
    isSecond: true,
    isProtected: false,
  }, (part) => void said.push(part));
  own.receive(greeting().subarray(0, 11));
  assertEquals([own.next(), own.isWaitingForPeer], [undefined, true]);
  own.stopWaiting();
  assertEquals([own.next(), own.isWaitingForPeer], [undefined, false]);
  assertEquals(bytes(...said).byteLength, 64);
});

test("two of our own complete the greeting, in either order, however their bytes are split", () => {
  for (
    const roles of [[false, true], [true, false], [false, false]] as const
  ) {
    for (const cut of [1, 2, 64]) {
      const waiting: [Uint8Array[], Uint8Array[]] = [[], []];
      const sides = roles.map((isSecond, i) =>
        new Greeting(
          {
            type: i === 0 ? PULL : PUSH,
            routingId: new Uint8Array(0),
            mechanism: "NULL",
            isServer: false,
            isSecond,
            isProtected: false,
          },
          (part) => waiting[1 - i]!.push(...chunksOf(part.slice(), cut)),
        )
      );
      const met: (Agreement | undefined)[] = [undefined, undefined];
      while (waiting[0].length + waiting[1].length > 0) {
        for (const i of [0, 1]) {
          const chunk = waiting[i]!.shift();
          if (chunk === undefined) continue;
          sides[i]!.receive(chunk);
          met[i] = sides[i]!.next();
        }
      }
      const found = met.map((agreement) => agreement?.version.name);
      assertEquals(found, ["3.1", "3.1"], `${roles} by ${cut}`);
    }
  }
});

test("both sides learn of a mismatch: the whole greeting is sent before the error", () => {
  const met = meetSlowly(greeting({ mechanism: "CURVE" }));
  assertEquals(met.error, "ERR_ZMTP_MECHANISM_MISMATCH");
  assertEquals(met.said.length / 2, 64);
});

for (const minor of [0, 1, 7, 255]) {
  test(`a peer of 3.${minor} is answered in 3.${minor === 0 ? 0 : 1}`, () => {
    const met = meetSlowly(greeting({ minor }));
    assertEquals(met.agreement?.version.name, minor === 0 ? "3.0" : "3.1");
    assertEquals([met.chunks, met.agreement?.peer], [64, undefined]);
  });
}

// RFC 37.VERSION.5
test("a future version is answered in 3.1", () => {
  for (const major of [4, 255]) {
    for (const minor of [0, 9]) {
      const { agreement } = meetSlowly(greeting({ major, minor }));
      assertEquals(agreement?.version.name, "3.1");
    }
  }
});

// RFC 37.VERSION.4
test("the padding may hold anything, and of byte 9 only bit 0 counts", () => {
  const odd = greeting({ padding: hex("ff 01 02 03 04 05 06 07") });
  for (const byte of [0x01, 0x7f, 0x81, 0xff]) {
    odd[9] = byte;
    assertEquals(meetSlowly(odd).agreement?.version.name, "3.1");
  }
});

test("what follows a greeting is left as it is", () => {
  for (
    const source of [
      greeting(),
      hex("ff 00 00 00 00 00 00 00 01 7f 01 08 00 00"),
      hex("ff 00 00 00 00 00 00 00 01 7f 00 08 01 00"),
      hex("01 00"),
      hex('03 00 "me"'),
    ]
  ) {
    const { agreement } = meet([bytes(source, "rest")]);
    assertEquals(texts([agreement!.rest]), ["rest"]);
    assertEquals(meetSlowly(source).agreement?.rest.byteLength, 0);
  }
});

for (const [major, name] of [[1, "2.0"], [0, "1.0"]] as const) {
  const isOne = major === 0;
  const frame = (body: string) =>
    isOne ? bytes(body.length + 1, 0, body) : bytes(0, body.length, body);
  const opening = (type: number, id = "", revision: number = major) =>
    bytes(hex(SIGNATURE), revision, type, frame(id));

  // RFC 37.VERSION.1
  test(`a peer of ${name} is recognised by its revision, and sends type and identity`, () => {
    const met = meetSlowly(opening(5, "peer"), {
      type: DEALER,
      routingId: utf8("me"),
    });
    assertEquals(met.agreement?.version.name, name);
    assertEquals(met.agreement?.version.hasCommands, false);
    assertEquals(met.agreement?.version.sendsSubscriptions, true);
    assertEquals(met.agreement?.peer?.socketType, "DEALER");
    assertEquals(texts([met.agreement!.peer!.routingId]), ["peer"]);
    const expected = isOne ? '05 03 00 "me"' : '05 00 02 "me"';
    assertEquals(
      met.said,
      toHex(hex(`ff 00 00 00 00 00 00 00 03 7f 03 ${expected}`)),
    );
  });

  test(`to ${name}, XPUB and XSUB are PUB and SUB, and each type its number`, () => {
    for (const [number, own] of SOCKET_TYPE_NAMES.entries()) {
      if (number > XSUB) break;
      const { said } = meet([hex(SIGNATURE), bytes(major)], {
        type: number as SocketType,
      });
      const wire = own === "XPUB" ? 1 : own === "XSUB" ? 2 : number;
      assertEquals(Number(`0x${said.slice(22, 24)}`), wire, own);
    }
  });

  test(`draft types do not work with ${name}`, () => {
    for (const type of [SERVER, CLIENT, RADIO, DISH, GATHER, SCATTER]) {
      const { error } = meet([hex(SIGNATURE), bytes(major)], { type });
      assertEquals(error, "ERR_ZMTP_UNSUPPORTED_VERSION");
    }
  });

  test(`incompatible types are refused in ${name} at the byte that shows it`, () => {
    const met = meetSlowly(opening(1));
    assertEquals(met.error, "ERR_ZMTP_INVALID_METADATA");
    assertEquals(met.message, "PULL and PUB are not compatible");
    assertEquals(met.chunks, 12);
    const strange = meetSlowly(opening(77));
    assertEquals(strange.error, "ERR_ZMTP_INVALID_METADATA");
    assertEquals(
      strange.message,
      "PULL and socket of type 77 are not compatible",
    );
    assertEquals(meetSlowly(opening(8)).agreement?.peer?.socketType, "PUSH");
  });

  test(`a routing id of 255 bytes passes in ${name}, one of 256 does not`, () => {
    const id = pattern(255);
    const head = bytes(hex(SIGNATURE), major, 8);
    const long = (size: number) =>
      isOne
        ? bytes(0xff, 0, 0, 0, 0, 0, 0, size >> 8, size & 0xff, 0)
        : bytes(2, 0, 0, 0, 0, 0, 0, size >> 8, size & 0xff);
    const whole = isOne ? bytes(long(256), id) : bytes(0, 255, id);
    const { agreement } = meetSlowly(bytes(head, whole));
    assertEquals(agreement?.peer?.routingId.byteLength, 255);
    const tooLong = meetSlowly(bytes(head, long(isOne ? 257 : 256), id));
    assertEquals(tooLong.error, "ERR_ZMTP_INVALID_METADATA");
    assertEquals(tooLong.chunks, isOne ? 22 : 21, "by its header");
  });

  test(`an identity of several frames is refused in ${name}`, () => {
    const more = isOne ? '03 01 "me"' : '01 02 "me"';
    const { error } = meetSlowly(bytes(hex(SIGNATURE), major, 8, hex(more)));
    assertEquals(error, "ERR_ZMTP_INVALID_SEQUENCE");
  });
}

test("a command in the place of an identity of 2.0 is refused", () => {
  const { error } = meetSlowly(hex(`${SIGNATURE} 01 08 04 06 05 "READY"`));
  assertEquals(error, "ERR_ZMTP_INVALID_SEQUENCE");
});

// RFC 37.VERSION.8
test("an unknown revision is refused by its byte", () => {
  const met = meetSlowly(greeting({ major: 2 }));
  assertEquals(met.error, "ERR_ZMTP_UNSUPPORTED_VERSION");
  assertEquals(met.chunks, 11);
});

// RFC 37.VERSION.1
test("a peer without a greeting is recognised by its identity, short or long", () => {
  for (
    const [source, id] of [
      ["01 00", ""],
      ['05 00 "peer"', "peer"],
      ["ff 00 00 00 00 00 00 00 01 00", ""],
      ['ff 00 00 00 00 00 00 00 05 00 "peer"', "peer"],
    ] as const
  ) {
    const { agreement, said } = meetSlowly(hex(source), {
      routingId: utf8("me"),
    });
    assertEquals(agreement?.version.name, "1.0");
    assertEquals(agreement?.version.sendsSubscriptions, false);
    assertEquals(agreement?.peer?.socketType, "");
    assertEquals(texts([agreement!.peer!.routingId]), [id]);
    // The signature was the header of a frame of three bytes: the flags, "me".
    assertEquals(said, toHex(hex('ff 00 00 00 00 00 00 00 03 7f "me"')));
  }
});

test("an identity without a greeting may have 255 bytes, not 256", () => {
  for (const size of [253, 254, 255]) {
    const long = bytes(
      0xff,
      0,
      0,
      0,
      0,
      0,
      0,
      (size + 1) >> 8,
      (size + 1) & 255,
    );
    const source = bytes(long, 0, pattern(size));
    assertEquals(
      meetSlowly(source).agreement?.peer?.routingId.byteLength,
      size,
    );
  }
  const { error, chunks } = meetSlowly(hex("ff 00 00 00 00 00 00 01 01 00 00"));
  assertEquals([error, chunks], ["ERR_ZMTP_INVALID_METADATA", 10]);
  const huge = meetSlowly(hex("ff ff ff ff ff ff ff ff ff 00"));
  assertEquals(huge.error, "ERR_ZMTP_MESSAGE_TOO_LARGE");
});

test("an unknown protocol is recognised by its first two bytes, and gets no reply", () => {
  for (
    const [what, source] of [
      ["HTTP", "GET / HTTP/1.1\r\n"],
      ["TLS", bytes(0x16, 3, 1, 2, 0)],
      ["SSH", "SSH-2.0-OpenSSH"],
      ["AMQP", bytes("AMQP", 0, 0, 9, 1)],
      ["HTTP/2", "PRI * HTTP/2.0"],
      ["a request of JSON", '{"a": 1}'],
    ] as const
  ) {
    const met = meetSlowly(bytes(source));
    assertEquals([met.error, met.chunks], ["ERR_ZMTP_UNSPECIFIED", 2], what);
    assertEquals(met.said, SIGNATURE);
  }
  assertEquals(
    meetSlowly(bytes("GET")).message,
    "The peer does not speak ZMTP: its first bytes are 47 45",
  );
  const zero = meetSlowly(bytes(0, 0));
  assertEquals([zero.error, zero.chunks], ["ERR_ZMTP_UNSPECIFIED", 1]);
  const odd = meetSlowly(hex("ff 00 00 00 00 00 00 00 01 7e"));
  assertEquals([odd.error, odd.chunks], ["ERR_ZMTP_UNSPECIFIED", 10]);
  const empty = meetSlowly(hex("ff 00 00 00 00 00 00 00 00 00"));
  assertEquals([empty.error, empty.chunks], ["ERR_ZMTP_UNSPECIFIED", 10]);
});

test("a mechanism that is not a name is refused", () => {
  for (const mechanism of ["NU LL\x01", "A\0B", "\x7f", "é"]) {
    const met = meet([greeting({ mechanism })]);
    assertEquals(met.error, "ERR_ZMTP_MECHANISM_MISMATCH");
    assertEquals(met.message, "The peer's mechanism name is malformed");
  }
});

test("another mechanism is refused, and named", () => {
  const met = meet([greeting({ mechanism: "PLAIN" })], { mechanism: "CURVE" });
  assertEquals(met.error, "ERR_ZMTP_MECHANISM_MISMATCH");
  assertEquals(
    met.message,
    'The peer uses the mechanism "PLAIN", this socket uses "CURVE"',
  );
});

for (
  const [mechanism, why] of [
    ["NULL", "authenticates its peers"],
    ["PLAIN", "uses PLAIN"],
    ["CURVE", "uses CURVE"],
  ] as const
) {
  // RFC 37.SECURITY.1
  test(`the downgrade guard of a socket that ${why}`, () => {
    const own = { mechanism, isProtected: true, routingId: utf8("me") };
    for (
      const [name, source, knownAt] of [
        ["2.0", `${SIGNATURE} 01 08 00 00`, 11],
        ["1.0", `${SIGNATURE} 00 08 01 00`, 11],
        ["1.0", "01 00", 2],
        ["1.0", "ff 00 00 00 00 00 00 00 01 00", 10],
      ] as const
    ) {
      const met = meetSlowly(hex(source), own);
      assertEquals(met.error, "ERR_ZMTP_UNSUPPORTED_VERSION");
      assertEquals(
        met.message,
        `The peer speaks ZMTP ${name}, which has no security, and this socket ${why}`,
      );
      assertEquals(met.chunks, knownAt);
      assert(met.said.length / 2 <= 11, "it gets neither type nor identity");
    }
    const modern = meetSlowly(greeting({ mechanism }), own);
    assertEquals(modern.agreement?.version.name, "3.1");
    assertEquals(meetSlowly(bytes("GET"), own).error, "ERR_ZMTP_UNSPECIFIED");
  });
}

test("a stored routing id does not retain the read buffer", () => {
  const chunk = new Uint8Array(65536);
  chunk.set(hex('05 00 "peer"'));
  const { agreement } = meet([chunk]);
  assertEquals(agreement?.peer?.routingId.buffer.byteLength, 4);
});
