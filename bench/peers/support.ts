/**
 * Benchmark peers. What the programs in this folder share: arguments such as
 * `count=100`, one JSON line an answer, percentiles, memory. It knows no ZeroMQ.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";

/** So many ticks, of a millisecond each, are the time. */
const TICKS = 10;

/** The arguments of a program: `name=value` each. */
export class Arguments {
  readonly #values: Map<string, string>;

  constructor(words: readonly string[]) {
    this.#values = new Map(
      words.map((word) => {
        const at = word.indexOf("=");
        return [word.slice(0, at), word.slice(at + 1)];
      }),
    );
  }

  /** A value that must be there. */
  text(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) {
      throw new Error(`The argument ${name}= is missing`);
    }
    return value;
  }

  /** A number; the fallback where it is not there. */
  number(name: string, fallback?: number): number {
    const value = this.#values.get(name);
    if (value === undefined && fallback !== undefined) return fallback;
    return Number(this.text(name));
  }

  /** Whether it was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }
}

/** One scene: what a program does from its start to its end. */
export type Scene = (args: Arguments) => Promise<void>;

/** Runs the scene that the command line names. */
export async function play(
  scenes: Readonly<Record<string, Scene>>,
): Promise<void> {
  const [name = "", ...words] = process.argv.slice(2);
  const scene = scenes[name];
  if (scene === undefined) throw new Error(`There is no scene "${name}"`);
  await scene(new Arguments(words));
}

/** Prints an answer. */
export function answer(value: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** What the suite says to this program while it runs, line by line. */
export class Orders {
  readonly #waiting: ((line: string) => void)[] = [];
  readonly #lines: string[] = [];
  readonly #reader = createInterface({ input: process.stdin });

  constructor() {
    this.#reader
      .on("line", (line) => this.#take(line))
      .on("close", () => this.#take("stop"));
  }

  /** The next line; `stop` when no more come. */
  next(): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Stops reading, so that the program can end. */
  close(): void {
    this.#reader.close();
    process.stdin.destroy();
  }

  #take(line: string): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#lines.push(line);
    else waiting(line);
  }
}

/** p50, p99 and p99.9, by names that no unit is lost in. */
export function percentiles(
  values: readonly number[],
): { p50: number; p99: number; p999: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ??
      NaN;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}

/** By how much `performance` is ahead of the system's clock, in milliseconds. */
let aheadMs: number | undefined;

/**
 * Microseconds on a clock that processes of one machine share.
 *
 * A process that was held up while it noted when it began has a
 * `performance.timeOrigin` that is off: by 0.6 ms on a busy machine, as much as
 * a job takes. So the first call waits for some ticks of the system's clock;
 * being held up only makes one of them seem late, so the earliest is right.
 */
export function sharedClockUs(): number {
  const now = () => performance.timeOrigin + performance.now();
  if (aheadMs === undefined) {
    aheadMs = Infinity;
    for (let i = 0; i < TICKS; i++) {
      const last = Date.now();
      let tick = last;
      while (tick === last) tick = Date.now();
      aheadMs = Math.min(aheadMs, now() - tick);
    }
  }
  return (now() - aheadMs) * 1000;
}

/** A pause, or only a turn of the event loop. */
export function pause(ms = 0): Promise<void> {
  return new Promise((resolve) =>
    ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve)
  );
}

/** The memory of this process in bytes, once what is garbage is gone. */
export async function settledMemory(): Promise<number> {
  const { Bun, gc } = globalThis as {
    Bun?: { gc(isSync: boolean): void };
    gc?: () => void;
  };
  for (let i = 0; i < 3; i++) {
    Bun?.gc(true);
    gc?.();
    await pause(20);
  }
  return process.memoryUsage().rss;
}

/** The most memory this process ever had, in bytes. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}
