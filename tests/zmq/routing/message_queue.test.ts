/** Tests of the message queue. */
import { assert, assertEquals } from "@std/assert";
import { MessageQueue } from "../../../src/zmq/routing/message_queue.ts";
import { SlabPool } from "../../../src/zmq/slab_pool.ts";
import { pattern, texts, utf8 } from "../../support/bytes.ts";
import { one } from "../../support/fake_holder.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

function filled(highWaterMark: number, count: number): MessageQueue {
  const queue = new MessageQueue(highWaterMark);
  for (let i = 0; i < count; i++) queue.push(one(String(i)));
  return queue;
}

test("first in, first out", () => {
  const queue = filled(0, 100);
  for (let i = 0; i < 100; i++) {
    assertEquals(texts(queue.shift()!), [String(i)]);
  }
  assertEquals(queue.shift(), undefined);
});

test("it is full exactly at its high-water mark", () => {
  assertEquals(filled(3, 2).isFull, false);
  assertEquals(filled(3, 3).isFull, true);
  assertEquals(filled(1, 0).isFull, false);
  assertEquals(filled(1, 1).isFull, true);
});

test("0 is no limit", () => {
  const queue = filled(0, 5000);
  assertEquals(queue.isFull, false);
  assertEquals(queue.isBelowLowWaterMark, true);
});

for (const [mark, low] of [[1, 1], [2, 1], [3, 2], [10, 5], [1000, 500]]) {
  test(`a queue of ${mark} opens again at ${low}, as libzmq's`, () => {
    for (let count = 0; count <= mark!; count++) {
      assertEquals(filled(mark!, count).isBelowLowWaterMark, count <= low!);
    }
  });
}

test("the largest high-water marks have a low-water mark, too", () => {
  // inproc adds the marks of both ends, each of which may be 2^31 - 1.
  for (const mark of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2]) {
    const queue = filled(mark, 1);
    assertEquals(queue.isFull, false);
    assert(
      queue.isBelowLowWaterMark,
      `1 is above the low-water mark of ${mark}`,
    );
  }
});

test("the high-water mark may change while messages wait", () => {
  const queue = filled(10, 5);
  queue.highWaterMark = 5;
  assertEquals(queue.isFull, true);
  queue.highWaterMark = 6;
  assertEquals(queue.isFull, false);
});

for (const slabs of [undefined, new SlabPool()]) {
  test(`a queue that conflates has the newest message${slabs ? ", as a run" : ""}`, () => {
    const queue = new MessageQueue(1, slabs);
    queue.isConflating = true;
    for (const text of ["1", "2", "3"]) {
      assertEquals(queue.isFull, false);
      queue.push(one(text));
    }
    assertEquals([queue.length, texts(queue.shift()!)], [1, ["3"]]);
    assertEquals([queue.shift(), queue.byteLength], [undefined, 0]);
  });
}

test("dropped messages are gone, and the queue works on", () => {
  const queue = filled(4, 4);
  queue.clear();
  assertEquals([queue.length, queue.isFull], [0, false]);
  queue.push(one("x"));
  assertEquals(texts(queue.shift()!), ["x"]);
});

test("small messages wait in few slabs, and large frames where they are", () => {
  const queue = new MessageQueue(0, new SlabPool());
  const large = pattern(5000);
  for (let i = 0; i < 10_000; i++) queue.push([pattern(10)]);
  queue.push([utf8("head"), large], false);
  queue.push(one("last"));
  const counts: number[] = [];
  for (let run = queue.shiftRun(); run; run = queue.shiftRun()) {
    counts.push(run.count);
  }
  // A small slab, then two large ones, 12 bytes a message.
  assertEquals(counts, [42, 5466, 4492]);
  assertEquals([queue.length, queue.shiftRun()], [2, undefined]);
  const message = queue.shift()!;
  assertEquals([texts(message)[0], message[1]!.buffer], ["head", large.buffer]);
  assertEquals([queue.shiftRun()!.count, queue.byteLength], [1, 0]);
});

test("a message out of a run stays as it is until the next is taken", () => {
  const slabs = new SlabPool();
  const queue = new MessageQueue(0, slabs);
  queue.push(one("first"));
  const first = queue.shift()!;
  slabs.takeSmall().fill(0);
  assertEquals(texts(first), ["first"]);
});

/** What the property does, and how often. */
const STEPS = fc.oneof(
  { weight: 6, arbitrary: fc.constant("push" as const) },
  { weight: 5, arbitrary: fc.constant("shift" as const) },
  { weight: 1, arbitrary: fc.constant("run" as const) },
);

for (const slabs of [undefined, new SlabPool()]) {
  test(`property: it behaves as an array does${slabs ? ", with runs" : ""}`, () =>
    check(
      fc.property(
        fc.array(fc.tuple(STEPS, fc.nat(3000)), { maxLength: 300 }),
        (steps) => {
          const queue = new MessageQueue(0, slabs);
          const model: string[] = [];
          steps.forEach(([step, size], i) => {
            if (step === "push") {
              const text = `${i}${"x".repeat(size)}`;
              queue.push([utf8(text), utf8("more")], false);
              model.push(text);
            } else if (step === "shift") {
              const message = queue.shift();
              assertEquals(message && texts(message)[0], model.shift());
            } else {
              const run = queue.shiftRun();
              while (run !== undefined && run.count > 0) {
                assertEquals(texts(run.shift()), [model.shift()!, "more"]);
              }
            }
            assertEquals(queue.length, model.length);
          });
        },
      ),
    ));
}
