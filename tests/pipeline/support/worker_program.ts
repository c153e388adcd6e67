/**
 * Test support. A worker in a process of its own, on any runtime: it runs one
 * of the steps below for the pipeline that its argument names.
 */
import process from "node:process";
import { defineStep, type RunOptions } from "@agentzero/agentzero/pipeline";

/** Steps that other processes can run. */
const STEPS = {
  /** Returns which process did it. */
  where: defineStep("where", (n: number) => ({ n, pid: process.pid })),
  /** Does not end before it is aborted, unless it is its second attempt. */
  stuck: defineStep(
    "stuck",
    (_: unknown, { attempt, signal }) =>
      attempt > 1 ? process.pid : new Promise<number>((resolve) => {
        signal.addEventListener("abort", () => resolve(0));
      }),
  ),
  /** Blocks the event loop for so long. */
  block: defineStep("block", (ms: number) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return process.pid;
  }),
  /** Takes its time. */
  slow: defineStep("slow", async (ms: number) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return process.pid;
  }),
};

const { step, ...options } = JSON.parse(process.argv[2]!) as RunOptions & {
  readonly step: keyof typeof STEPS;
};
const run = await STEPS[step].run({ ...options, drainOnSignals: true });
console.log(process.pid, run.id);
await run.closed;
