/** Tests of a large frame that arrives in pieces: its bytes, and its memory. */
import { assert, assertEquals } from "@std/assert";
import { bytesEqual } from "../../../src/zmq/bytes.ts";
import { PartialFrame } from "../../../src/zmq/zmtp/partial_frame.ts";
import { aliveBytes } from "../../support/alive_bytes.ts";
import { test } from "../../support/harness.ts";

const SIZE = 100_000;
const MIB = 1024 * 1024;

for (const most of [1, 999, 24_999, 25_000, 65_536, SIZE]) {
  test(`a frame has its bytes in order after pieces of ${most} bytes`, () => {
    const body = Uint8Array.from({ length: SIZE }, (_, i) => i % 251);
    const partial = new PartialFrame(SIZE);
    let whole: Uint8Array | undefined;
    for (let at = 0; at < SIZE; at += most) {
      assertEquals(whole, undefined);
      assertEquals(partial.missing, SIZE - at);
      whole = partial.add(body.slice(at, at + most));
    }
    assertEquals(partial.missing, 0);
    assert(bytesEqual(whole!, body));
  });
}

test("a frame takes at most four times the memory of what has arrived", () => {
  const frames: PartialFrame[] = [];
  const before = aliveBytes();
  for (let size = MIB; size <= 2 ** 40; size *= 2) {
    const partial = new PartialFrame(size);
    partial.add(new Uint8Array(MIB));
    frames.push(partial);
  }
  const grown = aliveBytes() - before;
  // Those of 1, 2 and 4 MiB have all their memory, the other 18 what has arrived:
  // 25 MiB, which Bun counts twice.
  assert(grown < 60 * MIB, `${grown} bytes`);
  assertEquals(frames.length, 21);
});
