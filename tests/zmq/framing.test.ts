/**
 * Tests of the two framings, by way of the encoder and decoder that use them:
 * RFC 13 for ZMTP 1.0, RFC 15 and RFC 37 for what came after.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../src/zmq/errors.ts";
import { FrameDecoder } from "../../src/zmq/zmtp/frame_decoder.ts";
import { FrameEncoder } from "../../src/zmq/zmtp/frame_encoder.ts";
import {
  type Framing,
  FRAMING_1,
  FRAMING_2,
  MORE,
} from "../../src/zmq/framing.ts";
import {
  chunksOf,
  everySplit,
  hex,
  pattern,
  sameBytes,
  toHex,
} from "../support/bytes.ts";
import { test } from "../support/harness.ts";
import type { Age } from "../support/peers/ageing.ts";
import { oldFrame } from "../support/peers/old_bytes.ts";
import { bytes } from "../support/peers/zmtp_bytes.ts";
import { bytes as anyBytes, check, fc } from "../support/property.ts";

interface Frame {
  readonly flags: number;
  readonly body: Uint8Array;
}

function decode(framing: Framing, chunks: Iterable<Uint8Array>): Frame[] {
  const decoder = new FrameDecoder(() => {});
  decoder.framing = framing;
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let body = decoder.next(); body; body = decoder.next()) {
      frames.push({ flags: decoder.flags & MORE, body });
    }
  }
  return frames;
}

function encode(framing: Framing, frames: readonly Frame[]): Uint8Array {
  const encoder = new FrameEncoder();
  encoder.framing = framing;
  for (const { body, flags } of frames) encoder.frame(body, flags);
  const { byteLength } = encoder;
  const whole = bytes(...encoder.take());
  assertEquals(whole.byteLength, byteLength);
  return whole;
}

const shown = (frames: readonly Frame[]) =>
  frames.map(({ flags, body }) => `${flags}:${toHex(body)}`);

test("the frames of 1.0 are read in any chunking", () => {
  const stream = hex(`
    04 00 "one"
    01 01
    ff 00 00 00 00 00 00 00 04 00 "two"
    ff 00 00 00 00 00 00 00 01 01
    02 fe "f"
    02 ff "g"
  `);
  const expected = ["0:6f6e65", "1:", "0:74776f", "1:", "0:66", "1:67"];
  assertEquals(shown(decode(FRAMING_1, [stream])), expected);
  assertEquals(shown(decode(FRAMING_1, chunksOf(stream, 1))), expected);
  for (const chunks of everySplit(stream, 100)) {
    assertEquals(shown(decode(FRAMING_1, chunks)), expected);
  }
});

for (
  const [age, framing] of [["1.0", FRAMING_1], ["2.0", FRAMING_2]] as const
) {
  test(`frames of any size are written as ZMTP ${age} has them, and read`, () => {
    for (const size of SIZES) {
      const frames = [MORE, 0].map((flags) => ({ flags, body: pattern(size) }));
      const stream = encode(framing, frames);
      assert(sameBytes(stream, byHand(age, frames)), `${size} bytes`);
      for (const cut of [stream.byteLength, 65_536, 4099]) {
        const read = decode(framing, chunksOf(stream, cut));
        assertEquals(read.map(({ flags }) => flags), [MORE, 0]);
        assert(read.every(({ body }) => sameBytes(body, pattern(size))));
      }
    }
  });

  test(`property: any frames survive any chunking by ZMTP ${age}`, () =>
    check(fc.property(
      fc.array(
        fc.record({
          flags: fc.constantFrom(0, MORE),
          body: fc.oneof(
            anyBytes(30),
            fc.integer({ min: 240, max: 270 }).map((size) => pattern(size)),
            fc.integer({ min: 0, max: 20_000 }).map((size) => pattern(size)),
          ),
        }),
        { maxLength: 15 },
      ),
      fc.integer({ min: 1, max: 20_000 }),
      (frames, cut) => {
        const stream = encode(framing, frames);
        assert(sameBytes(stream, byHand(age, frames)));
        const read = decode(framing, chunksOf(stream, cut));
        assertEquals(
          read.map(({ flags, body }) => [flags, body.byteLength]),
          frames.map(({ flags, body }) => [flags, body.byteLength]),
        );
        read.forEach(({ body }, i) => assert(sameBytes(body, frames[i]!.body)));
      },
    )));
}

const SIZES = [0, 1, 253, 254, 255, 256, 2048, 2049, 8192, 65_536, 1 << 20];

function byHand(age: Age, frames: readonly Frame[]): Uint8Array {
  return bytes(
    ...frames.map(({ body, flags }) => oldFrame(age, body, flags)),
  );
}

test("a length of 0, or above 2^53, is no length in 1.0", () => {
  for (
    const [source, code] of [
      ["00 00", "ERR_ZMTP_UNSPECIFIED"],
      ["ff 00 00 00 00 00 00 00 00 00", "ERR_ZMTP_UNSPECIFIED"],
      ["ff 00 20 00 00 00 00 00 00 00", "ERR_ZMTP_MESSAGE_TOO_LARGE"],
      ["ff ff ff ff ff ff ff ff ff 00", "ERR_ZMTP_MESSAGE_TOO_LARGE"],
    ] as const
  ) {
    const error = assertThrows(
      () => decode(FRAMING_1, [hex(source)]),
      ProtocolError,
    );
    assertEquals(error.code, code);
  }
});

test("a frame of 1.0 is checked by its header, and takes memory only as its bytes arrive", () => {
  const judged: number[] = [];
  const decoder = new FrameDecoder((size) => void judged.push(size));
  decoder.framing = FRAMING_1;
  decoder.push(hex("ff 00 00 01 00 00 00 00 00 00"));
  assertEquals(decoder.next(), undefined);
  assertEquals(judged, [2 ** 40 - 1]);
  decoder.push(new Uint8Array(1000));
  assertEquals(decoder.next(), undefined);
});
