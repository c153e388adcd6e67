/**
 * Test support. Makes an input that fails smaller, as long as it fails in the
 * same way: first fewer cuts, then fewer bytes.
 *
 * @module
 */
import type { Input, Target } from "./target.ts";

/** No more runs than these, and no more time: a long one looks like a hang. */
const MOST = 3000;
const MOST_MS = 10_000;

/** What went wrong with an input; `undefined` if nothing did. */
export async function problemOf(
  target: Target,
  input: Input,
): Promise<string | undefined> {
  try {
    await target.run(input);
    return undefined;
  } catch (error: unknown) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

/** The smallest input found that fails like this one; with memory of its own. */
export async function minimise(target: Target, input: Input): Promise<Input> {
  let best: Input = { ...input, bytes: input.bytes.slice() };
  const kind = kindOf(await problemOf(target, best));
  let runs = 0;
  const end = performance.now() + MOST_MS;
  const accepts = async (candidate: Input): Promise<boolean> => {
    if (++runs > MOST || performance.now() > end) return false;
    if (kindOf(await problemOf(target, candidate)) !== kind) return false;
    best = candidate;
    return true;
  };
  for (const cuts of [[], ...best.cuts.map((cut) => [cut])]) {
    if (best.cuts.length > cuts.length) await accepts({ ...best, cuts });
  }
  for (let step = best.bytes.byteLength >> 1; step > 0; step >>= 1) {
    for (let at = 0; at < best.bytes.byteLength;) {
      if (!await accepts(without(best, at, step))) at += step;
    }
  }
  return best;
}

/** Numbers, and what is quoted, do not make another kind. */
function kindOf(problem: string | undefined): string | undefined {
  return problem?.replace(/".*"/gs, '""').replace(/\d+/g, "0");
}

function without(input: Input, at: number, count: number): Input {
  const { bytes, cuts } = input;
  const size = bytes.byteLength;
  const rest = new Uint8Array(size - Math.min(count, size - at));
  rest.set(bytes.subarray(0, at));
  rest.set(bytes.subarray(at + count), at);
  const moved = cuts.map((cut) => cut <= at ? cut : Math.max(at, cut - count));
  return { ...input, bytes: rest, cuts: moved };
}
