import { assertEquals } from "@std/assert";
import {
  readBun,
  readDeno,
  readNode,
  skippedIn,
} from "../../scripts/lib/test_output.mjs";
import { test } from "../support/harness.ts";

test("the end of a Deno run is read", () => {
  const ok = "a ... ok (1ms)\n\nok | 12 passed | 0 failed | 3 ignored (6ms)\n";
  assertEquals(readDeno(ok), { passed: 12, failed: 0, skipped: 3 });
  const steps =
    "FAILED | 2 passed (4 steps) | 1 failed (2 steps) (1s)\n\nerror: Test failed\n";
  assertEquals(readDeno(steps), { passed: 2, failed: 1, skipped: 0 });
});

test("the end of a Bun run is read, files that did not load included", () => {
  const ok =
    "(pass) 3 pass\n\n 1 pass\n 2 skip\n 0 fail\nRan 3 tests across 1 file. [55.00ms]\n";
  assertEquals(readBun(ok), { passed: 1, failed: 0, skipped: 2 });
  const broken =
    "\n 0 pass\n 1 fail\n 1 error\nRan 1 test across 1 file. [38.00ms]\n";
  assertEquals(readBun(broken), { passed: 0, failed: 2, skipped: 0 });
});

test("the end of a Node run is read", () => {
  const end =
    "ℹ tests 9\nℹ suites 0\nℹ pass 4\nℹ fail 1\nℹ cancelled 1\nℹ skipped 2\nℹ todo 1\n";
  assertEquals(readNode(end), { passed: 4, failed: 2, skipped: 3 });
});

test("a file without a test is no test, whatever Node says", () => {
  const end =
    "✔ /x/a.test.ts (189.91ms)\n✔ a test (1.2ms)\nℹ pass 2\nℹ fail 0\n";
  assertEquals(readNode(end), { passed: 1, failed: 0, skipped: 0 });
});

test("a run without an end counts nothing", () => {
  for (const read of [readDeno, readBun, readNode]) {
    assertEquals(read("panic!\n1 passed in a dream\n"), {
      passed: 0,
      failed: 0,
      skipped: 0,
    });
  }
});

test("skipped tests are listed with their reasons, the same for all runtimes", () => {
  const title = "asks a peer (skipped: no peer (yet) here)";
  for (
    const line of [
      `${title} ... ignored (0ms)`,
      `(skip) ${title}`,
      `(skip) ${title} [0.02ms]`,
      `﹣ ${title} (0.25564ms) # SKIP`,
    ]
  ) assertEquals(skippedIn(`other ... ok (1ms)\n${line}\n`), [title]);
});
