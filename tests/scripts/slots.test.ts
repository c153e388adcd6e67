import { assertEquals, assertRejects } from "@std/assert";
import { cpus } from "node:os";
import { runInSlots, watchProcessors } from "../../scripts/lib/slots.mjs";
import {
  type Deferred,
  deferred,
  eventually,
  test,
} from "../support/harness.ts";

/** Units that run until they are ended, and what the processors are said to do. */
class Run {
  idle = 0;
  looks = 0;
  readonly started: number[] = [];
  readonly #ends: Deferred<void>[] = [];
  readonly over: Promise<void>;

  constructor(count: number, limits: { least: number; most: number }) {
    const units = Array.from({ length: count }, (_, i) => i);
    for (const _ of units) this.#ends.push(deferred());
    this.over = runInSlots(units, (unit: number) => {
      this.started.push(unit);
      return this.#ends[unit]!.promise;
    }, {
      ...limits,
      idleShare: () => (this.looks++, this.idle),
      watchMs: 1,
    });
  }

  end(unit: number): void {
    this.#ends[unit]!.resolve();
  }

  fail(unit: number, error: Error): void {
    this.#ends[unit]!.reject(error);
  }

  /** Waits until the processors were looked at a few times more. */
  async watched(): Promise<void> {
    const { looks } = this;
    await eventually(() => this.looks > looks + 3);
  }
}

test("while processors are busy the least run, each next one when one ends", async () => {
  const run = new Run(4, { least: 2, most: 4 });
  await run.watched();
  assertEquals(run.started, [0, 1]);
  run.end(1);
  await eventually(() => run.started.length === 3);
  await run.watched();
  assertEquals(run.started, [0, 1, 2]);
  for (const unit of [0, 2, 3]) run.end(unit);
  await run.over;
  assertEquals(run.started, [0, 1, 2, 3]);
});

test("while they are idle more run, but never more than the most", async () => {
  const run = new Run(6, { least: 1, most: 3 });
  run.idle = 1;
  await eventually(() => run.started.length === 3);
  await run.watched();
  assertEquals(run.started, [0, 1, 2]);
  run.idle = 0;
  run.end(0);
  run.end(1);
  await run.watched();
  assertEquals(run.started, [0, 1, 2], "busy: two have ended, and one goes on");
  run.idle = 1;
  await eventually(() => run.started.length === 5);
  for (const unit of [2, 3, 4, 5]) run.end(unit);
  await run.over;
});

test("a failure holds up no other, and is reported at the end", async () => {
  const run = new Run(3, { least: 2, most: 2 });
  const outcome = assertRejects(() => run.over, Error, "the first");
  run.fail(0, new Error("the first"));
  await eventually(() => run.started.length === 3);
  run.end(1);
  run.end(2);
  await outcome;
});

test("without units it ends at once", async () => {
  await new Run(0, { least: 2, most: 2 }).over;
});

test("a program that works keeps a processor from being idle", async () => {
  const idleShare = watchProcessors();
  await eventually(() => {
    const end = performance.now() + 200;
    while (performance.now() < end);
    return idleShare() <= 1 - 0.5 / cpus().length;
  });
});
