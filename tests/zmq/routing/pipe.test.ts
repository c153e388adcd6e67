/** Tests of the pipe: high-water marks, notifications, closing, copies. */
import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { pattern, texts, utf8 } from "../../support/bytes.ts";
import { fakePipe, one, readAll } from "../../support/fake_holder.ts";
import { SlabPool } from "../../../src/zmq/slab_pool.ts";
import type { Pipe } from "../../../src/zmq/routing/pipe.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

/** Lets what was put off to the end of the job happen. */
const endOfJob = () => Promise.resolve();

test("messages arrive in order, both ways", () => {
  const { a, b } = fakePipe();
  for (const text of ["1", "2", "3"]) a.write(one(text));
  b.write(one("back"));
  assertEquals(readAll(b), ["1", "2", "3"]);
  assertEquals(readAll(a), ["back"]);
  assertEquals([a.other, b.other], [b, a]);
});

test("a reader is notified once, and again only after it found the queue empty", () => {
  const { a, b, atB } = fakePipe();
  a.write(one("1"));
  a.write(one("2"));
  assertEquals(atB.take(), ["readable"]);
  b.read();
  a.write(one("3"));
  assertEquals(atB.take(), [], "there still was something to read");
  assertEquals(readAll(b), ["2", "3"]);
  a.write(one("4"));
  assertEquals(atB.take(), ["readable"]);
});

test("a reader that read the last message, but has not polled again, is not notified", () => {
  const { a, b, atB } = fakePipe();
  a.write(one("1"));
  b.read();
  atB.take();
  a.write(one("2"));
  assertEquals(atB.take(), []);
  assertEquals(readAll(b), ["2"]);
});

test("checking an empty pipe counts as finding it empty", () => {
  const { a, b, atB } = fakePipe();
  a.write(one("1"));
  assertEquals(b.canRead, true);
  b.read();
  atB.take();
  assertEquals(b.canRead, false);
  a.write(one("2"));
  assertEquals(atB.take(), ["readable"]);
});

test("the high-water mark is exact, and counts messages", () => {
  const { a, b } = fakePipe(0, 3);
  for (let i = 0; i < 3; i++) {
    assert(a.write([utf8("x"), utf8("y"), utf8("z")]));
  }
  assertEquals(a.canWrite, false);
  assertEquals(a.write(one("4")), false);
  assertEquals([a.unsent, b.unread], [3, 3]);
  assertEquals(readAll(b).length, 3);
});

// RFC 29.XSUB.2
test("each direction has its own high-water mark", () => {
  const { a, b } = fakePipe(1, 2);
  assertEquals([a.write(one("1")), a.write(one("2")), a.write(one("3"))], [
    true,
    true,
    false,
  ]);
  assertEquals([b.write(one("1")), b.write(one("2"))], [true, false]);
});

test("a writer is notified once, at half the high-water mark", () => {
  const { a, b, atA } = fakePipe(0, 4);
  for (let i = 0; i < 4; i++) a.write(one(String(i)));
  a.write(one("no"));
  a.write(one("no"));
  b.read();
  assertEquals(atA.take(), []);
  b.read();
  assertEquals(atA.take(), ["writable"], "2 of 4 are left");
  b.read();
  b.read();
  assertEquals(atA.take(), []);
});

test("a writer that did not find the pipe full is not notified", () => {
  const { a, b, atA } = fakePipe(0, 2);
  a.write(one("1"));
  a.write(one("2"));
  readAll(b);
  assertEquals(atA.take(), []);
});

test("a writer may write from within its notification", () => {
  const { a, b, atA } = fakePipe(0, 1);
  a.write(one("0"));
  assertEquals(a.canWrite, false);
  let next = 1;
  atA.react = (event) => {
    if (event !== "writable" || next > 5) return;
    a.write(one(String(next++)));
    assertEquals(a.canWrite, false);
  };
  assertEquals(readAll(b), ["0", "1", "2", "3", "4", "5"]);
});

test("a higher mark wakes a waiting writer, a lower one drops nothing", () => {
  const { a, b, atA } = fakePipe(0, 2);
  a.write(one("1"));
  a.write(one("2"));
  a.write(one("3"));
  b.setHighWaterMarks(10, 0);
  assertEquals(atA.take(), ["writable"]);
  a.write(one("3"));
  b.setHighWaterMarks(1, 0);
  assertEquals(a.canWrite, false);
  assertEquals(readAll(b), ["1", "2", "3"]);
  assertEquals(atA.take(), ["writable"]);
});

test("a mark of 0 wakes a waiting writer", () => {
  const { a, b, atA } = fakePipe(0, 1);
  a.write(one("1"));
  a.write(one("2"));
  b.setHighWaterMarks(0, 0);
  assertEquals(atA.take(), ["writable"]);
});

test("dropping queued messages makes room, and the reader is notified again", () => {
  const { a, b, atA, atB } = fakePipe(0, 1);
  a.write(one("1"));
  a.write(one("2"));
  atB.take();
  b.discardUnread();
  assertEquals([b.unread, b.isClosed], [0, false]);
  assertEquals(atA.take(), ["writable"]);
  a.write(one("3"));
  assertEquals(atB.take(), ["readable"]);
  assertEquals(readAll(b), ["3"]);
});

test("closing notifies both ends once when the queues are empty", () => {
  const { a, b, atA, atB } = fakePipe();
  a.close();
  a.close();
  b.close();
  assertEquals([atA.take(), atB.take()], [["closed"], ["closed"]]);
  assertEquals([a.isClosed, b.isClosed], [true, true]);
});

test("the other end reads what was sent before, and is notified after the last message", async () => {
  const { a, b, atA, atB } = fakePipe();
  a.write(one("1"));
  a.write(one("2"));
  atB.take();
  a.close();
  assertEquals([atA.take(), atB.take()], [["closed"], []]);
  b.read();
  await endOfJob();
  assertEquals(atB.take(), []);
  assertEquals(texts(b.read()!), ["2"]);
  assertEquals(
    atB.take(),
    [],
    "who reads the last may still ask where it came from",
  );
  await endOfJob();
  assertEquals(atB.take(), ["closed"]);
  assertEquals(b.read(), undefined);
});

test("closing drops what waits for the closing end", () => {
  const { a, b } = fakePipe();
  b.write(one("for no one"));
  a.close();
  assertEquals([a.unread, a.read()], [0, undefined]);
  assertEquals(b.write(one("more")), false);
});

test("nothing can be written to a closed pipe, from either end", () => {
  const { a, b } = fakePipe();
  b.close();
  assertEquals([a.canWrite, a.write(one("x"))], [false, false]);
  assertEquals([b.canWrite, b.write(one("x"))], [false, false]);
  assertEquals(a.unread + b.unread, 0);
});

test("an end that closes itself while it reads the last message is notified once", async () => {
  const { a, b, atB } = fakePipe();
  a.write(one("1"));
  a.close();
  atB.take();
  b.read();
  b.close();
  await endOfJob();
  assertEquals(atB.take(), ["closed"]);
});

test("a small message that must wait is copied: the sender may reuse its bytes", () => {
  const { a, b } = fakePipe();
  const reused = pattern(100);
  a.write([reused]);
  a.write([utf8("head"), reused]);
  reused.fill(0);
  assertEquals([...b.read()![0]!], [...pattern(100)]);
  assertEquals([...b.read()![1]!], [...pattern(100)]);
});

test("a large frame is passed by reference, in an array of its own", () => {
  const { a, b } = fakePipe();
  const large = pattern(5000);
  const message = [large];
  a.write(message);
  const [got] = [b.read()!];
  assertNotStrictEquals(got, message);
  assertEquals(got[0]!.buffer, large.buffer);
});

test("what waits for a session can be read as one run, without a copy of it", () => {
  const { a, b, atB } = fakePipe(0, 0, new SlabPool());
  const reused = pattern(100);
  a.write([utf8("head"), reused]);
  a.write([reused]);
  reused.fill(0);
  assertEquals(atB.take(), ["readable"]);
  assertEquals(b.unreadBytes, 2 + 4 + 2 + 100 + 2 + 100);
  const run = b.readRun()!;
  assertEquals([run.count, b.unread, b.unreadBytes], [2, 0, 0]);
  assertEquals(run.shift().map((frame) => [...frame]), [
    [...utf8("head")],
    [...pattern(100)],
  ]);
  assertEquals(run.shift().map((frame) => [...frame]), [[...pattern(100)]]);
  assertEquals(b.readRun(), undefined);
});

test("a session may say that what waits for it does not count against the mark", () => {
  const { a, b, atA } = fakePipe(0, 4, new SlabPool());
  let isGenerous = true;
  Object.assign(b.holder, {
    pipeFull(pipe: Pipe) {
      if (isGenerous) pipe.grant();
      isGenerous = false;
    },
  });
  for (let i = 0; i < 8; i++) assert(a.write(one(String(i))), `message ${i}`);
  assertEquals([a.write(one("8")), a.room, b.unread], [false, 0, 8]);
  // Those granted were the oldest, so the mark is 4 of the others.
  for (let i = 0; i < 5; i++) b.read();
  assertEquals(atA.take(), []);
  b.read();
  assertEquals(atA.take(), ["writable"], "2 of 4 are left");
  assertEquals([a.room, readAll(b)], [2, ["6", "7"]]);
});

test("a session learns of each further run, another holder only of the first message", () => {
  for (const [slabs, times] of [[undefined, 1], [new SlabPool(), 2]] as const) {
    const { a, atB } = fakePipe(0, 0, slabs);
    // They take two slabs.
    for (let i = 0; i < 100; i++) a.write([pattern(1000)]);
    assertEquals(atB.take().length, times);
  }
});

test("a message that is received at once by a reader that keeps it is copied", () => {
  const { a, b, atB } = fakePipe();
  const reused = pattern(100);
  let got: Uint8Array[] | undefined;
  atB.react = () => got = b.read();
  a.write([reused]);
  reused.fill(0);
  assertEquals([...got![0]!], [...pattern(100)]);
});

test("a buffer that no one else owns is not copied", () => {
  const { a, b } = fakePipe();
  const message = [pattern(100)];
  a.write(message, true);
  assert(b.read() === message);
});

test("changing the sent array afterwards has no effect", () => {
  const { a, b } = fakePipe();
  const message = [pattern(5000), utf8("x")];
  a.write(message);
  message.pop();
  assertEquals(b.read()!.length, 2);
});

test("property: no message is lost, doubled or out of order, whichever end waits", () =>
  check(fc.property(
    fc.integer({ min: 0, max: 5 }),
    fc.array(fc.constantFrom("write", "read", "look", "raise"), {
      maxLength: 200,
    }),
    (mark, steps) => {
      const { a, b, atA, atB } = fakePipe(0, mark);
      const sent: string[] = [];
      const got: string[] = [];
      let isReaderNoticeDue = true;
      let isWriterNoticeDue = false;
      let current = mark;
      steps.forEach((step, i) => {
        if (step === "write") {
          const isTaken = a.write(one(String(i)));
          assertEquals(
            isTaken,
            current === 0 || sent.length - got.length < current,
          );
          if (isTaken) sent.push(String(i));
          else isWriterNoticeDue = true;
          if (isTaken && isReaderNoticeDue) {
            assertEquals(atB.take(), ["readable"]);
            isReaderNoticeDue = false;
          }
        } else if (step === "read") {
          const message = b.read();
          if (message === undefined) isReaderNoticeDue = true;
          else got.push(...texts(message));
        } else if (step === "look") {
          if (!b.canRead) isReaderNoticeDue = true;
        } else if (current > 0) b.setHighWaterMarks(++current, 0);
        const waiting = sent.length - got.length;
        if (
          isWriterNoticeDue && (step === "read" || step === "raise") &&
          waiting <= Math.floor((current + 1) / 2)
        ) {
          assertEquals(atA.take(), ["writable"]);
          isWriterNoticeDue = false;
        }
        assertEquals([atA.take(), atB.take()], [[], []]);
      });
      got.push(...readAll(b));
      assertEquals(got, sent);
    },
  )));

test("a writer waiting for room is notified when the other end closes, although there is still something to read", () => {
  const { a, b, atA } = fakePipe(0, 1);
  b.write(one("unread"));
  a.write(one("1"));
  assertEquals(a.write(one("2")), false);
  atA.take();
  b.close();
  assertEquals(atA.take(), ["writable"]);
  assertEquals([a.canWrite, a.canRead], [false, true]);
});
