/**
 * Interoperability: packs here and unpacks in Python, and the other way round,
 * with Python's json and msgpack themselves.
 */
import { assertEquals } from "@std/assert";
import { spawn, spawnSync } from "node:child_process";
import {
  type BaseSerializer,
  JSON as JSONFormat,
  MSGPACK,
} from "../../src/serializers/mod.ts";
import { test } from "../support/harness.ts";

const python = ["/usr/bin/python3", "python3"].find((command) =>
  spawnSync(command, ["-c", "import msgpack"]).status === 0
);
const skip = python ? false : "python3 with msgpack is not installed";

/** Reads a message on stdin, checks it against the Python literal, writes that back. */
const program = `
import sys, json, msgpack
expected = eval(sys.argv[2])
data = sys.stdin.buffer.read()
if sys.argv[1] == "JSON":
    value, packed = json.loads(data), json.dumps(expected).encode()
else:
    value, packed = msgpack.unpackb(data, strict_map_key=False), msgpack.packb(expected)
if value != expected or repr(value) != repr(expected):
    sys.exit("%r is not %r" % (value, expected))
sys.stdout.buffer.write(packed)
`;

async function throughPython(
  format: string,
  literal: string,
  message: Uint8Array,
): Promise<Uint8Array> {
  const child = spawn(python!, ["-c", program, format, literal]);
  const out: Uint8Array[] = [];
  let errors = "";
  child.stdout.on("data", (chunk: Uint8Array) => out.push(chunk));
  child.stderr.on("data", (chunk: Uint8Array) => errors += chunk);
  const code = new Promise((resolve) => child.on("close", resolve));
  child.stdin.end(message);
  assertEquals(await code, 0, errors);
  return Uint8Array.from(out.flatMap((chunk) => [...chunk]));
}

const shared: readonly [string, unknown][] = [
  [
    `{"pipeline": "video-download", "instructions": {"url": "https://h/?v=1", "n": [1, -2, 2.5, None, True]}}`,
    {
      pipeline: "video-download",
      instructions: { url: "https://h/?v=1", n: [1, -2, 2.5, null, true] },
    },
  ],
  [`"\\u00e4\\u20ac\\U0001f600 \\n \\x00"`, "ä€😀 \n \u0000"],
  [`[2**31, 2**32, 2**52, -2**31 - 1, 0]`, [
    2 ** 31,
    2 ** 32,
    2 ** 52,
    -(2 ** 31) - 1,
    0,
  ]],
  [`["a" * 300, list(range(20))]`, [
    "a".repeat(300),
    Array.from({ length: 20 }, (_, i) => i),
  ]],
];

const onlyMsgpack: readonly [string, unknown][] = [
  [`[2**63, 2**64 - 1, -2**63, 2**53]`, [
    2n ** 63n,
    2n ** 64n - 1n,
    -(2n ** 63n),
    2n ** 53n,
  ]],
  [`{"data": b"\\x00\\xff", "big": 2**60, "time": 1732480000123}`, {
    data: new Uint8Array([0, 255]),
    big: 2n ** 60n,
    time: 1732480000123,
  }],
  [`msgpack.Timestamp(1732480000, 123000000)`, new Date(1732480000123)],
];

const cases: readonly [BaseSerializer, readonly [string, unknown][]][] = [
  [new JSONFormat(), shared],
  [new MSGPACK(), [...shared, ...onlyMsgpack]],
];

for (const [serializer, values] of cases) {
  for (const [literal, value] of values) {
    test(
      `${serializer.name} goes to Python and back: ${literal.slice(0, 50)}`,
      { skip },
      async () => {
        const message = serializer.pack(value) as Uint8Array;
        const back = await throughPython(serializer.name, literal, message);
        assertEquals(serializer.unpack(back), value);
      },
    );
  }
}
