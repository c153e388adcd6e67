/**
 * Fuzzing, for about two seconds: seeds that are always the same and one that
 * is new each time; and every input that once broke something. `npm run fuzz`
 * does the same for as long as you like.
 */
import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import { fixtureNames, FIXTURES, readFixture } from "./fixture.ts";
import { fuzz, openAll } from "./runner.ts";
import { allTargets, targetOf } from "./targets/mod.ts";

const FIXED_SEEDS = [1, 2, 3];
/** Of each fixed seed; the new one gets as many seconds as they about take together. */
const INPUTS = 4000;
const NEW_SEED = Math.floor(Math.random() * 2 ** 31);

for (const seed of [...FIXED_SEEDS, NEW_SEED]) {
  const isNew = seed === NEW_SEED;
  const limit = isNew ? { seconds: 1 } : { inputs: INPUTS };
  test(
    isNew
      ? "nothing a peer sends breaks anything, whatever the seed"
      : `nothing a peer sends breaks anything: seed ${seed}`,
    async () => {
      if (isNew) console.log(`The seed is ${seed}`);
      const { failure } = await fuzz(allTargets(), { seed, ...limit });
      if (failure === undefined) return;
      throw new Error(
        `${failure.target}: ${failure.problem}. Run it alone: ` +
          `npm run fuzz -- --seed ${seed} --only ${failure.number}`,
        { cause: failure.error },
      );
    },
    { timeoutMs: 60_000 },
  );
}

for (const name of fixtureNames()) {
  const fixture = readFixture(FIXTURES + name);
  test(`fixture ${name}: ${fixture.problem}`, async () => {
    const target = targetOf(fixture.target);
    const close = openAll([target]);
    try {
      await target.run(fixture.input);
    } finally {
      await close();
    }
  });
}

test("fixtures exist", () => {
  assertEquals(fixtureNames().length > 0, true);
});
