/** Tests of runs: small messages as bytes. */
import { assert, assertEquals } from "@std/assert";
import type { Message } from "../../src/zmq/message.ts";
import { MessageRun, packedSize } from "../../src/zmq/message_run.ts";
import { FrameEncoder } from "../../src/zmq/zmtp/frame_encoder.ts";
import { pattern, sameBytes, toHex, utf8 } from "../support/bytes.ts";
import { test } from "../support/harness.ts";
import { bytes, message } from "../support/peers/zmtp_bytes.ts";

function filled(...messages: Message[]): MessageRun {
  const run = new MessageRun(new Uint8Array(20_000).fill(0xee));
  for (const one of messages) assert(run.append(one, packedSize(one)));
  return run;
}

const SIZES = [0, 1, 23, 24, 255, 256, 2048];

test("a run has the bytes that a session would write, and returns the messages", () => {
  const messages = [
    ...SIZES.map((size) => [pattern(size, size)]),
    SIZES.map((size) => pattern(size, size + 1)),
  ];
  const encoder = new FrameEncoder();
  for (const one of messages) encoder.message(one);
  const run = filled(...messages);
  assertEquals([run.count, run.byteLength], [8, encoder.byteLength]);
  assert(sameBytes(
    run.memory.subarray(run.start, run.end),
    bytes(...encoder.take()),
  ));
  for (const one of messages) {
    const got = run.shift();
    assertEquals(got.length, one.length);
    got.forEach((frame, i) => assert(sameBytes(frame, one[i]!)));
  }
  assertEquals([run.count, run.byteLength], [0, 0]);
});

test("a message that does not fit leaves the run as it was", () => {
  const run = new MessageRun(new Uint8Array(40));
  assert(run.append([utf8("fits")], packedSize([utf8("fits")])));
  const large = [utf8("x"), pattern(30)];
  assertEquals(run.append(large, packedSize(large)), false);
  assertEquals([run.count, run.byteLength], [1, 6]);
});

test("a frame above 2 KiB is not packed, nor what is sent with it", () => {
  assertEquals(packedSize([pattern(2048)]), 2058);
  assertEquals(packedSize([pattern(2049)]), Infinity);
  assertEquals(packedSize([pattern(1), pattern(2049)]), Infinity);
});

test("a shared run is read by each reader on its own", () => {
  const run = filled([utf8("a")], [utf8("b")]);
  const [one, other] = [run.share(), run.share()];
  assertEquals(toHex(one.shift()[0]!), toHex(utf8("a")));
  assertEquals([one.count, other.count, other.isShared], [1, 2, true]);
  assertEquals(toHex(other.shift()[0]!), toHex(utf8("a")));
});

test("an encoder writes a large run where it lies, and copies a small one behind others", () => {
  const encoder = new FrameEncoder();
  const run = filled(...Array.from({ length: 9 }, () => [pattern(1000)]));
  encoder.run(run);
  encoder.message([utf8("between")]);
  encoder.run(filled([utf8("small")]));
  const chunks = encoder.take();
  assertEquals(chunks.length, 2);
  assert(chunks[0]!.buffer === run.memory.buffer);
  assert(sameBytes(
    bytes(...chunks),
    bytes(
      ...Array.from({ length: 9 }, () => message(pattern(1000))),
      message("between"),
      message("small"),
    ),
  ));
});
