/** Tests the JSON serializer. */
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { AgentZeroSocketError, SerializationError } from "../../src/errors.ts";
import {
  BaseSerializer,
  JSON as JSONFormat,
  JSONSerializer,
} from "../../src/serializers/mod.ts";
import { test } from "../support/harness.ts";
import { nested, refusedByBoth } from "./cases.ts";

const json = new JSONFormat();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);

test("JSON has both names and is a serializer called JSON", () => {
  assertStrictEquals(JSONFormat, JSONSerializer);
  assert(json instanceof BaseSerializer);
  assertEquals([json.name, JSONFormat.name], ["JSON", "JSON"]);
});

test("JSON returns what it was given", () => {
  for (
    const value of [
      null,
      true,
      0,
      -1.5,
      "",
      "ä€😀\n\u0000",
      [],
      {},
      { a: [1, "2", { b: null }], "": { "two words": [[]] } },
    ]
  ) {
    const packed = json.pack(value);
    assert(packed instanceof Uint8Array);
    assertEquals(text(packed), JSON.stringify(value));
    assertEquals(json.unpack(packed), value);
  }
});

const refused = [
  ...refusedByBoth,
  { name: "NaN", value: { a: [NaN] }, path: "$.a[0]", reason: "NaN" },
  { name: "an infinity", value: -Infinity, path: "$", reason: "-Infinity" },
  {
    name: "a boxed NaN",
    value: [new Number(NaN)],
    path: "$[0]",
    reason: "NaN",
  },
  {
    name: "a Map",
    value: { "two words": new Map([[1, 2]]) },
    path: '$["two words"]',
    reason: "type Map",
  },
  { name: "a bigint", value: { n: 5n }, path: "$.n", reason: "bigint 5" },
  {
    name: "bytes",
    value: { data: new Uint8Array(2) },
    path: "$.data",
    reason: "bytes cannot be serialized",
  },
];

for (const { name, value, path, reason } of refused) {
  test(`JSON refuses ${name}`, () => {
    const error = assertThrows(() => json.pack(value), SerializationError);
    assertEquals(error.code, "PACK_FAILED");
    assertEquals(error.path, path);
    assertStringIncludes(error.message, `(at ${path})`);
    assertStringIncludes(error.reason, reason);
  });
}

test("JSON writes objects as their toJSON says, and asks once", () => {
  let asked = 0;
  class Job {
    id = 7;
    toJSON(key: string) {
      asked++;
      return { id: this.id, key };
    }
  }
  const value = {
    at: new Date(0),
    url: new URL("http://localhost/"),
    job: new Job(),
    own: { toJSON: () => "own" },
  };
  assertEquals(text(json.pack(value)), JSON.stringify(value));
  assertEquals(asked, 2); // once for each of the two
});

test("JSON writes class instances, null prototypes and boxed values", () => {
  class Point {
    x = 1;
    #hidden = 2;
    get sum() {
      return this.x + this.#hidden;
    }
  }
  const bare = Object.create(null);
  bare["__proto__"] = 1;
  const value = [new Point(), bare, new String("s"), new Boolean(false)];
  assertEquals(text(json.pack(value)), '[{"x":1},{"__proto__":1},"s",false]');
});

test("JSON keeps the key __proto__ of an object that needs the closer look", () => {
  const value = { at: new URL("http://h/"), ...JSON.parse('{"a":1}') };
  Object.defineProperty(value, "__proto__", { value: 5, enumerable: true });
  assertEquals(
    text(json.pack(value)),
    '{"at":"http://h/","a":1,"__proto__":5}',
  );
});

test("JSON writes an object that occurs twice, which is not a cycle", () => {
  const shared = { a: 1 };
  const value = { x: shared, y: [shared, new URL("http://h/")] };
  assertEquals(text(json.pack(value)), JSON.stringify(value));
});

test("JSON uses a toJSON that the program gave to bigint", () => {
  const prototype = BigInt.prototype as unknown as { toJSON?: () => string };
  prototype.toJSON = function () {
    return String(this);
  };
  try {
    assertEquals(text(json.pack([5n])), '["5"]');
  } finally {
    delete prototype.toJSON;
  }
});

test("JSON refuses undefined properties on request, and options that do not exist", () => {
  const strict = new JSONFormat({ omitUndefined: false });
  for (
    const value of [{ a: undefined }, {
      at: new URL("http://h/"),
      a: undefined,
    }]
  ) {
    const error = assertThrows(() => strict.pack([value]), SerializationError);
    assertEquals(error.path, "$[0].a");
  }
  const error = assertThrows(
    () => new JSONFormat({ omitUndefind: true } as object),
    AgentZeroSocketError,
    'of JSON; did you mean "omitUndefined"?',
  );
  assertEquals(error.code, "OPTION_INVALID");
});

test("JSON leaves out undefined properties as JSON.stringify does, and only those", () => {
  const omitting = new JSONFormat();
  assertEquals(text(omitting.pack({ a: undefined, b: 1 })), '{"b":1}');
  assertEquals(
    text(omitting.pack({ a: undefined, at: new URL("http://h/") })),
    '{"at":"http://h/"}',
  );
  assertThrows(() => omitting.pack([undefined]), SerializationError);
  assertThrows(() => omitting.pack(undefined), SerializationError);
});

test("JSON returns bytes that later messages do not change", () => {
  const values = ["a", "ä", "€", "\u{1F600}"].flatMap((character) =>
    Array.from({ length: 1100 }, (_, size) => character.repeat(size))
  );
  const packed = values.map((value) => json.pack(value));
  for (const [i, bytes] of packed.entries()) {
    assertEquals(json.unpack(bytes), values[i]);
    assertEquals(new TextDecoder().decode(bytes), `"${values[i]}"`);
  }
});

test("JSON writes 500 levels", () => {
  assertEquals(json.unpack(json.pack(nested(500))), nested(500));
});

const unreadable: readonly [string, Uint8Array][] = [
  ["an empty message", bytes("")],
  ["a truncated message", bytes('{"a":[1,2')],
  ["trailing garbage", bytes("{} {}")],
  ["a NaN of Python", bytes('{"a": NaN}')],
  ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
  [
    "UTF-8 with an encoded surrogate",
    new Uint8Array([34, 0xed, 0xa0, 0x80, 34]),
  ],
];

for (const [name, raw] of unreadable) {
  test(`JSON refuses to read ${name} and keeps it`, () => {
    const error = assertThrows(() => json.unpack(raw), SerializationError);
    assertEquals(error.code, "UNPACK_FAILED");
    assertStrictEquals(error.raw, raw);
    assert(error.cause instanceof Error);
    assertStringIncludes(error.message, "Cannot unpack a message as JSON: ");
  });
}

test("JSON reads what Python's json writes", () => {
  // json.dumps({"ü": "\U0001f600", "n": 2**53, "f": 1e-07, "l": [None, True]})
  const python = '{"\\u00fc": "\\ud83d\\ude00", "n": 9007199254740992, ' +
    '"f": 1e-07, "l": [null, true]}';
  assertEquals(json.unpack(bytes(python)), {
    "ü": "😀",
    n: 2 ** 53,
    f: 1e-7,
    l: [null, true],
  });
  assertEquals(json.unpack(bytes("\ufeff[1]")), [1]); // utf-8-sig
});

test("JSON reads what is nested as deep as it writes, and no deeper", () => {
  const text = (open: string, depth: number, inner: string) =>
    new TextEncoder().encode(
      open.repeat(depth) + inner +
        (open.startsWith("[") ? "]" : "}").repeat(depth),
    );
  for (const open of ["[", '{"a":', '{"[[\\"[":', "[ "]) {
    json.unpack(text(open, 500, "1"));
    json.unpack(text(open, 499, "[]"));
    // Brackets in strings count for nothing, whatever is escaped in them.
    json.unpack(text(open, 500, `"${'[{\\"'.repeat(1000)}\\\\"`));
    // Nor do those that are closed again.
    json.unpack(text("[", 1, `${"[],{},".repeat(1000)}[]`));
    for (const [depth, inner] of [[501, "1"], [500, "{}"]] as const) {
      const error = assertThrows(
        () => json.unpack(text(open, depth, inner)),
        SerializationError,
        "nested deeper than 500 levels",
      );
      assertEquals(error.code, "UNPACK_FAILED");
    }
  }
  // Also where it would never have been JSON.
  const half = new TextEncoder().encode("[".repeat(100_000));
  assertThrows(() => json.unpack(half), SerializationError, "nested deeper");
  const open = new TextEncoder().encode('["' + "\\".repeat(20_001));
  assertThrows(() => json.unpack(open), SerializationError);
});
