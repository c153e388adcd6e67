/**
 * Test support. The flows of the chaos test. Each result says who made it, so
 * that what the store has can be held against what the handlers wrote down.
 *
 * @module
 */
import {
  type AnyStep,
  defineStep,
  type Flow,
  flow,
  type JobContext,
  type Step,
} from "@agentzero/agentzero/pipeline";

/** What is handed from step to step. */
export interface Piece {
  readonly n: number;
  /** The attempt that made it: see {@link markOf}. */
  readonly by: string;
}

/** What a chain begins with. */
export interface Task {
  readonly n: number;
  /** Blocks the event loop for so long. */
  readonly blockMs?: number;
}

/** The names of the flows. */
export type FlowName = "chain" | "tree";

/** How many items a tree has. */
const ITEMS = 3;
/** One in so many chains fails in its first attempt. */
const FAILING = 97;

/** Notes what a handler does; knows which process it is in. */
export interface Recorder {
  readonly process: string;
  begin(step: string, context: JobContext): void;
  end(step: string, context: JobContext, hasFailed: boolean): void;
}

/** What the flow of a submission gives. */
export function expected(flow: FlowName, n: number): number {
  if (flow === "chain") return (n + 1) * 10;
  let sum = 0;
  for (let item = 0; item < ITEMS; item++) sum += 2 * (n + item);
  return sum;
}

/** The jobs that a submission leads to. */
export function jobsOf(flow: FlowName, id: string): string[] {
  if (flow === "chain") return [id, `${id}.1`];
  const items = Array.from({ length: ITEMS }, (_, n) => `${id}.1.${n}`);
  return [id, ...items, `${id}.2`];
}

/** Names an attempt in a process. */
export function markOf(job: string, attempt: number, process: string): string {
  return `${job}#${attempt}@${process}`;
}

/**
 * The steps and the flows, with handlers that write down what they do.
 *
 * @param workMs How long that takes at most.
 */
export function makeFlows(recorder: Recorder, workMs: number): {
  readonly steps: readonly AnyStep[];
  readonly flows: readonly Flow<never, unknown>[];
} {
  const step = <I, O>(
    name: string,
    work: (input: I, by: string, context: JobContext) => O,
  ): Step<I, O> =>
    defineStep(name, async (input: I, context) => {
      recorder.begin(name, context);
      const { id, attempt } = context;
      let hasFailed = true;
      try {
        await pause(workMs * lengthOf(`${id} ${attempt}`));
        const output = work(
          input,
          markOf(id, attempt, recorder.process),
          context,
        );
        hasFailed = false;
        return output;
      } finally {
        recorder.end(name, context, hasFailed);
      }
    }, { retry: { attempts: 5, delayMs: 50, maxDelayMs: 200 } });
  const first = step("first", ({ n, blockMs }: Task, by, { attempt }) => {
    if (blockMs !== undefined) block(blockMs);
    else if (n % FAILING === 5 && attempt === 1) throw new Error("as planned");
    return { n: n + 1, by };
  });
  const second = step("second", ({ n }: Piece, by) => ({ n: n * 10, by }));
  const split = step(
    "split",
    ({ n }: Task, by) =>
      Array.from({ length: ITEMS }, (_, i) => ({ n: n + i, by })),
  );
  const part = step("part", ({ n }: Piece, by) => ({ n: n * 2, by }));
  const join = step("join", (parts: Piece[], by) => ({
    n: parts.reduce((sum, { n }) => sum + n, 0),
    by,
  }));
  const chain: Flow<Task, Piece> = flow(first, "chain").to(second);
  const tree: Flow<Task, Piece> = flow(split, "tree").each(part).to(join);
  return { steps: [first, second, split, part, join], flows: [chain, tree] };
}

/** From 0 to below 1, the same for the same attempt. */
function lengthOf(attempt: string): number {
  let sum = 0;
  for (const char of attempt) sum = (sum * 31 + char.codePointAt(0)!) % 10_007;
  return sum / 10_007;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
