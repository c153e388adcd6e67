// What the scanner takes for JSON is what JSON.parse takes for it.
import { assertEquals, assertThrows } from "@std/assert";
import {
  JsonScanner,
  type ScanLimits,
} from "../../../src/pipeline/model/json_scanner.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

const LIMITS = { depth: 500, nodes: 1000, what: "The text" };

/** The text of the value, if all of it is JSON. */
function scanned(text: string, limits: ScanLimits = LIMITS): string {
  const scanner = new JsonScanner(text, limits);
  const value = scanner.value();
  scanner.end();
  return value;
}

function isJson(text: string, read: (text: string) => unknown): boolean {
  try {
    read(text);
    return true;
  } catch (error) {
    assertEquals((error as Error).name, "SyntaxError");
    return false;
  }
}

test("every value that JSON.stringify writes is read to its end", () =>
  check(
    fc.property(
      fc.jsonValue({ noUnicodeString: false, maxDepth: 6 }),
      fc.constantFrom(0, 1, 2),
      (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        assertEquals(scanned(` ${text}\n`), text);
      },
    ),
  ));

test("a text that was changed is JSON for both, or for neither", () =>
  check(
    fc.property(
      fc.jsonValue({ maxDepth: 4 }),
      fc.nat(),
      fc.constantFrom(...'{}[],:"\\-+.e0189 \n\t\0utfnx'),
      fc.boolean(),
      (value, place, character, isInserted) => {
        const text = JSON.stringify(value);
        const at = place % (text.length + 1);
        const changed = text.slice(0, at) + character +
          text.slice(isInserted ? at : at + 1);
        assertEquals(isJson(changed, scanned), isJson(changed, JSON.parse));
      },
    ),
  ));

for (
  const text of [
    ..."|-|+1|01|1.|.5|1e|1e+|-0|1E-5|0.10|1e400|tru|nul|[1,]|[,1]|{a:1}".split(
      "|",
    ),
    ...'{"a"}|{"a":}|{"a":1,}|[1 2]|[1}|{"a":1]|"|"\\"|"\\x"'.split("|"),
    ...'"\\u12g4"|"\\u12"|"\t"|\u00a01|1 1|[[]]|[{}]|{"":[]}'.split("|"),
  ]
) {
  test(`${JSON.stringify(text)} is JSON if JSON.parse says so`, () => {
    assertEquals(isJson(text, scanned), isJson(text, JSON.parse));
  });
}

test("depth and number of lists and objects are limited", () => {
  const limits = { ...LIMITS, depth: 3, nodes: 5 };
  assertEquals(scanned("[[[]]]", limits), "[[[]]]");
  const deep = assertThrows(() => scanned("[[[[]]]]", limits), Error);
  assertEquals(
    deep.message,
    "The text is nested deeper than 3 lists and objects",
  );
  assertEquals(scanned("[{},{},[],[]]", limits).length, 13);
  const many = assertThrows(() => scanned("[{},{},{},{},[]]", limits), Error);
  assertEquals(many.message, "The text has more than 5 lists and objects");
});
