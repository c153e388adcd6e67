/**
 * Benchmarks. Contenders take turns within a round, so that what the machine
 * does besides hits them alike; a ratio is made within a round.
 *
 * @module
 */
import type { Contender } from "./contenders.ts";

/** How many measure at the same time in a short run. */
const AT_A_TIME = 3;

/** What one measurement gave, by name. */
export type Sample = Readonly<Record<string, number>>;

/** The samples of each contender, one a round; those who failed have none. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** How thorough a run is. */
export interface Effort {
  /** Whether it is only to be seen that all works. */
  readonly isShort: boolean;
  readonly rounds: number;
  /** How long one measurement takes, about. */
  readonly seconds: number;
}

/** Counts of measurements, as of tests. */
export class Tally {
  passed = 0;
  failed = 0;
  /** Why somebody took no part. */
  readonly skipped: Map<string, string> = new Map();
  /** How many measurements were not made for that. */
  skips = 0;
}

/** Runs the rounds. */
export class Rounds {
  readonly effort: Effort;
  readonly #tally: Tally;
  readonly #log: (line: string) => void;

  constructor(effort: Effort, tally: Tally, log: (line: string) => void) {
    this.effort = effort;
    this.#tally = tally;
    this.#log = log;
  }

  /** As many as the run makes, or, where it is short, only a few. */
  count(full: number, short: number): number {
    return this.effort.isShort ? short : full;
  }

  /** All cases, or, where the run is short, the first and the last. */
  cases<T>(all: readonly T[]): T[] {
    return all.filter((_, i) =>
      !this.effort.isShort || i === 0 || i === all.length - 1
    );
  }

  /**
   * Measures all contenders in each round.
   *
   * @param what For people.
   * @param contenders Those who are missing are noted.
   * @param measure Makes one measurement.
   */
  async play(
    what: string,
    contenders: readonly Contender[],
    measure: (contender: Contender, round: number) => Promise<Sample>,
  ): Promise<Samples> {
    const samples = new Map<string, Sample[]>();
    const present = contenders.filter(({ name, missing }) => {
      if (missing === undefined) return true;
      this.#tally.skipped.set(name, missing);
      this.#tally.skips++;
      return false;
    });
    for (const { name } of present) samples.set(name, []);
    const once = async (contender: Contender, round: number) => {
      const own = samples.get(contender.name);
      if (own === undefined) return;
      try {
        const sample = await measure(contender, round);
        if (round > 0) own.push(sample);
      } catch (error) {
        const { message } = error as Error;
        this.#log(`FAIL  ${what}, ${contender.name}: ${message}`);
        samples.delete(contender.name);
      }
    };
    if (this.effort.isShort) {
      // No times are judged: several may run at a time, though not so many that
      // the processes of one take all their time to start.
      const waiting = [...present];
      const some = async () => {
        for (let next; (next = waiting.shift());) await once(next, 1);
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, some));
    } else {
      for (let round = 0; round <= this.effort.rounds; round++) { // 0 warms up
        for (const contender of present) await once(contender, round);
      }
    }
    this.#tally.passed += samples.size;
    this.#tally.failed += present.length - samples.size;
    this.#log(`${what}: ${samples.size} of ${present.length}`);
    return samples;
  }

  /**
   * Measures rates: finds out in round 0 how many messages fill the time.
   *
   * @param first How many to begin with.
   * @param measure Sends so many messages; gives the milliseconds, and what else it saw.
   */
  rates(
    what: string,
    contenders: readonly Contender[],
    first: number,
    measure: (
      contender: Contender,
      count: number,
    ) => Promise<Sample & { ms: number }>,
  ): Promise<Samples> {
    const { seconds, isShort } = this.effort;
    const counts = new Map<string, number>();
    return this.play(what, contenders, async (contender) => {
      const count = isShort
        ? Math.min(first, 200)
        : counts.get(contender.name) ?? first;
      const { ms, ...rest } = await measure(contender, count);
      const rate = (rest.received ?? count - 1) / Math.max(ms, 0.001) * 1000;
      counts.set(contender.name, Math.max(100, Math.ceil(rate * seconds)));
      return { ...rest, rate };
    });
  }
}

/** The middle of what was seen, and its ends. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The spread of a value over the rounds. */
export function spreadOf(samples: readonly Sample[], name: string): Spread {
  return spread(samples.map((sample) => sample[name] ?? NaN));
}

/** The spread of the ratio to somebody else, made within each round. */
export function ratioOf(
  samples: readonly Sample[],
  others: readonly Sample[],
  name: string,
): Spread {
  return spread(ratios(samples, others, name));
}

/** The quartiles of that ratio; the second one is the median. */
export function quartilesOfRatio(
  samples: readonly Sample[],
  others: readonly Sample[],
  name: string,
): number[] {
  const sorted = ratios(samples, others, name).sort((a, b) => a - b);
  return [0.25, 0.5, 0.75].map((share) =>
    sorted[Math.round(share * (sorted.length - 1))] ?? NaN
  );
}

function ratios(
  samples: readonly Sample[],
  others: readonly Sample[],
  name: string,
): number[] {
  return samples.map((sample, i) => sample[name]! / (others[i]?.[name] ?? NaN));
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: sorted[sorted.length >> 1] ?? NaN,
    least: sorted[0] ?? NaN,
    most: sorted.at(-1) ?? NaN,
  };
}
