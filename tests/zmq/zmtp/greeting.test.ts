/** Tests of the greeting: RFC 37, "Greeting", and what real peers put in it. */
import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../src/zmq/errors.ts";
import {
  checkGreeting,
  GREETING_SIZE,
  greetingRest,
  readGreeting,
  signature,
} from "../../../src/zmq/zmtp/greeting.ts";
import { hex, toHex } from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { bytes, greeting } from "../../support/peers/zmtp_bytes.ts";

/** The code that judging the first `size` bytes of these throws; `undefined` if none. */
function judge(
  source: Uint8Array,
  size = source.byteLength,
): string | undefined {
  const memory = new Uint8Array(GREETING_SIZE).fill(0xee);
  memory.set(source.subarray(0, size));
  try {
    checkGreeting(memory, size);
    return undefined;
  } catch (error: unknown) {
    return (error as ProtocolError).code;
  }
}

test("the greeting is signature, version 3.1, mechanism, as-server and filler", () => {
  assertEquals(
    toHex(bytes(signature(), greetingRest("NULL", false))),
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

test("the mechanism's name fills its 20 bytes, and as-server is one bit", () => {
  const rest = greetingRest("A".repeat(20), true);
  assertEquals(toHex(rest.subarray(2, 23)), "41".repeat(20) + "01");
});

test("a right greeting passes at every size", () => {
  for (let size = 0; size <= GREETING_SIZE; size++) {
    assertEquals(judge(greeting(), size), undefined);
  }
});

test("the version and the mechanism are read", () => {
  for (const minor of [0, 1, 7]) {
    for (const mechanism of ["NULL", "PLAIN", "CURVE", "X".repeat(20)]) {
      assertEquals(readGreeting(greeting({ minor, mechanism })), {
        minor,
        mechanism,
      });
    }
  }
});

test("the padding may hold anything, and of byte 9 only bit 0 counts", () => {
  const odd = greeting({ padding: hex("ff 01 02 03 04 05 06 07") });
  assertEquals(judge(odd), undefined);
  for (const byte of [0x01, 0x7f, 0x81, 0xff]) {
    odd[9] = byte;
    assertEquals(judge(odd), undefined);
  }
});

test("a major above 3 is taken for 3", () => {
  assertEquals(judge(greeting({ major: 4 })), undefined);
  assertEquals(judge(greeting({ major: 255 })), undefined);
});

test("a stranger is known by the first byte", () => {
  for (const first of [0x00, 0x01, 0x16, 0x47, 0xfe]) {
    assertEquals(judge(Uint8Array.of(first)), "ERR_ZMTP_UNSPECIFIED");
  }
});

test("a peer of ZMTP 1 is known by its tenth byte", () => {
  // A long length and a flags byte whose bit 0 is not set.
  const old = hex("ff 00 00 00 00 00 00 00 01 00");
  assertEquals(judge(old, 9), undefined);
  assertEquals(judge(old, 10), "ERR_ZMTP_UNSUPPORTED_VERSION");
});

test("a peer of ZMTP 2 is known by its eleventh byte", () => {
  for (const major of [0, 1, 2]) {
    const old = greeting({ major });
    assertEquals(judge(old, 10), undefined);
    assertEquals(judge(old, 11), "ERR_ZMTP_UNSUPPORTED_VERSION");
  }
});

test("a mechanism that is not a name is refused", () => {
  for (const mechanism of ["NU LL\x01", "A\0B", "\x7f", "é"]) {
    const error = assertThrows(
      () => readGreeting(greeting({ mechanism })),
      ProtocolError,
    );
    assertEquals(error.code, "ERR_ZMTP_MECHANISM_MISMATCH");
  }
});
