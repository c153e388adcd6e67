/** Tests of the next tick of the event loop. */
import { assert, assertEquals } from "@std/assert";
import { nextLoopTick } from "../../src/async/event_loop.ts";
import { busyFor, echoPair } from "../support/echo_pair.ts";
import { test } from "../support/harness.ts";

/** Longer than Deno goes on before a tick polls for I/O. */
const LONG_MS = 45;
/** Deno polls by itself after 61. */
const MAX_TICKS = 40;
const EXCHANGES = 15;

test("a tick requested during a poll comes after that poll", async () => {
  for (let i = 0; i < 5; i++) {
    const order: number[] = [];
    busyFor(LONG_MS);
    nextLoopTick(() => order.push(1));
    await new Promise<void>((resolve) =>
      nextLoopTick(() => {
        order.push(2);
        resolve();
      })
    );
    assertEquals(order, [1, 2]);
  }
});

test("busy ticks delay the I/O of quiet connections only briefly", async (t) => {
  const pair = t.use(await echoPair());
  let ticks = 0;
  let isOver = false;
  const work = (isCounted: boolean) => () => {
    if (isOver) return;
    if (isCounted) ticks++;
    busyFor(0.5);
    nextLoopTick(work(isCounted));
  };
  work(true)();
  work(false)(); // two wait for ticks at a time
  const counts: number[] = [];
  for (let i = 0; i < EXCHANGES; i++) {
    const before = ticks;
    await pair.exchange();
    counts.push(ticks - before);
  }
  isOver = true;
  counts.sort((a, b) => a - b);
  const median = counts[EXCHANGES >> 1]!;
  assert(median < MAX_TICKS, `an exchange took ${counts.join(", ")} ticks`);
});
