/**
 * Example: the file pipeline. A worker: a process that does the jobs of one
 * step. Start any number, on Deno, Node or Bun, also by hand while the
 * demo runs:
 *
 *     bun examples/file_pipeline/worker.ts calculate-hash one-more tcp://127.0.0.1:PORT
 *
 * @module
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { type AnyStep, defineStep } from "@agentzero/agentzero/pipeline";
import { endSignal } from "./parent.ts";
import { steps } from "./steps/mod.ts";

const [jobType, name, pipeline = "", slowMs = "0"] = process.argv.slice(2);
const step = steps.find((step) => step.jobType === jobType);
if (step === undefined) throw new RangeError(`There is no step "${jobType}"`);

const run = await slowed(step, Number(slowMs)).run({
  pipeline,
  name,
  concurrency: 4, // jobs at a time
  prefetch: 4, // further jobs that it holds ready, since they are short
  signal: endSignal(), // then it finishes its jobs, and stops
});
await run.closed;
process.exit();

/** The same step with slower jobs, to watch them. */
function slowed(step: AnyStep, ms: number): AnyStep {
  if (ms === 0) return step;
  return defineStep(step.jobType, async (payload: never, context) => {
    await sleep(ms, undefined, { signal: context.signal });
    return step.handler(payload, context);
  });
}
