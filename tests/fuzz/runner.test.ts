/**
 * Tests of fuzzing itself: it finds what is wrong, makes it small, and can do
 * it again.
 */
import { assert, assertEquals } from "@std/assert";
import { toHex } from "../support/bytes.ts";
import { test } from "../support/harness.ts";
import { readFixture, writeFixture } from "./fixture.ts";
import { chooseCuts } from "./mutate.ts";
import { Random } from "./random.ts";
import { fuzz } from "./runner.ts";
import { demand, type Input, type Target } from "./target.ts";
import { allTargets } from "./targets/mod.ts";

/** Fails where a 7 follows a 7 in another chunk. */
function flawed(): Target {
  return {
    name: "flawed",
    share: 1,
    generate(random: Random): Input {
      const bytes = new Uint8Array(random.below(200));
      for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(12);
      const cuts = chooseCuts(random, bytes.length);
      return { setup: { kind: "any" }, bytes, cuts };
    },
    run({ bytes, cuts }: Input): string {
      const isWrong = cuts.some((cut) =>
        cut > 0 && bytes[cut - 1] === 7 && bytes[cut] === 7
      );
      demand(!isWrong, "two sevens");
      return "fine";
    },
  };
}

test("a failure is found reproducibly, and minimised", async () => {
  const run = () => fuzz([flawed()], { seed: 5, inputs: 10_000 });
  const { failure, inputs } = await run();
  assertEquals((await run()).failure?.number, failure?.number);
  assertEquals(failure?.number, inputs);
  assertEquals(failure?.problem, "Flaw: two sevens");
  assertEquals(toHex(failure!.input.bytes), "0707");
  assertEquals(failure!.input.cuts, [1]);
  assert(String((failure!.error as Error).stack).includes("runner.test"));
});

test("an input can be run alone by its number", async () => {
  const { failure } = await fuzz([flawed()], { seed: 5, inputs: 10_000 });
  const first = failure!.number;
  const alone = await fuzz([flawed()], { seed: 5, first, inputs: 1 });
  assertEquals(alone.failure?.number, first);
  const before = await fuzz([flawed()], { seed: 5, inputs: first });
  assertEquals(before.failure, undefined);
  assertEquals(before.outcomes.get("flawed")!.get("fine"), first);
});

test("a failure survives being written to a file", async (t) => {
  const { failure } = await fuzz([flawed()], { seed: 5, inputs: 10_000 });
  const folder = `${await t.tempDir()}/deep/`;
  const { target, problem, input } = readFixture(
    writeFixture(failure!, folder),
  );
  assertEquals({ target, problem }, {
    target: "flawed",
    problem: "Flaw: two sevens",
  });
  assertEquals(input.setup, failure!.input.setup);
  assertEquals(input.cuts, failure!.input.cuts);
  assertEquals(toHex(input.bytes), toHex(failure!.input.bytes));
});

for (const { name } of allTargets()) {
  test(`the inputs for "${name}" depend on nothing but seed and number`, async () => {
    const made = async () => {
      const target = allTargets().find((target) => target.name === name)!;
      const close = target.open?.();
      const inputs: string[] = [];
      for (let number = 40; number > 0; number--) {
        // Whatever was made or run before.
        target.generate(Random.of(9, number * 1000));
        const { setup, bytes, cuts } = target.generate(Random.of(9, number));
        inputs.unshift(`${JSON.stringify(setup)} ${cuts} ${toHex(bytes)}`);
        if (number % 2 === 0) await target.run({ setup, bytes, cuts });
      }
      await close?.();
      return inputs;
    };
    const inputs = await made();
    assertEquals(await made(), inputs);
    assert(new Set(inputs).size > 20, "they hardly differ");
  });
}

test("the shares of all targets make 1,000", () => {
  const shares = allTargets().map(({ share }) => share);
  assertEquals(shares.reduce((a, b) => a + b), 1000);
});
