/**
 * Test support. A worker process of the chaos test: all steps, and an activity
 * log of what they do.
 */
import process from "node:process";
import { makeFlows } from "./flows.ts";
import { ActivityWriter } from "./activity_log.ts";

const { pipeline, name, dir, workMs } = JSON.parse(
  process.argv[2]!,
) as {
  readonly pipeline: string | readonly string[];
  readonly name: string;
  readonly dir: string;
  readonly workMs: number;
};
process.stdin.resume().on("close", () => process.exit(1)); // its parent is gone
const { steps } = makeFlows(new ActivityWriter(dir, name), workMs);
const runs = await Promise.all(
  steps.map((step) =>
    step.run({
      pipeline,
      concurrency: 4,
      prefetch: 4,
      drainOnSignals: true,
    })
  ),
);
console.log(process.pid, JSON.stringify(runs.map(({ id }) => id)));
await Promise.all(runs.map(({ closed }) => closed));
process.exit(0);
