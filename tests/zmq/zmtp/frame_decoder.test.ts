/** Tests of the frame decoder: RFC 37, "Framing". */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../src/zmq/errors.ts";
import { FrameDecoder } from "../../../src/zmq/zmtp/frame_decoder.ts";
import {
  chunksOf,
  everySplit,
  hex,
  pattern,
  repeat,
  sameBytes,
  toHex,
} from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import {
  bytes,
  COMMAND,
  frame,
  LONG,
  longHeader,
  MORE,
} from "../../support/peers/zmtp_bytes.ts";
import { bytes as anyBytes, check, fc } from "../../support/property.ts";

interface Decoded {
  readonly flags: number;
  readonly body: Uint8Array;
}

function decode(
  chunks: Iterable<Uint8Array>,
  decoder = new FrameDecoder(() => {}),
): Decoded[] {
  const frames: Decoded[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let body = decoder.next(); body; body = decoder.next()) {
      frames.push({ flags: decoder.flags & (MORE | COMMAND), body });
    }
  }
  return frames;
}

const shown = (frames: Decoded[]) =>
  frames.map(({ flags, body }) => `${flags}:${toHex(body)}`);

// RFC 37.FRAME.2
test("short frames, long frames and commands are read", () => {
  const stream = hex(`
    00 03 "one"
    01 00
    04 02 01 "X"
    02 00 00 00 00 00 00 00 03 "two"
    03 00 00 00 00 00 00 00 00
    06 00 00 00 00 00 00 00 02 01 "Y"
  `);
  const expected = ["0:6f6e65", "1:", "4:0158", "0:74776f", "1:", "4:0159"];
  assertEquals(shown(decode([stream])), expected);
  assertEquals(shown(decode(chunksOf(stream, 1))), expected);
  for (const chunks of everySplit(stream, 100)) {
    assertEquals(shown(decode(chunks)), expected);
  }
});

// RFC 37.FRAME.1
test("reserved flag bits are accepted, as by libzmq", () => {
  assertEquals(shown(decode([hex('f8 01 "a" f9 01 "b"')])), ["0:61", "1:62"]);
});

for (const size of [0, 1, 255, 256, 8191, 8192, 65535, 65536, 1 << 20]) {
  // RFC 37.FRAME.2
  test(`a frame of ${size} bytes survives any chunking`, () => {
    const body = pattern(size);
    const stream = bytes(frame("a", MORE), frame(body), frame("z"));
    const cuts = [stream.byteLength, 65536, 16384, 4099, 1000];
    if (size < 10_000) cuts.push(7, 1);
    for (const cut of cuts) {
      const frames = decode(chunksOf(stream, cut));
      assertEquals(frames.map(({ flags }) => flags), [MORE, 0, 0]);
      assert(sameBytes(frames[1]!.body, body), `cut in ${cut}`);
      assertEquals(toHex(frames[2]!.body), "7a");
    }
  });
}

// RFC 37.FRAME.3
test("a size of 2^53 or more is refused by its header", () => {
  for (
    const header of [
      hex("02 00 20 00 00 00 00 00 00"),
      hex("03 00 20 00 00 00 00 00 01"),
      hex("02 7f ff ff ff ff ff ff ff"),
      hex("06 ff ff ff ff ff ff ff ff"),
    ]
  ) {
    const decoder = new FrameDecoder(() => {});
    decoder.push(header);
    const error = assertThrows(() => decoder.next(), ProtocolError);
    assertEquals(error.code, "ERR_ZMTP_MESSAGE_TOO_LARGE");
  }
});

test("the size of the header reaches the gate exactly, with its flags", () => {
  const seen: [number, number][] = [];
  for (
    const header of [
      longHeader(Number.MAX_SAFE_INTEGER, MORE),
      longHeader(0x80000001),
      longHeader(0xffffffff),
      longHeader(0x1_0000_0000, COMMAND),
      hex("00 ff"),
    ]
  ) {
    const decoder = new FrameDecoder((size, flags) =>
      void seen.push([size, flags])
    );
    decoder.push(header);
    assertEquals(decoder.next(), undefined);
  }
  assertEquals(seen, [
    [Number.MAX_SAFE_INTEGER, MORE | LONG],
    [0x80000001, LONG],
    [0xffffffff, LONG],
    [0x1_0000_0000, COMMAND | LONG],
    [255, 0],
  ]);
});

test("the gate decides before a byte of the body has arrived", () => {
  const decoder = new FrameDecoder((size) => {
    if (size > 5) throw new Error("too large");
  });
  decoder.push(hex("00 06"));
  assertThrows(() => decoder.next(), Error, "too large");
});

test("a size alone takes no memory", () => {
  const decoder = new FrameDecoder(() => {});
  decoder.push(bytes(longHeader(2 ** 50), "the first bytes"));
  assertEquals(decoder.next(), undefined);
  decoder.push(pattern(100_000));
  assertEquals(decoder.next(), undefined);
});

test("the reader may stop in the middle of a chunk", () => {
  const decoder = new FrameDecoder(() => {});
  decoder.push(bytes(frame("1"), frame("2"), hex("00 05 61")));
  assertEquals(toHex(decoder.next()!), "31");
  decoder.push(bytes("bcde", frame("3")));
  assertEquals(toHex(decoder.next()!), "32");
  assertEquals(toHex(decoder.next()!), "6162636465");
  assertEquals(toHex(decoder.next()!), "33");
  assertEquals(decoder.next(), undefined);
});

for (const size of [0, 1, 10, 100, 1000, 4000]) {
  test(`a stored frame of ${size} bytes does not retain a large chunk`, () => {
    const one = frame(pattern(size));
    for (const chunkSize of [16 * 1024, 64 * 1024, 1 << 20]) {
      const count = Math.floor(chunkSize / one.byteLength);
      const stream = repeat(one, count);
      const frames = decode([stream]);
      assertEquals(frames.length, count);
      for (const { body } of frames) {
        assert(sameBytes(body, frames[0]!.body));
        assert(
          body.buffer.byteLength <= 16 * 1024,
          `${body.buffer.byteLength} bytes are kept for ${size}`,
        );
      }
    }
  });
}

test("a stored frame of some kilobytes does not retain a chunk many times its size", () => {
  const [kept] = decode([
    bytes(frame(pattern(5000)), frame(pattern(1 << 20))),
  ]);
  assert(
    kept!.body.buffer.byteLength <= 128 * 1024,
    `${kept!.body.buffer.byteLength} bytes are kept for 5,000`,
  );
});

test("returned frames do not change when more arrives", () => {
  const decoder = new FrameDecoder(() => {});
  const first = decode(
    [bytes(frame(pattern(50)), frame(pattern(50, 1)))],
    decoder,
  );
  decode(
    chunksOf(bytes(frame(pattern(9000, 2)), frame(pattern(60, 3))), 700),
    decoder,
  );
  assert(sameBytes(first[0]!.body, pattern(50)));
  assert(sameBytes(first[1]!.body, pattern(50, 1)));
});

test("property: any frames survive any chunking", () =>
  check(fc.property(
    fc.array(
      fc.record({
        body: fc.oneof(
          anyBytes(40),
          fc.integer({ min: 0, max: 20_000 }).map((size) => pattern(size)),
        ),
        flags: fc.constantFrom(0, MORE, COMMAND, LONG, MORE | LONG),
      }),
      { maxLength: 12 },
    ),
    fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1 }),
    // How many frames are read behind each chunk; the others when all have come.
    fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1 }),
    (frames, sizes, reads) => {
      const stream = bytes(...frames.map((f) => frame(f.body, f.flags)));
      const chunks: Uint8Array[] = [];
      for (let at = 0, i = 0; at < stream.byteLength; i++) {
        const size = sizes[i % sizes.length]!;
        chunks.push(stream.slice(at, at + size));
        at += size;
      }
      const decoder = new FrameDecoder(() => {});
      const decoded: Decoded[] = [];
      const read = (most: number) => {
        for (; most > 0; most--) {
          const body = decoder.next();
          if (body === undefined) return;
          decoded.push({ flags: decoder.flags & (MORE | COMMAND), body });
        }
      };
      chunks.forEach((chunk, i) => {
        decoder.push(chunk);
        read(reads[i % reads.length]!);
      });
      read(Infinity);
      assertEquals(decoded.length, frames.length);
      decoded.forEach(({ flags, body }, i) => {
        assertEquals(flags, frames[i]!.flags & ~LONG);
        assert(sameBytes(body, frames[i]!.body));
      });
    },
  )));
