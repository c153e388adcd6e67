/**
 * Fuzzes what reads bytes from peers. It stops at the first input that breaks
 * something, makes it small, and writes it to `tests/fixtures/fuzz/`, where the
 * tests find it.
 *
 *     npm run fuzz -- [--seconds 60] [--inputs N] [--seed N] [--target NAME]
 *     deno task fuzz ...                  the same on Deno
 *     bun scripts/fuzz.ts ...             the same on Bun
 *     npm run fuzz -- --seed N --only N   one input of a seed, by its number
 *     npm run fuzz -- --replay FILE       a fixture
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { toHex } from "../tests/support/bytes.ts";
import { readFixture, writeFixture } from "../tests/fuzz/fixture.ts";
import { describe } from "../tests/fuzz/report.ts";
import { fuzz, openAll } from "../tests/fuzz/runner.ts";
import { allTargets, targetOf } from "../tests/fuzz/targets/mod.ts";
import { Watchdog } from "../tests/fuzz/watchdog.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    inputs: { type: "string" },
    seed: { type: "string" },
    target: { type: "string" },
    only: { type: "string" },
    replay: { type: "string" },
  },
});

process.exitCode = values.replay === undefined
  ? await run()
  : await replay(values.replay);

async function run(): Promise<number> {
  const seed = whole("seed") ?? Math.floor(Math.random() * 2 ** 31);
  const only = whole("only");
  const inputs = only === undefined ? whole("inputs") : 1;
  const seconds = whole("seconds") ?? (inputs === undefined ? 60 : Infinity);
  const targets = values.target === undefined
    ? allTargets()
    : [targetOf(values.target)];
  const again = `--seed ${seed}` +
    (values.target === undefined ? "" : ` --target ${values.target}`);
  const { bun, deno, node } = process.versions;
  const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${node}`;
  console.log(`Fuzzing on ${runtime} with ${again}`);
  const watchdog = new Watchdog(`npm run fuzz -- ${again} --only `);
  const report = await fuzz(targets, {
    seed,
    first: only,
    inputs,
    seconds,
    onInput: watchdog.see,
    onProgress: reportProgress(),
  });
  await watchdog.stop();
  console.log(describe(report, targets));
  const { failure } = report;
  if (failure === undefined) return 0;
  console.error(
    `\nInput ${failure.number} (${again} --only ${failure.number})`,
  );
  console.error(failure.error);
  const { setup, cuts, bytes } = failure.input;
  console.error(JSON.stringify(setup), `cuts ${JSON.stringify(cuts)}`);
  console.error(toHex(bytes.subarray(0, 512)));
  console.error(`Written to ${writeFixture(failure)}`);
  return 1;
}

/** Says every ten seconds how far it is. */
function reportProgress(): (inputs: number, seconds: number) => void {
  let next = 10;
  return (inputs, seconds) => {
    if (seconds < next) return;
    next = seconds + 10;
    console.error(`${inputs} inputs in ${Math.round(seconds)} s`);
  };
}

async function replay(path: string): Promise<number> {
  const fixture = readFixture(path);
  const target = targetOf(fixture.target);
  const close = openAll([target]);
  try {
    console.log(`${path}: ${await target.run(fixture.input)}`);
    return 0;
  } catch (error: unknown) {
    console.error(error);
    return 1;
  } finally {
    await close();
  }
}

/** A number among the arguments. */
function whole(
  name: "seconds" | "inputs" | "seed" | "only",
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RangeError(`--${name} needs a whole number, not "${text}"`);
}
