/** What breaks a promise of the siege is seen. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "../support/harness.ts";
import { faultsOf, tablesOf } from "./judge.ts";
import { percentile } from "./meter.ts";
import type { Honest, Report, Victim } from "./siege.ts";

const PEER: Honest = {
  name: "peer",
  done: 1000,
  lost: 0,
  reasons: [],
  tookMs: [...Array.from({ length: 995 }, () => 2), 300, 300, 300, 300, 300],
};
const VICTIM: Victim = {
  name: "victim",
  grownBytes: 256 << 20,
  lateMs: [1, 2, 90],
  ended: undefined,
  counts: { forged: 0 },
};
const ATTACK = { name: "attack", times: 3, cut: 1 };

function report(
  peer: Partial<Honest> = {},
  victim: Partial<Victim> = {},
  times = 3,
): Report {
  return {
    settings: { runtime: "node", seconds: 1, only: [], isLimited: true },
    honest: [{ ...PEER, ...peer }],
    victims: [{ ...VICTIM, ...victim }],
    attacks: [{ ...ATTACK, times }],
  };
}

test("a siege that was withstood has no faults", () => {
  assertEquals(faultsOf(report()), []);
});

for (
  const [what, broken, fault] of [
    ["a loss", report({ lost: 1, reasons: ["why"] }), "1 of 1001 lost; why"],
    ["too much that came", report({ lost: -1 }), "-1 of 999 lost"],
    ["peers that did nothing", report({ done: 0 }), "nothing was done"],
    [
      "slow answers",
      report({ tookMs: [...Array.from({ length: 98 }, () => 2), 51, 51] }),
      "p99 is 51 ms",
    ],
    ["memory", report({}, { grownBytes: 257 << 20 }), "257 MiB more"],
    ["a crash", report({}, { ended: "SIGABRT" }), "ended with SIGABRT"],
    ["a forged job", report({}, { counts: { forged: 2 } }), "ran 2 jobs"],
    ["an attack that was none", report({}, {}, 0), "never came to its end"],
  ] as const
) {
  test(`${what} is a fault`, () => {
    const faults = faultsOf(broken);
    assertEquals(faults.length, 1, faults.join("; "));
    assertStringIncludes(faults[0]!, fault);
  });
}

test("the tables have all figures", () => {
  const text = tablesOf(report());
  for (const word of ["peer", "1000", "300", "victim", "256", "90", "attack"]) {
    assertStringIncludes(text, word);
  }
});

test("a percentile is one of the values", () => {
  assertEquals(percentile([], 99), 0);
  assertEquals(percentile([3, 1, 2], 50), 2);
  assertEquals(percentile([3, 1, 2], 100), 3);
});
