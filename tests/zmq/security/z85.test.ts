/**
 * Z85: the vectors of RFC 32, what is refused, and the way back.
 */
import { assertEquals, assertThrows } from "@std/assert";
import { z85Decode, z85Encode, ZmqError } from "../../../src/zmq/mod.ts";
import { hex, toHex } from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

const VECTORS: readonly (readonly [bytes: string, text: string])[] = [
  ["", ""],
  ["86 4f d2 6f b5 59 f7 5b", "HelloWorld"],
  [
    "8e 0b dd 69 76 28 b9 1d 8f 24 55 87 ee 95 c5 b0 4d 48 96 3f 79 25 98 77 b4 9c d9 06 3a ea d3 b7",
    "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
  ],
  ["00 00 00 00", "00000"],
  ["ff ff ff ff", "%nSc0"],
];

for (const [bytes, text] of VECTORS) {
  test(`Z85 of ${bytes || "nothing"} is "${text}"`, () => {
    assertEquals(z85Encode(hex(bytes)), text);
    assertEquals(toHex(z85Decode(text)), bytes.replaceAll(" ", ""));
  });
}

test("Z85 encodes a part of a larger buffer", () => {
  assertEquals(z85Encode(hex("00 86 4f d2 6f 00").subarray(1, 5)), "Hello");
});

for (const size of [1, 2, 3, 5, 31, 33]) {
  test(`Z85 refuses ${size} bytes`, () => {
    const error = assertThrows(() => z85Encode(new Uint8Array(size)), ZmqError);
    assertEquals(error.code, "EINVAL");
  });
}

const MALFORMED: readonly (readonly [what: string, text: string])[] = [
  ["4 characters", "Hell"],
  ["6 characters", "HelloW"],
  ["a space", "Hel o"],
  ["a quote", 'Hel"o'],
  ["a backslash", "Hel\\o"],
  ["a letter of another alphabet", "Helló"],
  ["a pair of surrogates", "Hel😀"],
  ["half of such a pair at the end of a group", "Hell😀orld"],
  ["a group above 2^32", "%nSc1"],
  ["the highest group", "#####"],
];

for (const [what, text] of MALFORMED) {
  test(`Z85 refuses ${what}, and does not show it`, () => {
    const error = assertThrows(() => z85Decode(text), ZmqError);
    assertEquals(error.code, "EINVAL");
    assertEquals(error.message.includes(text), false);
  });
}

test("any bytes come back from Z85", async () => {
  const groups = fc.array(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    { maxLength: 16 },
  );
  await check(fc.property(groups, (parts) => {
    const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
    const text = z85Encode(bytes);
    assertEquals(text.length, bytes.byteLength / 4 * 5);
    assertEquals(toHex(z85Decode(text)), toHex(bytes));
  }));
});
