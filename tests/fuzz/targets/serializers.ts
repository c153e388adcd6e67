/**
 * Test support. Fuzzes the serializers with what a peer may send: a value comes
 * of it, or a SerializationError.
 *
 * @module
 */
import { SerializationError } from "../../../src/errors.ts";
import { JSON as JsonSerializer } from "../../../src/serializers/json.ts";
import { MSGPACK } from "../../../src/serializers/msgpack.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import { demand, type Input, type Target } from "../target.ts";
import { Writer } from "../writer.ts";

const SERIALIZERS = { JSON: new JsonSerializer(), MSGPACK: new MSGPACK() };
type Name = keyof typeof SERIALIZERS;
const NAMES = ["JSON", "MSGPACK"] as const;

const VALUES = [
  { url: "http://localhost/", retries: [1, 2.5, -3, 1e300], deep: [[[{}]]] },
  ["ünï", "", null, true, false, { "": 0, a: { b: [] } }],
  { id: 2 ** 40, text: "x".repeat(40), list: Array.from({ length: 20 }) },
  -1,
  "text",
];
const RECORDED = NAMES.map((name) =>
  VALUES.map((value) =>
    SERIALIZERS[name].pack(JSON.parse(JSON.stringify(value)))
  )
);
/** What MessagePack has and JSON has not. */
const EXTRAS = [
  SERIALIZERS.MSGPACK.pack([2n ** 60n, -(2n ** 63n), new Uint8Array(9)]),
  SERIALIZERS.MSGPACK.pack({ at: new Date(0), then: new Date(2 ** 40) }),
];
RECORDED[1]!.push(...EXTRAS);

/** Makes the target. */
export function serializersTarget(share: number): Target {
  const writer = new Writer();
  return {
    name: "serializers",
    share,
    generate(random: Random): Input {
      const which = random.below(NAMES.length);
      writer.clear();
      if (random.oneIn(50)) {
        writer.repeat(nesting(random), random.below(40_000));
      } else writer.append(random.pick(RECORDED[which]!));
      for (let n = random.below(5); n > 0; n--) mutate(writer, random);
      const setup = { serializer: NAMES[which]! };
      return { setup, bytes: writer.written, cuts: [] };
    },
    run({ setup, bytes }: Input): string {
      const name = setup.serializer as Name;
      try {
        SERIALIZERS[name].unpack(bytes);
        return `${name} read`;
      } catch (error: unknown) {
        if (!(error instanceof SerializationError)) throw error;
        demand(error.code === "UNPACK_FAILED", `the code is ${error.code}`);
        return `${name} ${error.code}`;
      }
    },
  };
}

/** A byte that opens a container, in one of the formats. */
function nesting(random: Random): number {
  return random.pick([0x5b, 0x91, 0x81, 0xdf]);
}
