/** Tests the RAW serializer, and the wrapper that names the socket. */
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { SerializationError } from "../../src/errors.ts";
import {
  BaseSerializer,
  JSON as JSONFormat,
  MSGPACK,
  packForSocket,
  RAW,
  unpackForSocket,
} from "../../src/serializers/mod.ts";
import { test } from "../support/harness.ts";

const raw = new RAW();

test("RAW passes bytes through without a copy", () => {
  const bytes = new Uint8Array([1, 2]);
  assert(raw instanceof BaseSerializer);
  assertEquals(raw.name, "RAW");
  assertStrictEquals(raw.pack(bytes), bytes);
  assertStrictEquals(raw.unpack(bytes), bytes);
});

test("RAW writes strings as UTF-8 and buffers and views as their bytes", () => {
  const inner = new Uint8Array([9, 1, 2, 9]);
  assertEquals(raw.pack("ä"), new Uint8Array([0xc3, 0xa4]));
  assertEquals(
    raw.pack(new DataView(inner.buffer, 1, 2)),
    inner.subarray(1, 3),
  );
  assertEquals(raw.pack(inner.buffer), inner);
});

for (const value of [undefined, null, 1, {}, [1], "\ud800", Symbol("s")]) {
  test(`RAW refuses ${String(value)} of type ${typeof value}`, () => {
    const error = assertThrows(() => raw.pack(value), SerializationError);
    assertEquals(error.code, "PACK_FAILED");
  });
}

test("a failure for a socket names the socket and keeps path and bytes", () => {
  const json = new JSONFormat();
  const packing = assertThrows(
    () => packForSocket(json, { a: NaN }, "out"),
    SerializationError,
  );
  assertEquals(
    packing.message,
    "Cannot pack a value as JSON for socket 'out': NaN cannot be serialized (at $.a)",
  );
  assertEquals([packing.socketName, packing.path], ["out", "$.a"]);
  const bytes = new Uint8Array([0xff]);
  const unpacking = assertThrows(
    () => unpackForSocket(json, bytes, "in"),
    SerializationError,
  );
  assertEquals(unpacking.socketName, "in");
  assertStrictEquals(unpacking.raw, bytes);
});

test("an error thrown by a getter becomes a SerializationError with that cause", () => {
  const cause = new Error("mine");
  const value = {
    get x() {
      throw cause;
    },
  };
  for (const serializer of [new JSONFormat(), new MSGPACK()]) {
    const error = assertThrows(
      () => serializer.pack(value),
      SerializationError,
      "mine",
    );
    assertEquals(error.code, "PACK_FAILED");
    assertStrictEquals(error.cause, cause);
  }
});

test("a failure of a foreign serializer becomes one of ours", () => {
  const cause = new Error("mine");
  class Broken extends BaseSerializer {
    override readonly name = "BROKEN";
    override pack(): Uint8Array {
      throw cause;
    }
    override unpack(): unknown {
      throw cause;
    }
  }
  const bytes = new Uint8Array([1]);
  const errors = [
    assertThrows(() => packForSocket(new Broken(), 1, "s"), SerializationError),
    assertThrows(
      () => unpackForSocket(new Broken(), bytes, "s"),
      SerializationError,
    ),
  ];
  for (const error of errors) {
    assertStrictEquals(error.cause, cause);
    assertStringIncludes(error.message, "as BROKEN for socket 's': mine");
  }
  assertStrictEquals(errors[1]?.raw, bytes);
});

test("a foreign pack may return text; one that returns neither text nor bytes is refused, with the name of its class if it has none", () => {
  class Texts extends BaseSerializer {
    override readonly name: string = undefined as unknown as string;
    override pack(value: unknown): string {
      return typeof value === "string" ? value : value as string;
    }
    override unpack(bytes: Uint8Array): unknown {
      return bytes;
    }
  }
  assertEquals(
    packForSocket(new Texts(), "ä", "s"),
    new Uint8Array([0xc3, 0xa4]),
  );
  for (const value of [1, undefined, null, "\ud800"]) {
    const error = assertThrows(
      () => packForSocket(new Texts(), value, "s"),
      SerializationError,
    );
    assertStringIncludes(
      error.message,
      "as Texts for socket 's': pack() did not return a Uint8Array or a string",
    );
  }
});
