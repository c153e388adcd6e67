/**
 * Tests of the random numbers that fuzzing stands on.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { Random } from "./random.ts";

const numbers = (random: Random, count = 10) =>
  Array.from({ length: count }, () => random.next());

test("the numbers are those of xoshiro128**", () => {
  assertEquals(numbers(new Random(1, 2, 3, 4)), [
    11520,
    0,
    5927040,
    70819200,
    2031721883,
    1637235492,
    1287239034,
    3734860849,
    3729100597,
    4258142804,
  ]);
});

test("a seed and a stream give the same numbers again, others give others", () => {
  const first = numbers(Random.of(7, 1));
  assertEquals(numbers(Random.of(7, 1)), first);
  const random = Random.of(1);
  random.next();
  random.restart(7, 1);
  assertEquals(numbers(random), first);
  assertNotEquals(numbers(Random.of(7, 2)), first);
  assertNotEquals(numbers(Random.of(8, 1)), first);
});

test("neighbouring streams have nothing in common", () => {
  const seen = new Set<number>();
  for (let stream = 0; stream < 2000; stream++) {
    for (const number of numbers(Random.of(1, stream), 4)) seen.add(number);
  }
  assert(seen.size > 7990, `${seen.size} of 8,000 are different`);
});

test("numbers below a limit reach every one, about equally often", () => {
  const random = Random.of(3);
  const counts = new Array<number>(10).fill(0);
  for (let n = 0; n < 10_000; n++) counts[random.below(10)]!++;
  for (const count of counts) assert(count > 850 && count < 1150, `${counts}`);
});
