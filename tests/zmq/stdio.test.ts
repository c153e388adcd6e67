/** Unit: what is written while no one reads. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Output } from "../../src/zmq/stdio.ts";
import { type Deferred, deferred, test } from "../support/harness.ts";

/** A place whose reader reads on demand. */
function slowPlace() {
  const texts: string[] = [];
  let reading: Deferred<void> | undefined;
  const write = (text: string) => {
    texts.push(text);
    reading = deferred<void>();
    return reading.promise;
  };
  const read = async (error?: Error) => {
    if (error === undefined) reading!.resolve();
    else reading!.reject(error);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { texts, write, read };
}

test("unread output is bounded, dropped and counted", async () => {
  const { texts, write, read } = slowPlace();
  const output = new Output(write, 100);
  assert(output.tryWrite("first\n"));
  let taken = 0;
  for (let i = 0; i < 1000; i++) if (output.tryWrite("0123456789\n")) taken++;
  assertEquals([texts, taken, output.dropped], [["first\n"], 8, 992]);
  await read();
  assertEquals(texts[1], "0123456789\n".repeat(8));
  await read();
  assert(output.tryWrite("next\n"));
  assertMatch(texts[2]!, /992 messages were dropped/);
  await read();
  assertEquals(texts.slice(3), ["next\n"]);
  await read();
  await output.flushed();
});

test("a text above the limit is written when nothing else waits", async () => {
  const { texts, write, read } = slowPlace();
  const output = new Output(write, 10);
  assert(output.tryWrite("a".repeat(1000)));
  assertEquals(output.tryWrite("b"), false);
  await read();
  assertEquals(texts[0]!.length, 1000);
});

test("a writer waits for a slow reader until it has read, or is released", async () => {
  const { texts, write, read } = slowPlace();
  const output = new Output(write);
  let isWritten = false;
  const written = output.write("a").then(() => isWritten = true);
  await Promise.resolve();
  assertEquals(isWritten, false);
  await read();
  await written;
  const released = output.write("b");
  output.release();
  await released;
  assertEquals(texts, ["a", "b"]);
  await read();
  await output.flushed();
});

test("a reader that has gone ends all waits, and nothing more is written", async () => {
  const { texts, write, read } = slowPlace();
  const output = new Output(write);
  const written = output.write("a");
  assertEquals(output.broken.aborted, false);
  await read(new Error("EPIPE"));
  await written;
  assert(output.broken.aborted);
  await output.write("b");
  assertEquals([output.tryWrite("c"), texts], [false, ["a"]]);
  await output.flushed();
});
