/** Unit: plans of the chaos test. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { test } from "../../support/harness.ts";
import { KINDS, planOf } from "./plan.ts";

test("a plan is the same for the same seed, and in order", () => {
  assertEquals(planOf(7), planOf(7));
  assertNotEquals(planOf(7), planOf(8));
  const times = planOf(7).map(({ at }) => at);
  assertEquals(times, [...times].sort((a, b) => a - b));
});

test("a plan has every kind of disturbance, or only the requested ones", () => {
  const kindsOf = (plan: ReturnType<typeof planOf>) =>
    [...new Set(plan.map(({ kind }) => kind))].sort();
  const all = [...KINDS].sort();
  assertEquals(kindsOf(planOf(7)), all);
  assertEquals(
    planOf(7, { isShort: true }).map(({ kind }) => kind).sort(),
    all,
  );
  const only = ["cut", "kill-worker"] as const;
  const some = planOf(7, { only });
  assertEquals(kindsOf(some), [...only]);
  assert(some.length >= KINDS.length);
});
