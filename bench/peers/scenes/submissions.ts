/**
 * Benchmark peers. Jobs that are submitted and not run: one by one, so many at a
 * time, or in lists. Who takes them is for the peer to say.
 *
 * @module
 */
import { answer, type Arguments, type Scene } from "../support.ts";

/** Submits jobs. */
export interface Submitter {
  /** Submits one. */
  one(n: number): Promise<unknown>;
  /** Submits a list of them in one call. */
  many(list: number[]): Promise<unknown>;
  close(): Promise<void>;
}

/** How many jobs a list has. */
const LIST = 1000;

/**
 * `submitter connect= warm= count= window= [list]`: gives the milliseconds that
 * `count` submissions took after the first ones, so many at a time, or two lists
 * at a time.
 */
export function submitterScene(
  connect: (args: Arguments) => Promise<Submitter>,
): Scene {
  return async (args) => {
    const submitter = await connect(args);
    const count = args.number("count");
    const submit = args.has("list")
      ? (count: number) => inLists(submitter, count)
      : (count: number) => oneByOne(submitter, count, args.number("window"));
    await submit(args.number("warm")); // until all is compiled
    const start = performance.now();
    await submit(count);
    answer({ ms: performance.now() - start });
    await submitter.close();
  };
}

async function oneByOne(
  { one }: Submitter,
  count: number,
  window: number,
): Promise<void> {
  let next = 0;
  const some = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: window }, some));
}

async function inLists({ many }: Submitter, count: number): Promise<void> {
  let next = 0;
  const some = async () => {
    while (next < count) {
      const length = Math.min(LIST, count - next);
      const start = next;
      next += length;
      await many(Array.from({ length }, (_, i) => start + i));
    }
  };
  await Promise.all([some(), some()]);
}
