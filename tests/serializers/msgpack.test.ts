/** Tests the MessagePack serializer. */
import { ExtData } from "@msgpack/msgpack";
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { AgentZeroSocketError, SerializationError } from "../../src/errors.ts";
import { BaseSerializer, MSGPACK } from "../../src/serializers/mod.ts";
import { test } from "../support/harness.ts";
import { nested, refusedByBoth } from "./cases.ts";

const msgpack = new MSGPACK();
const hex = (text: string) =>
  Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const toHex = (bytes: Uint8Array) =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

test("MSGPACK is a serializer called MSGPACK", () => {
  assert(msgpack instanceof BaseSerializer);
  assertEquals(msgpack.name, "MSGPACK");
});

test("MSGPACK returns what it was given", () => {
  for (
    const value of [
      null,
      true,
      NaN,
      -Infinity,
      1.5,
      "",
      "ä€😀",
      "long ".repeat(100),
      [],
      {},
      new Uint8Array([0, 255]),
      new Date(1732480000123),
      { a: [1, "2", { b: null, data: new Uint8Array(300) }] },
      Array.from({ length: 70_000 }, (_, i) => i),
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i])),
      "x".repeat(70_000),
      new Uint8Array(70_000),
    ]
  ) {
    const packed = msgpack.pack(value);
    assert(packed instanceof Uint8Array);
    assertEquals(msgpack.unpack(packed), value);
  }
});

test("MSGPACK carries integers up to 2^53 as numbers, in integer types", () => {
  for (const power of [0, 7, 8, 15, 16, 31, 32, 33, 52]) {
    for (
      const n of [2 ** power, 2 ** power - 1, -(2 ** power), 1 - 2 ** power]
    ) {
      const packed = msgpack.pack(n);
      assertEquals(msgpack.unpack(packed), n === 0 ? 0 : n);
      assert(packed[0] !== 0xcb, `${n} was written as a float`);
    }
  }
});

test("MSGPACK carries integers beyond 2^53 as bigints", () => {
  for (
    const n of [
      2n ** 53n,
      2n ** 63n - 1n,
      2n ** 64n - 1n,
      -(2n ** 53n),
      -(2n ** 63n),
    ]
  ) {
    assertEquals(msgpack.unpack(msgpack.pack(n)), n);
    assertEquals(msgpack.unpack(msgpack.pack({ a: [n] })), { a: [n] });
  }
});

test("MSGPACK writes numbers as integers beside a bigint as well", () => {
  const value = { big: 2n ** 60n, time: 1732480000123, small: 5n, neg: -3e9 };
  const packed = msgpack.pack(value);
  assert(!packed.includes(0xcb), "a number was written as a float");
  assertEquals(msgpack.unpack(packed), { ...value, small: 5 });
});

const refused = [
  ...refusedByBoth,
  {
    name: "the key __proto__",
    value: [JSON.parse('{"__proto__": 1, "a": 2}')],
    path: "$[0].__proto__",
    reason: "__proto__",
  },
  {
    name: "a Map with keys that are read as one",
    value: { m: new Map<unknown, unknown>([[1, "a"], ["1", "b"]]) },
    path: '$.m["1"]',
    reason: "two keys of a Map would be read as one",
  },
  {
    name: "a Map with 1 and 1n",
    value: new Map<unknown, unknown>([[1n, "a"], [1, "b"]]),
    path: "$[1]",
    reason: "two keys of a Map would be read as one",
  },
  {
    name: "a Map with an object as key",
    value: [new Map([[{}, 1]])],
    path: '$[0]["(object)"]',
    reason: "a key of a Map is not a string",
  },
  {
    name: "a Map with half a surrogate pair as key",
    value: new Map([["\ud800", 1]]),
    path: '$["\\ud800"]',
    reason: "surrogate",
  },
  {
    name: "a function in a Map",
    value: new Map([[1, [() => {}]]]),
    path: "$[1][0]",
    reason: "the function",
  },
  {
    name: "a timestamp extension that is no Date",
    value: new ExtData(-1, new Uint8Array(4)),
    path: "$",
    reason: "Date",
  },
  {
    name: "a bigint beyond 64 bits",
    value: { n: 2n ** 64n },
    path: "$.n",
    reason: "does not fit into 64 bits",
  },
  {
    name: "a negative bigint beyond 64 bits",
    value: -(2n ** 63n) - 1n,
    path: "$",
    reason: "does not fit into 64 bits",
  },
  {
    name: "half a surrogate pair",
    value: { s: "\ud800" },
    path: "$.s",
    reason: "surrogate",
  },
  {
    name: "half a surrogate pair in a key",
    value: { a: { "\udc00": 1 } },
    path: '$.a["\\udc00"]',
    reason: "surrogate",
  },
];

for (const { name, value, path, reason } of refused) {
  test(`MSGPACK refuses ${name}`, () => {
    const error = assertThrows(() => msgpack.pack(value), SerializationError);
    assertEquals(error.code, "PACK_FAILED");
    assertEquals(error.path, path);
    assertStringIncludes(error.reason, reason);
  });
}

test("MSGPACK refuses undefined properties on request, and options that do not exist", () => {
  const strict = new MSGPACK({ omitUndefined: false });
  const error = assertThrows(
    () => strict.pack([{ a: undefined }]),
    SerializationError,
  );
  assertEquals(error.path, "$[0].a");
  assertThrows(
    () => new MSGPACK({ map: true } as object),
    AgentZeroSocketError,
    'of MSGPACK; did you mean "maps"?',
  );
});

test("MSGPACK returns long texts that begin with a byte order mark", () => {
  for (const size of [1, 199, 200, 201, 70_000]) {
    const text = "\ufeff" + "x".repeat(size);
    const value = { [text]: [text, text + "ä"] };
    assertEquals(
      JSON.stringify(msgpack.unpack(msgpack.pack(value))),
      JSON.stringify(value),
    );
  }
});

const keyed: readonly [string, Map<unknown, unknown>, object][] = [
  ["numbers", new Map([[1, "a"], [-5, "b"], [1.5, "c"]]), {
    1: "a",
    "-5": "b",
    "1.5": "c",
  }],
  ["bigints", new Map([[2n ** 60n, 1]]), { "1152921504606846976": 1 }],
  [
    "booleans, null and text",
    new Map<unknown, unknown>([[true, 1], [null, 2], ["x", 3]]),
    { true: 1, null: 2, x: 3 },
  ],
  ["nothing", new Map(), {}],
  [
    "maps, lists and all else inside",
    new Map<unknown, unknown>([
      [1, { list: [new Map([[2, new Date(5)]]), 2n ** 60n, null] }],
      [2, Array.from({ length: 20 }, (_, i) => i)],
      [3, Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [i, i]))],
      [4, new Uint8Array(3)],
      [5, new ExtData(3, new Uint8Array(2))],
    ]),
    {
      1: { list: [{ 2: new Date(5) }, 2n ** 60n, null] },
      2: Array.from({ length: 20 }, (_, i) => i),
      3: Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [i, i])),
      4: new Uint8Array(3),
      5: new ExtData(3, new Uint8Array(2)),
    },
  ],
];

for (const [name, map, object] of keyed) {
  test(`MSGPACK writes a Map with keys that are ${name}; the option maps reads it`, () => {
    const packed = msgpack.pack({ map });
    assertEquals(msgpack.unpack(packed), { map: object });
    const maps = new MSGPACK({ maps: true });
    if (map.size > 0) assertEquals(maps.unpack(packed), { map });
    assertEquals(maps.pack(maps.unpack(packed)), packed);
  });
}

test("MSGPACK: with the option maps, what was read is written as it was", () => {
  const maps = new MSGPACK({ maps: true });
  for (
    const text of [
      "8101a161",
      "81cb3ff8000000000000a161",
      "81c001",
      "81c301",
      "82cf100000000000000001c2a161",
      "8201a3696e74a131a3737472", // {1: "int", "1": "str"}
      "81a161a162",
    ]
  ) assertEquals(toHex(maps.pack(maps.unpack(hex(text)))), text);
  assertEquals(maps.unpack(hex("81a161a162")), { a: "b" });
  const error = assertThrows(
    () => maps.unpack(hex("820101cb3ff000000000000002")), // {1: 1, 1.0: 2}
    SerializationError,
  );
  assertStringIncludes(error.reason, "the key 1 twice");
  assertThrows(
    () => maps.unpack(hex("829000a16101")), // {[]: 0, "a": 1}
    SerializationError,
  );
});

test("MSGPACK leaves out undefined properties as JSON does, and only those", () => {
  const omitting = new MSGPACK();
  assertEquals(omitting.unpack(omitting.pack({ a: undefined, b: 1 })), {
    b: 1,
  });
  assertEquals(omitting.unpack(omitting.pack({ a: undefined, b: 2n ** 60n })), {
    b: 2n ** 60n,
  });
  assertThrows(() => omitting.pack([undefined]), SerializationError);
});

test("MSGPACK writes buffers and views as bytes, and reads Uint8Arrays", () => {
  const view = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
  for (
    const data of [
      view,
      Buffer.from([1, 2]),
      new DataView(view.buffer, 1, 2),
      view.slice().buffer,
    ]
  ) {
    const packed = Buffer.from(msgpack.pack({ data }));
    const { data: read } = msgpack.unpack(packed) as { data: Uint8Array };
    assertStrictEquals(read.constructor, Uint8Array);
    assertEquals(read, new Uint8Array([1, 2]));
  }
});

test("MSGPACK carries unknown extensions in both directions", () => {
  const value = { e: new ExtData(5, new Uint8Array([1])), n: 2n ** 60n };
  assertEquals(msgpack.unpack(msgpack.pack(value)), value);
});

test("MSGPACK returns bytes that later messages do not change", () => {
  const first = msgpack.pack("first");
  const large = msgpack.pack(new Uint8Array(3 << 20));
  msgpack.pack("other");
  assertEquals(msgpack.unpack(first), "first");
  assertEquals((msgpack.unpack(large) as Uint8Array).length, 3 << 20);
});

test("MSGPACK carries 500 levels", () => {
  assertEquals(msgpack.unpack(msgpack.pack(nested(500))), nested(500));
});

// Bytes written by Python: msgpack.packb(value), and by use_bin_type=False.
const fromPython: readonly [string, string, unknown][] = [
  ["2**64-1", "cfffffffffffffffff", 2n ** 64n - 1n],
  ["-2**63", "d38000000000000000", -(2n ** 63n)],
  ["2**40", "cf0000010000000000", 2 ** 40],
  ["-2**40", "d3ffffff0000000000", -(2 ** 40)],
  [
    "{'t': 2**33, 'l': [2**63]}",
    "82a174cf0000000200000000a16c91cf8000000000000000",
    {
      t: 2 ** 33,
      l: [2n ** 63n],
    },
  ],
  ["1.5", "cb3ff8000000000000", 1.5],
  ["'ä😀'", "a6c3a4f09f9880", "ä😀"],
  ["b'\\xff'", "c401ff", new Uint8Array([255])],
  ["an old str of raw bytes", "a26869", "hi"],
  ["{1: 'a', None: 2, True: 3}", "8301a161c002c303", {
    1: "a",
    null: 2,
    true: 3,
  }],
  ["{2**33: 1}", "81cf000000020000000001", { 8589934592: 1 }],
  ["Timestamp(1, 5000000)", "d7ff01312d0000000001", new Date(1005)],
  ["Timestamp(-1, 999000000)", "c70cff3b8b87c0ffffffffffffffff", new Date(-1)],
  [
    "Timestamp(8640000000000, 0)",
    "c70cff00000000000007dba8218000",
    new Date(8.64e15),
  ],
];

for (const [name, text, value] of fromPython) {
  test(`MSGPACK reads Python's ${name}`, () => {
    assertEquals(msgpack.unpack(hex(text)), value);
  });
}

test("MSGPACK writes what Python writes", () => {
  for (const [name, text, value] of fromPython) {
    if (/None|old|Timestamp|2\*\*33: 1/.test(name)) continue;
    assertEquals(toHex(msgpack.pack(value)), text, name);
  }
});

const unreadable: readonly [string, string, string][] = [
  ["an empty message", "", "is incomplete"],
  ["a truncated integer", "cd01", "is incomplete"],
  ["a truncated string", "a561", "is incomplete"],
  ["a truncated map", "8201c0c0", "is incomplete"],
  ["a truncated extension", "d5ff01", "is incomplete"],
  ["a truncated length", "c900", "is incomplete"],
  ["an array that promises 4 billion items", "ddffffffff01", "is incomplete"],
  ["a map that promises 4 billion items", "dfffffffff01", "is incomplete"],
  ["bytes that promise 4 GB", "c6ffffffff01", "is incomplete"],
  ["trailing garbage", "c0c0", "followed by 1 extra bytes"],
  ["the byte 0xc1", "92c0c1", "0xc1 at byte 2"],
  ["a short string that is not UTF-8", "a2c328", "byte 1 is not UTF-8"],
  ["a key that is not UTF-8", "81a1ff01", "byte 2 is not UTF-8"],
  [
    "a long string that is not UTF-8",
    "d9ff" + "61".repeat(254) + "ff",
    "not UTF-8",
  ],
  ["a str 16 that is not UTF-8", "da0001ff", "not UTF-8"],
  ["a map with bytes as key", "81c4010101", "map key"],
  ["a map with the key __proto__", "81a95f5f70726f746f5f5f01", "__proto__"],
  ['a map with 1 and "1"', "8201a161a131a162", 'the same property name: "1"'],
  [
    'a map with true and "true"',
    "82c300a47472756501",
    "the same property name",
  ],
  ['a map with nil and "null"', "82c000a46e756c6c01", "the same property name"],
  ["a map with a key twice", "82a16101a16102", 'the same property name: "a"'],
  [
    "a map with 1 and 1.0",
    "820101cb3ff000000000000002",
    "the same property name",
  ],
  [
    "a timestamp that no Date can hold",
    "c70cff000000001000000000000000",
    "beyond what a Date can hold",
  ],
  [
    "a timestamp before what a Date can hold",
    "c70cff00000000f000000000000000",
    "beyond what a Date can hold",
  ],
  [
    "a timestamp of 5 bytes",
    "c705ff0000000000",
    "a timestamp cannot have 5 bytes",
  ],
  [
    "a timestamp with too many nanoseconds",
    "d7ffffffffff00000000",
    "999999999 nanoseconds",
  ],
];

for (const [name, text, reason] of unreadable) {
  test(`MSGPACK refuses to read ${name} and keeps it`, () => {
    const raw = hex(text);
    const error = assertThrows(() => msgpack.unpack(raw), SerializationError);
    assertEquals(error.code, "UNPACK_FAILED");
    assertStrictEquals(error.raw, raw);
    assertStringIncludes(error.reason, reason);
  });
}

test("MSGPACK refuses every beginning of a message, and reads the next one", () => {
  const value = {
    a: [1, 300, 70_000, 2 ** 40, -5, 1.5, "ä", null, true],
    b: {
      data: new Uint8Array(3),
      at: new Date(5),
      long: "x".repeat(300),
      e: new ExtData(3, new Uint8Array(5)),
    },
  };
  const whole = msgpack.pack(value);
  for (let end = 0; end < whole.length; end++) {
    assertThrows(
      () => msgpack.unpack(whole.subarray(0, end)),
      SerializationError,
    );
  }
  assertEquals(msgpack.unpack(whole), value);
});

test("MSGPACK reads what is nested as deep as it writes, and no deeper", () => {
  const nestedBytes = (head: number[], depth: number, inner: number[]) =>
    Uint8Array.of(
      ...Array.from({ length: depth }, () => head).flat(),
      ...inner,
    );
  // Lists, maps with the key "a", and lists whose length takes four bytes.
  for (const head of [[0x91], [0x81, 0xa1, 0x61], [0xdd, 0, 0, 0, 1]]) {
    msgpack.unpack(nestedBytes(head, 500, [0xc0]));
    msgpack.unpack(nestedBytes(head, 499, [0x90]));
    for (
      const deep of [
        nestedBytes(head, 501, [0xc0]),
        nestedBytes(head, 500, [0x90]),
        nestedBytes(head, 500, [0x80]),
        nestedBytes(head, 20_000, [0xc0]),
      ]
    ) {
      const error = assertThrows(
        () => msgpack.unpack(deep),
        SerializationError,
        "nested deeper than 500 levels",
      );
      assertEquals(error.code, "UNPACK_FAILED");
    }
  }
});
