/**
 * Tests of what a frame that has not arrived whole takes of memory: its bytes,
 * and not an object, or a read buffer, for each of its pieces.
 */
import { assert } from "@std/assert";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FrameDecoder } from "../../../src/zmq/zmtp/frame_decoder.ts";
import { test } from "../../support/harness.ts";
import { longHeader } from "../../support/peers/zmtp_bytes.ts";

/** The memory of all that is alive, in bytes. */
function aliveBytes(): number {
  const { Bun } = globalThis as { Bun?: { gc(isSync: boolean): void } };
  if (Bun !== undefined) Bun.gc(true);
  else {
    setFlagsFromString("--expose-gc");
    runInNewContext("gc")();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("a frame that comes byte by byte takes about as much memory as it has bytes", () => {
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
  feed(100_000);
  const grown = aliveBytes() - before;
  // As views of their own they would take 20 MB.
  assert(grown < 4_000_000, `100,000 bytes take ${grown} bytes`);
  assert(decoder.next() === undefined);
});
