/** Tests of commands and metadata: RFC 37, "Commands" and "The NULL Security Mechanism". */
import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../src/zmq/errors.ts";
import {
  decodeCommand,
  decodeErrorReason,
  decodeMetadata,
  encodeCommand,
  encodeMetadata,
} from "../../../src/zmq/zmtp/command.ts";
import { hex, toHex, utf8 } from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { bytes, property } from "../../support/peers/zmtp_bytes.ts";
import { bytes as anyBytes, check, fc } from "../../support/property.ts";

const READY = "ERR_ZMTP_MALFORMED_COMMAND_READY";

function codeOf(fn: () => unknown): string {
  return assertThrows(fn, ProtocolError).code;
}

// RFC 37.COMMAND.2
test("a command is its name with a length, then data", () => {
  assertEquals(
    toHex(encodeCommand("PING", hex("00 0a"), utf8("hi"))),
    toHex(hex('04 "PING" 00 0a "hi"')),
  );
  const { name, data } = decodeCommand(hex('04 "PING" 00 0a "hi"'));
  assertEquals(name, "PING");
  assertEquals(toHex(data), "000a6869");
});

test("a command may have no data", () => {
  assertEquals(decodeCommand(hex('01 "X"')).data.byteLength, 0);
});

for (
  const [what, body] of [
    ["an empty body", ""],
    ["an empty name", '00 "READY"'],
    ["a name longer than the body", '06 "READY"'],
    ["a length alone", "05"],
    // RFC 37.COMMAND.3
    ["a name with a control character", '03 "A" 00 "B"'],
    ["a name with a blank", '03 "A B"'],
    ["a name that is not ASCII", "02 c3 a9"],
  ] as const
) {
  // RFC 37.COMMAND.2
  test(`malformed command: ${what}`, () => {
    assertEquals(
      codeOf(() => decodeCommand(hex(body))),
      "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    );
  });
}

// RFC 37.NULL.9
test("metadata is names and values with their sizes", () => {
  assertEquals(
    toHex(
      encodeMetadata([["Socket-Type", utf8("PULL")], ["Identity", hex("")]]),
    ),
    toHex(hex(`
      0b "Socket-Type" 00 00 00 04 "PULL"
      08 "Identity" 00 00 00 00
    `)),
  );
});

// RFC 37.NULL.8
test("names are read in any case, values as they are", () => {
  const data = bytes(
    property("SOCKET-TYPE", "PULL"),
    property("iDENTITY", "Me"),
    property("X-Mine", ""),
  );
  const read = decodeMetadata(data, READY);
  assertEquals([...read.keys()], ["socket-type", "identity", "x-mine"]);
  assertEquals(toHex(read.get("identity")!), toHex(utf8("Me")));
});

test("no metadata is fine", () => {
  assertEquals(decodeMetadata(new Uint8Array(0), READY).size, 0);
});

test("the first of two equal names counts", () => {
  const data = bytes(property("Identity", "1"), property("IDENTITY", "2"));
  assertEquals(toHex(decodeMetadata(data, READY).get("identity")!), "31");
});

for (
  const [what, data] of [
    // RFC 37.NULL.7
    ["an empty name", "00 00 00 00 00"],
    ["a name longer than the data", '05 "ab"'],
    ["no size of the value", '02 "ab"'],
    // RFC 37.NULL.9
    ["half a size of the value", '02 "ab" 00 00'],
    ["a value longer than the data", '02 "ab" 00 00 00 02 "x"'],
    ["a value of 4 GiB", '02 "ab" ff ff ff ff "x"'],
    ["a byte behind a good property", '02 "ab" 00 00 00 01 "x" 01'],
  ] as const
) {
  test(`malformed metadata: ${what}`, () => {
    assertEquals(codeOf(() => decodeMetadata(hex(data), READY)), READY);
  });
}

test("metadata is read at any offset of its buffer", () => {
  const memory = bytes("junk", property("Identity", "me"), "junk");
  const view = memory.subarray(4, memory.byteLength - 4);
  assertEquals(toHex(decodeMetadata(view, READY).get("identity")!), "6d65");
});

// RFC 37.NULL.10
test("the reason of an ERROR is text without control characters", () => {
  assertEquals(decodeErrorReason(hex('02 "no"')), "no");
  assertEquals(decodeErrorReason(hex('02 "no" "more"')), "no");
  assertEquals(decodeErrorReason(hex('04 1b "[m" 0a')), "?[m?");
  assertEquals(decodeErrorReason(hex("00")), "");
});

test("an ERROR with a truncated reason is malformed", () => {
  for (const data of ["", '03 "no"']) {
    assertEquals(
      codeOf(() => decodeErrorReason(hex(data))),
      "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
    );
  }
});

// RFC 37.NULL.7
test("property: metadata survives", () =>
  check(fc.property(
    fc.dictionary(
      fc.stringMatching(/^[a-z][a-z0-9_.+-]{0,30}$/).filter((s) =>
        s !== "__proto__"
      ),
      anyBytes(100),
    ),
    (properties) => {
      const entries = Object.entries(properties);
      const read = decodeMetadata(encodeMetadata(entries), READY);
      assertEquals(
        [...read].map(([name, value]) => [name, toHex(value)]),
        entries.map(([name, value]) => [name, toHex(value)]),
      );
    },
  )));

test("property: any bytes are either read or refused with the code", () =>
  check(
    fc.property(anyBytes(60), (data) => {
      for (const read of [decodeCommand, decodeErrorReason]) {
        try {
          read(data);
        } catch (error: unknown) {
          assertEquals((error as Error).name, "ProtocolError");
        }
      }
      try {
        decodeMetadata(data, READY);
      } catch (error: unknown) {
        assertEquals((error as ProtocolError).code, READY);
      }
    }),
    300,
  ));
