/**
 * Tests of what a frame that has not arrived whole takes of memory: its bytes,
 * and not an object, or a read buffer, for each of its pieces.
 */
import { assert } from "@std/assert";
import { FrameDecoder } from "../../../src/zmq/zmtp/frame_decoder.ts";
import { aliveBytes } from "../../support/alive_bytes.ts";
import { test } from "../../support/harness.ts";
import { longHeader } from "../../support/peers/zmtp_bytes.ts";

test("a frame that arrives byte by byte takes about as much memory as it has bytes", () => {
  const decoder = new FrameDecoder(() => {});
  decoder.push(longHeader(2 ** 40));
  decoder.next();
  const feed = (count: number) => {
    for (let i = 0; i < count; i++) {
      decoder.push(Uint8Array.of(i));
      decoder.next();
    }
  };
  feed(20_000);
  const before = aliveBytes();
  feed(200_000);
  const grown = aliveBytes() - before;
  // With an object for each they take 40 MB; the test itself takes some, too.
  assert(grown < 15_000_000, `200,000 bytes take ${grown} bytes`);
  assert(decoder.next() === undefined);
});
