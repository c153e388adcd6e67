/**
 * Test support. Runs inputs until their number or the time is over, or one
 * fails. Input number `n` of a seed is the same whenever and wherever it is run.
 *
 * @module
 */
import process from "node:process";
import { minimise, problemOf } from "./minimise.ts";
import { withoutStacks } from "./quiet_errors.ts";
import { Random } from "./random.ts";
import type { Input, Target } from "./target.ts";

/** How far to go. */
export interface RunOptions {
  readonly seed: number;
  /** The number of the first input. Default: 0. */
  readonly first?: number;
  /** At most so many inputs. */
  readonly inputs?: number;
  /** At most so many seconds. */
  readonly seconds?: number;
  /** Called with the number of each input before it runs. */
  readonly onInput?: (number: number) => void;
  /** Called now and then with the number of inputs that have run, and the seconds. */
  readonly onProgress?: (inputs: number, seconds: number) => void;
}

/** What a run found. */
export interface Report {
  readonly inputs: number;
  readonly seconds: number;
  /** The most memory the process had, in bytes. */
  readonly peakBytes: number;
  /** How often each outcome occurred, by target. */
  readonly outcomes: ReadonlyMap<string, Map<string, number>>;
  readonly failure: Failure | undefined;
}

/** An input that failed. */
export interface Failure {
  readonly target: string;
  readonly number: number;
  readonly problem: string;
  /** As small as it could be made. */
  readonly input: Input;
  /** With its stack. */
  error: unknown;
}

/** So many inputs run before the clock, the memory and others have a look. */
const BATCH = 1000;

/** Runs inputs for these targets. */
export async function fuzz(
  targets: readonly Target[],
  options: RunOptions,
): Promise<Report> {
  const { seed, first = 0, inputs = Infinity, seconds = Infinity } = options;
  const { onInput, onProgress } = options;
  const wheel = targets.flatMap((target) => {
    return Array.from({ length: target.share }, () => target);
  });
  const outcomes = new Map(
    targets.map(({ name }) => [name, new Map<string, number>()]),
  );
  const random = Random.of(seed);
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const close = openAll(targets);
  const withStacks = withoutStacks();
  let peakBytes = memory();
  let count = 0;
  let failure: Failure | undefined;
  try {
    while (failure === undefined && count < inputs && elapsed() < seconds) {
      const end = Math.min(inputs, count + BATCH);
      for (; count < end; count++) {
        const number = first + count;
        onInput?.(number);
        random.restart(seed, number);
        const target = random.pick(wheel);
        const input = target.generate(random);
        try {
          const outcome = target.run(input);
          const tally = outcomes.get(target.name)!;
          const what = typeof outcome === "string" ? outcome : await outcome;
          tally.set(what, (tally.get(what) ?? 0) + 1);
        } catch (error: unknown) {
          failure = await failureOf(target, number, input, error);
          break;
        }
      }
      peakBytes = Math.max(peakBytes, memory());
      onProgress?.(count, elapsed());
      await new Promise((resolve) => setImmediate(resolve));
    }
    withStacks();
    // Once more, for the stack.
    if (failure !== undefined) await explain(targets, failure);
  } finally {
    withStacks();
    await close();
  }
  return { inputs: count, seconds: elapsed(), peakBytes, outcomes, failure };
}

/** The memory of the process, in bytes. */
function memory(): number {
  return process.memoryUsage().rss;
}

/** Makes targets ready, for those who run single inputs; returns what undoes that. */
export function openAll(targets: readonly Target[]): () => Promise<void> {
  const undo = targets.flatMap((target) => target.open?.() ?? []);
  return async () => {
    for (const one of undo.reverse()) await one();
  };
}

async function failureOf(
  target: Target,
  number: number,
  input: Input,
  error: unknown,
): Promise<Failure> {
  const small = await minimise(target, input);
  const problem = await problemOf(target, small) ?? String(error);
  return { target: target.name, number, problem, input: small, error };
}

async function explain(
  targets: readonly Target[],
  failure: Failure,
): Promise<void> {
  try {
    await targets.find(({ name }) => name === failure.target)!
      .run(failure.input);
  } catch (error: unknown) {
    failure.error = error;
  }
}
