/**
 * Example `gnuradio`: numbers leave a flowgraph of GNU Radio, and go back doubled.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { zmq } from "@agentzero/agentzero";
import { Program } from "../../guide/support/program.ts";
import { PYTHON } from "../support/missing.ts";
import { playWith } from "../support/scene.ts";

const COUNT = 100_000;

await playWith("gnuradio", async () => {
  await using back = new zmq.Push();
  await back.bind("tcp://127.0.0.1:*");
  const script = fileURLToPath(new URL("./graph.py", import.meta.url));
  const words = [script, back.lastEndpoint!, String(COUNT)];
  await using graph = new Program(PYTHON, words);
  const [sink] = await graph.line(/^tcp:.*/);

  await using numbers = new zmq.Pull({ receiveTimeout: 30_000 });
  numbers.connect(sink);
  for (let done = 0; done < COUNT;) {
    const [frame] = await numbers.receive();
    const items = readFloats(frame!);
    done += items.length;
    await back.send(writeFloats(items.map((it) => it * 2)));
  }
  const [line] = await graph.line(/^\[.*/);
  assert.deepEqual(
    JSON.parse(line),
    Array.from({ length: COUNT }, (_, n) => n * 2),
  );
  assert.equal(await graph.ended, 0);
  return `${COUNT} numbers left GNU Radio, and went back doubled`;
});

/** The items of a frame, in this machine's byte order. A frame may start at any offset. */
function readFloats(frame: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(frame).buffer);
}

function writeFloats(items: Float32Array): Uint8Array {
  return new Uint8Array(items.buffer, items.byteOffset, items.byteLength);
}
