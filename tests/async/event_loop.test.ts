/** Tests of the next tick of the event loop. */
import { assertEquals } from "@std/assert";
import { nextLoopTick } from "../../src/async/event_loop.ts";
import { test } from "../support/harness.ts";

/** Longer than Deno goes on before a tick polls for I/O. */
const LONG_MS = 10;

/** Works for so long that the next tick polls for I/O. */
function work(): void {
  const end = performance.now() + LONG_MS;
  while (performance.now() < end);
}

test("a tick that is asked for during a poll comes after that poll", async () => {
  for (let i = 0; i < 5; i++) {
    const order: number[] = [];
    work();
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
