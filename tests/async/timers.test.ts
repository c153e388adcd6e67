/** Unit: times as timers can hold them. */
import { assertEquals } from "@std/assert";
import { timerMs } from "../../src/async/timers.ts";
import { test } from "../support/harness.ts";

test("a delay beyond the range of timers does not end at once", () => {
  const longest = 2 ** 31 - 1;
  assertEquals(
    [0, 5, longest, longest + 1, 30 * 86_400_000, Infinity, -1].map(timerMs),
    [0, 5, longest, longest, longest, longest, 0],
  );
});
