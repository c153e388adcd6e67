/** Tests of the frame encoder: RFC 37, "Framing". */
import { assert, assertEquals } from "@std/assert";
import { FrameEncoder } from "../../../src/zmq/zmtp/frame_encoder.ts";
import { SlabPool } from "../../../src/zmq/slab_pool.ts";
import { hex, pattern, sameBytes, toHex, utf8 } from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { bytes, frame, message } from "../../support/peers/zmtp_bytes.ts";
import { check, fc } from "../../support/property.ts";

// RFC 37.FRAME.1, 37.WIRE.1
test("a message is short frames with MORE on all but the last", () => {
  const encoder = new FrameEncoder();
  encoder.message([utf8("a"), new Uint8Array(0), utf8("bc")]);
  assertEquals(
    toHex(bytes(...encoder.take())),
    toHex(hex('01 01 "a" 01 00 00 02 "bc"')),
  );
});

// RFC 37.FRAME.1, 37.FRAME.4
test("a command has its flag", () => {
  const encoder = new FrameEncoder();
  encoder.command(hex('04 "PING" 00 00'));
  assertEquals(
    toHex(bytes(...encoder.take())),
    toHex(hex('04 07 04 "PING" 00 00')),
  );
});

// RFC 37.FRAME.2
test("255 bytes have a short size, 256 a long one", () => {
  const encoder = new FrameEncoder();
  encoder.message([pattern(255), pattern(256)]);
  const out = bytes(...encoder.take());
  assertEquals(toHex(out.subarray(0, 2)), "01ff");
  assertEquals(toHex(out.subarray(257, 266)), "020000000000000100");
  assertEquals(out.byteLength, 2 + 255 + 9 + 256);
});

for (const size of [0, 1, 255, 256, 8192, 8193, 65535, 65536, 1 << 20]) {
  test(`a frame of ${size} bytes keeps its bytes and its place`, () => {
    const encoder = new FrameEncoder();
    const body = pattern(size);
    encoder.message([utf8("before"), body, utf8("after")]);
    assertEquals(
      encoder.byteLength,
      message("before", body, "after").byteLength,
    );
    assert(
      sameBytes(bytes(...encoder.take()), message("before", body, "after")),
    );
    assertEquals(encoder.byteLength, 0);
  });
}

test("an empty encoder returns nothing", () => {
  const encoder = new FrameEncoder();
  assertEquals(encoder.take(), []);
  encoder.frame(utf8("x"), 0);
  encoder.take();
  assertEquals(encoder.take(), []);
});

test("a burst of small messages leaves in one chunk", () => {
  const encoder = new FrameEncoder();
  for (let i = 0; i < 1000; i++) encoder.message([utf8("ten bytes!")]);
  const chunks = encoder.take();
  assert(chunks.length <= 3, `${chunks.length} chunks`);
});

test("a small frame is copied: its sender may use the bytes again", () => {
  const encoder = new FrameEncoder();
  const reused = pattern(100);
  encoder.message([reused]);
  reused.fill(0xff);
  assert(sameBytes(bytes(...encoder.take()), message(pattern(100))));
});

test("a large frame is passed by reference, not copied", () => {
  const encoder = new FrameEncoder();
  const body = pattern(100_000);
  encoder.message([body]);
  assert(encoder.take().some((chunk) => chunk === body));
});

test("a returned buffer is not overwritten until it has been written", () => {
  const encoder = new FrameEncoder();
  const sent: Uint8Array[] = [];
  const arrived: Uint8Array[] = [];
  let inFlight: Uint8Array[] = [];
  for (let i = 0; i < 300; i++) {
    const body = pattern((i * 37) % 1900, i);
    encoder.message([body]);
    sent.push(frame(body));
    if (i % 20 !== 0) continue;
    arrived.push(bytes(...inFlight)); // read as late as a wire may do it
    encoder.written();
    inFlight = encoder.take();
  }
  arrived.push(bytes(...inFlight));
  encoder.written();
  arrived.push(bytes(...encoder.take()));
  assert(sameBytes(bytes(...arrived), bytes(...sent)));
});

test("a frame made in its place is sent like any other, or not at all", () => {
  const encoder = new FrameEncoder(new SlabPool());
  const expected: Uint8Array[] = [];
  for (
    const size of [0, 33, 255, 256, 500, 9000, 65_569, 65_590, 65_591, 200_000]
  ) {
    const [before, made] = [pattern(10, size), pattern(size, 1)];
    encoder.frame(before, 0);
    // It could not be made: nothing of it is sent.
    encoder.begin(size, 0).fill(0xee, encoder.bodyAt, encoder.bodyAt + size);
    const memory = encoder.begin(size, 0);
    memory.set(made, encoder.bodyAt);
    encoder.commit(memory, size);
    expected.push(frame(before), frame(made));
  }
  const total = bytes(...expected);
  assertEquals(encoder.byteLength, total.byteLength);
  assert(sameBytes(bytes(...encoder.take()), total));
});

test("connections that share a pool do not overwrite each other's buffers", () => {
  const pool = new SlabPool();
  const encoders = [new FrameEncoder(pool), new FrameEncoder(pool)];
  const inFlight: Uint8Array[][] = [[], []];
  const arrived: Uint8Array[][] = [[], []];
  const sent: Uint8Array[][] = [[], []];
  for (let i = 0; i < 400; i++) {
    const one = i % 2;
    const body = pattern(700 + (i * 53) % 1300, i);
    encoders[one]!.message([body]);
    sent[one]!.push(frame(body));
    const due = i % 7 === 0 ? one : i % 11 === 0 ? 1 - one : -1;
    if (due < 0) continue;
    arrived[due]!.push(bytes(...inFlight[due]!));
    encoders[due]!.written();
    inFlight[due] = encoders[due]!.take();
  }
  for (const one of [0, 1]) {
    arrived[one]!.push(bytes(...inFlight[one]!));
    encoders[one]!.written();
    arrived[one]!.push(bytes(...encoders[one]!.take()));
    assert(sameBytes(bytes(...arrived[one]!), bytes(...sent[one]!)));
  }
});

test("property: small and large frames keep their order, whenever they are taken", () =>
  check(
    fc.property(
      fc.array(fc.record({
        sizes: fc.array(
          fc.oneof(
            fc.integer({ min: 0, max: 300 }),
            fc.integer({ min: 2000, max: 2100 }),
            fc.integer({ min: 0, max: 70_000 }),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        isTaken: fc.boolean(),
        isRaw: fc.boolean(),
      })),
      (steps) => {
        const encoder = new FrameEncoder();
        const taken: Uint8Array[] = [];
        const expected: Uint8Array[] = [];
        const take = () => {
          taken.push(bytes(...encoder.take()));
          encoder.written();
        };
        steps.forEach(({ sizes, isTaken, isRaw }, i) => {
          const frames = sizes.map((size, j) => pattern(size, i + j));
          const greeting = pattern(54, i);
          if (isRaw) encoder.raw(greeting);
          else encoder.message(frames);
          expected.push(isRaw ? greeting : message(...frames));
          if (isTaken) take();
        });
        take();
        assert(sameBytes(bytes(...taken), bytes(...expected)));
      },
    ),
    30,
  ));
