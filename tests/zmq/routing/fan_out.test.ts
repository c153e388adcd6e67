/** Tests of the fan-out: what is shared, what is held back, and until when. */
import { assert, assertEquals } from "@std/assert";
import { FanOut } from "../../../src/zmq/routing/fan_out.ts";
import type { Pipe } from "../../../src/zmq/routing/pipe.ts";
import { SlabPool } from "../../../src/zmq/slab_pool.ts";
import { pattern } from "../../support/bytes.ts";
import {
  type FakePipe,
  fakePipe,
  one,
  readAll,
} from "../../support/fake_holder.ts";
import { test } from "../../support/harness.ts";

/** A fan-out to pipes with these marks, of sessions or of sockets. */
function fanned(
  marks: readonly number[],
  isSession = true,
): { fanOut: FanOut; pipes: FakePipe[]; peers: Pipe[] } {
  const fanOut = new FanOut();
  const slabs = new SlabPool();
  const pipes = marks.map((mark) =>
    fakePipe(0, mark, isSession ? slabs : undefined)
  );
  const peers = pipes.map(({ a }) => a);
  for (const pipe of peers) fanOut.attach(pipe);
  return { fanOut, pipes, peers };
}

function sendAll(fanOut: FanOut, peers: Pipe[], texts: string): void {
  for (const text of texts) fanOut.send(peers, one(text));
}

/** What a session reads. */
function readSession({ b }: FakePipe): string {
  b.pull();
  return readAll(b).join("");
}

test("many messages are one run in one memory, whichever session reads first", () => {
  const { fanOut, pipes, peers } = fanned([0, 0, 0]);
  sendAll(fanOut, peers, "abc");
  assertEquals(pipes.map(({ atB }) => atB.take()), [
    ["readable"],
    ["readable"],
    ["readable"],
  ]);
  pipes[1]!.b.pull();
  const runs = pipes.map(({ b }) => b.readRun()!);
  assertEquals(runs.map(({ count }) => count), [3, 3, 3]);
  assert(runs.every(({ memory }) => memory === runs[0]!.memory));
  sendAll(fanOut, peers, "d");
  assertEquals(pipes.map(readSession), ["d", "d", "d"]);
});

test("a full pipe misses messages, alone, and its mark is exact", () => {
  const { fanOut, pipes, peers } = fanned([2, 0, 4]);
  sendAll(fanOut, peers, "abcdef");
  assertEquals(pipes.map(readSession), ["ab", "abcdef", "abcd"]);
  sendAll(fanOut, peers, "g");
  assertEquals(pipes.map(readSession), ["g", "g", "g"]);
});

test("messages for others do not overtake", () => {
  const { fanOut, pipes, peers } = fanned([0, 0, 0]);
  const some = peers.slice(1);
  sendAll(fanOut, peers, "ab");
  sendAll(fanOut, some, "cd");
  sendAll(fanOut, [peers[2]!], "e");
  sendAll(fanOut, peers, "f");
  fanOut.send(peers, one("!".repeat(5000)));
  sendAll(fanOut, peers, "g");
  assertEquals(
    pipes.map((pipe) => readSession(pipe).replace(/!+/, "!")),
    ["abf!g", "abcdf!g", "abcdef!g"],
  );
});

test("a slab that is full is written, and the next one begun", () => {
  const { fanOut, pipes, peers } = fanned([0, 0]);
  for (let i = 0; i < 1000; i++) fanOut.send(peers, [pattern(100, i)]);
  assertEquals(pipes[0]!.b.unread > 600, true);
  for (const { b } of pipes) {
    b.pull();
    assertEquals(b.unread, 1000);
    for (let i = 0; i < 1000; i++) {
      assertEquals([...b.read()![0]!], [...pattern(100, i)]);
    }
  }
});

test("what is held back is written before a pipe closes, and the bytes are a copy", () => {
  const { fanOut, pipes, peers } = fanned([0, 0]);
  const reused = pattern(10);
  fanOut.send(peers, [reused]);
  fanOut.send(peers, [reused]);
  reused.fill(0);
  peers[0]!.close();
  for (const { b } of pipes) {
    for (let i = 0; i < 2; i++) {
      assertEquals([...b.read()![0]!], [...pattern(10)]);
    }
  }
  fanOut.send(peers, one("left"));
  assertEquals(pipes.map(readSession), ["", "left"]);
});

test("a socket in the same process gets each message at once, and can keep it", () => {
  const { fanOut, pipes, peers } = fanned([0, 0], false);
  const slow = fakePipe(0, 0, new SlabPool());
  sendAll(fanOut, [...peers, slow.a], "ab");
  assertEquals([...pipes, slow].map(({ b }) => readAll(b).join("")), [
    "ab",
    "ab",
    "ab",
  ]);
});

test("a pipe that conflates has the newest message alone, without a mark too", () => {
  const { fanOut, pipes, peers } = fanned([0, 5, 0]);
  for (const { b } of pipes.slice(0, 2)) b.conflate();
  sendAll(fanOut, peers, "abc");
  assertEquals(pipes.map(readSession), ["c", "c", "abc"]);
});

test("nothing is held back from a session that reads at once", () => {
  const { fanOut, pipes, peers } = fanned([0, 0]);
  const got = ["", ""];
  pipes.forEach(({ atB }, i) => {
    atB.react = (_, pipe) => got[i] += readAll(pipe).join("");
  });
  sendAll(fanOut, peers, "abc");
  assertEquals(got, ["abc", "abc"]);
});
