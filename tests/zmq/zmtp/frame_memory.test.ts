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

const collectGarbage = garbageCollector();

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
  feed(200_000);
  const grown = aliveBytes() - before;
  // With an object for each they take 40 MB; the test itself takes some, too.
  assert(grown < 15_000_000, `200,000 bytes take ${grown} bytes`);
  assert(decoder.next() === undefined);
});

/** The memory of all that is alive, in bytes. */
function aliveBytes(): number {
  collectGarbage();
  collectGarbage(); // V8 frees the memory of arrays after their objects
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function garbageCollector(): () => void {
  const { Bun } = globalThis as { Bun?: { gc(isSync: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
