import { assert, assertEquals } from "@std/assert";
import { planOf } from "../../scripts/lib/test_plan.mjs";
import { test } from "../support/harness.ts";

const RUNTIMES = ["deno", "bun", "node", "node@24"];
const FILES = [
  ...Array.from({ length: 30 }, (_, i) => `tests/a/${i}.test.ts`),
  "tests/cli/pipeline.test.ts",
  "tests/pipeline/processes.test.ts",
];

test("every file runs once on every runtime", () => {
  const pairs = planOf(RUNTIMES, FILES).flatMap(({ runtime, files }) =>
    files.map((file) => `${runtime} ${file}`)
  );
  assertEquals(
    pairs.sort(),
    RUNTIMES.flatMap((name) => FILES.map((file) => `${name} ${file}`)).sort(),
  );
});

test("slow files start first, on all runtimes, alone in their process", () => {
  const plan = planOf(RUNTIMES, FILES).slice(0, 2 * RUNTIMES.length);
  for (const { files } of plan) {
    assertEquals(files.length, 1);
    assert(!files[0]!.startsWith("tests/a/"), files[0]);
  }
});

test("quick files share a process; on Node only those that can be bundled", () => {
  const canBundle = (file: string) => !file.includes("/7");
  const plan = planOf(RUNTIMES, FILES, canBundle);
  for (const { runtime, files } of plan) {
    assert(files.length > 0 && files.length <= 24);
    if (runtime.startsWith("node") && !files.every(canBundle)) {
      assertEquals(files.length, 1);
    }
  }
  for (const runtime of RUNTIMES) {
    const count = plan.filter((unit) => unit.runtime === runtime).length;
    assert(count < FILES.length / 2, runtime);
  }
});

test("no runtime finishes long before the others", () => {
  const plan = planOf(RUNTIMES, FILES).map(({ runtime }) => runtime);
  for (const name of RUNTIMES) {
    assert(plan.lastIndexOf(name) > plan.length / 2, name);
  }
});

test("without files or runtimes there is nothing to do", () => {
  assertEquals(planOf(RUNTIMES, []), []);
  assertEquals(planOf([], FILES), []);
});
