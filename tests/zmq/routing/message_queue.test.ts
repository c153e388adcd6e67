/** Tests of the message queue. */
import { assert, assertEquals } from "@std/assert";
import { MessageQueue } from "../../../src/zmq/routing/message_queue.ts";
import { texts } from "../../support/bytes.ts";
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

test("the last message can be read and replaced", () => {
  const queue = filled(0, 3);
  assertEquals(texts(queue.last!), ["2"]);
  queue.last = one("new");
  assertEquals(queue.length, 3);
  queue.shift();
  queue.shift();
  assertEquals(texts(queue.shift()!), ["new"]);
  assertEquals(queue.last, undefined);
  queue.last = one("nowhere");
  assertEquals(queue.shift(), undefined);
});

test("dropped messages are gone, and the queue works on", () => {
  const queue = filled(4, 4);
  queue.clear();
  assertEquals([queue.length, queue.isFull], [0, false]);
  queue.push(one("x"));
  assertEquals(texts(queue.shift()!), ["x"]);
});

test("property: it behaves as an array does", () =>
  check(
    fc.property(
      fc.array(
        fc.oneof(
          { weight: 6, arbitrary: fc.constant("push" as const) },
          { weight: 5, arbitrary: fc.constant("shift" as const) },
          { weight: 1, arbitrary: fc.constant("last" as const) },
        ),
        { maxLength: 300 },
      ),
      (steps) => {
        const queue = new MessageQueue(0);
        const model: string[] = [];
        steps.forEach((step, i) => {
          if (step === "push") {
            queue.push(one(String(i)));
            model.push(String(i));
          } else if (step === "shift") {
            const message = queue.shift();
            assertEquals(message && texts(message)[0], model.shift());
          } else if (model.length > 0) {
            queue.last = one(`last${i}`);
            model[model.length - 1] = `last${i}`;
          }
          assertEquals(queue.length, model.length);
          assertEquals(queue.last && texts(queue.last)[0], model.at(-1));
        });
      },
    ),
  ));
