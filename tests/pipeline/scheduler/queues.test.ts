/** Unit: the heap, the queues, the rate limit and the pauses of the scheduler. */
import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { Fifo } from "../../../src/pipeline/scheduler/queues/fifo.ts";
import { DueHeap } from "../../../src/pipeline/scheduler/queues/heap.ts";
import { RateLimit } from "../../../src/pipeline/model/rate_limit.ts";
import type { RetryPolicy } from "../../../src/pipeline/model/records.ts";
import { retryDelayMs } from "../../../src/pipeline/model/retry.ts";
import { PriorityQueue } from "../../../src/pipeline/scheduler/queues/priority_queue.ts";
import { aliveBytes } from "../../support/alive_bytes.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

test("a heap returns the earliest due entry, among equals the first", async () => {
  await check(
    fc.property(
      fc.array(fc.nat({ max: 20 })),
      fc.nat({ max: 20 }),
      (times, now) => {
        const heap = new DueHeap<number>();
        times.forEach((at, i) => heap.add(at, i));
        const expected = times.map((at, i) => ({ at, i }))
          .sort((a, b) => a.at - b.at || a.i - b.i);
        const due = expected.filter(({ at }) => at <= now);
        for (const { i } of due) assertEquals(heap.take(now), i);
        assertEquals(heap.take(now), undefined);
        assertEquals(heap.size, times.length - due.length);
        assertEquals(heap.nextAt, expected[due.length]?.at);
      },
    ),
  );
});

test("removing entries from a heap keeps the order of the others", async () => {
  await check(
    fc.property(fc.array(fc.nat({ max: 20 })), (times) => {
      const heap = new DueHeap<{ at: number; i: number }>();
      const all = times.map((at, i) => ({ at, i }));
      const entries = all.map((one) => heap.add(one.at, one));
      for (const entry of entries) {
        if (entry.item.i % 3 === 0) heap.remove(entry);
      }
      heap.remove(entries[0] ?? { at: 0, item: { at: 0, i: 0 } }); // it has left
      const kept = all.filter(({ i }) => i % 3 > 0)
        .sort((a, b) => a.at - b.at || a.i - b.i);
      assertEquals(heap.peek(), kept[0]);
      assertEquals(kept.map(() => heap.take(99)), kept);
      assertEquals(heap.size, 0);
    }),
  );
});

test("a queue is FIFO, whatever is added in between", async () => {
  await check(
    fc.property(fc.array(fc.boolean(), { maxLength: 4000 }), (steps) => {
      const fifo = new Fifo<number>();
      let [pushed, shifted] = [0, 0];
      for (const isPush of steps) {
        if (isPush) fifo.push(pushed++);
        else {
          assertEquals(fifo.peek(), shifted < pushed ? shifted : undefined);
          assertEquals(fifo.shift(), shifted < pushed ? shifted++ : undefined);
        }
        assertEquals(fifo.size, pushed - shifted);
      }
    }),
  );
});

test("a long queue that is never empty returns all entries", () => {
  const fifo = new Fifo<number>();
  for (let i = 0; i < 5000; i++) fifo.push(i);
  for (let i = 0; i < 20_000; i++) {
    assertEquals(fifo.shift(), i);
    fifo.push(5000 + i);
  }
  assertEquals(fifo.size, 5000);
});

test("a step queue: priority, then returned jobs, then FIFO", async () => {
  interface Item {
    readonly n: number;
    readonly priority: number;
    readonly isReturned: boolean;
  }
  await check(
    fc.property(
      fc.array(
        fc.tuple(fc.integer({ min: -2, max: 2 }), fc.boolean(), fc.boolean()),
      ),
      (steps) => {
        const queue = new PriorityQueue<Item>();
        const kept: Item[] = [];
        steps.forEach(([priority, isReturned, isRemoved], n) => {
          const item = { n, priority, isReturned };
          queue.add(item, priority, isReturned ? "returned" : "fresh");
          if (isRemoved) queue.remove(item);
          else kept.push(item);
        });
        kept.sort((a, b) =>
          b.priority - a.priority ||
          Number(b.isReturned) - Number(a.isReturned) || a.n - b.n
        );
        assertEquals(queue.size, kept.length);
        assertEquals(kept.map(() => queue.take()), kept);
        assertEquals([queue.take(), queue.size], [undefined, 0]);
      },
    ),
  );
});

test("a job taken from a step queue can be added again", () => {
  const queue = new PriorityQueue<object>();
  const item = {};
  queue.add(item, 1);
  queue.remove(item);
  queue.remove(item);
  queue.add(item, 1);
  assertEquals([queue.take(), queue.take()], [item, undefined]);
});

test("what has left a step queue is not kept in memory until its turn", () => {
  const queue = new PriorityQueue<{ payload: Uint8Array }>();
  queue.add({ payload: new Uint8Array(0) }, 0); // the others stand behind it
  const before = aliveBytes();
  for (let n = 0; n < 100; n++) {
    const item = { payload: new Uint8Array(1 << 20) };
    queue.add(item, n % 2);
    queue.remove(item);
  }
  const kept = aliveBytes() - before;
  assert(kept < 10 << 20, `${kept} bytes`);
  assertEquals(queue.size, 1);
});

test("a step queue takes as long for many priorities as for one", () => {
  const queue = new PriorityQueue<{ readonly n: number }>();
  const items = Array.from({ length: 50_000 }, (_, n) => ({ n }));
  const start = process.cpuUsage();
  for (const item of items) queue.add(item, (item.n * 7919) % 50_000);
  assertEquals(queue.size, items.length);
  for (const item of items.slice(0, 25_000)) queue.remove(item);
  let last = Infinity;
  for (let item = queue.take(); item !== undefined; item = queue.take()) {
    const priority = (item.n * 7919) % 50_000;
    assert(priority < last);
    last = priority;
  }
  const { user } = process.cpuUsage(start);
  assert(user < 5_000_000, `${user} µs`); // sorted again each time, minutes
});

test("places that are given up are few, compared with the others", () => {
  const queue = new PriorityQueue<{ readonly n: number }>();
  const items = Array.from({ length: 10_000 }, (_, n) => ({ n }));
  for (const item of items) queue.add(item, 0);
  for (const item of items) if (item.n % 5 !== 0) queue.remove(item);
  const rest = items.filter(({ n }) => n % 5 === 0);
  assertEquals(rest.map(() => queue.take()), rest);
  assertEquals(queue.take(), undefined);
});

test("a rate limit allows a burst, then refills evenly, and ignores a clock that goes back", () => {
  const limit = new RateLimit({ max: 2, perMs: 100 }, 0);
  assertEquals([limit.take(0), limit.take(0), limit.take(0)], [
    true,
    true,
    false,
  ]);
  assertEquals(limit.nextAt(0), 50);
  assertEquals(limit.take(49), false);
  assertEquals(limit.take(limit.nextAt(49)), true);
  assertEquals(limit.take(10), false); // the clock was set back
  assertEquals(limit.take(10_000) && limit.take(10_000), true);
  assertEquals(limit.take(10_000), false); // no more than the burst was saved
});

test("over any time a rate limit allows no more than its burst and its rate", async () => {
  await check(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.nat({ max: 40 })),
      (max, pauses) => {
        const limit = new RateLimit({ max, perMs: 100 }, 0);
        let now = 0;
        let taken = 0;
        for (const pause of pauses) {
          now += pause;
          if (limit.take(now)) taken++;
        }
        assert(taken <= max + now * max / 100 + 1e-6, `${taken} in ${now} ms`);
      },
    ),
  );
});

test("delays double, have full jitter and a cap", () => {
  const policy = { attempts: 99, delayMs: 100, maxDelayMs: 1000 };
  const longest = [1, 2, 3, 4, 5, 2000].map((failures) =>
    retryDelayMs(policy, failures, () => 0.999_999)
  );
  assertEquals(longest, [100, 200, 400, 800, 1000, 1000]);
  assertEquals(retryDelayMs(policy, 3, () => 0), 0);
});

test("a fixed delay stays the same; jitter can be chosen for both", () => {
  const policy = { attempts: 99, delayMs: 100, maxDelayMs: 1000 };
  const delays = (more: Partial<RetryPolicy>, random: number) =>
    [1, 2, 9].map((failures) =>
      retryDelayMs({ ...policy, ...more }, failures, () => random)
    );
  assertEquals(delays({ backoff: "fixed" }, 0.5), [100, 100, 100]);
  assertEquals(delays({ backoff: "fixed", jitter: true }, 0.5), [50, 50, 50]);
  assertEquals(delays({ jitter: false }, 0.5), [100, 200, 1000]);
  assertEquals(delays({ backoff: "exponential" }, 0.5), [50, 100, 500]);
  const capped = { backoff: "fixed", delayMs: 5000 } as const;
  assertEquals(delays(capped, 0.5), [1000, 1000, 1000]);
});
