/**
 * Test support. A worker in a process of its own, on any runtime, whose spans
 * go to the standard output: a line of JSON for each.
 */
import process from "node:process";
import * as api from "@opentelemetry/api";
import { defineStep, type RunOptions } from "@agentzero/agentzero/pipeline";
import { startTracing } from "./traces.ts";

startTracing((span) => console.log(JSON.stringify(span)));

const STEPS = {
  /** Makes a span of its own, after it has waited for something. */
  measure: defineStep("measure", async (text: string) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const tracer = api.trace.getTracer("the user's");
    return tracer.startActiveSpan("count letters", (span) => {
      span.end();
      return text.length;
    });
  }),
  /** Does not end. */
  hang: defineStep("hang", () => new Promise<number>(() => {})),
};

const { step, ...options } = JSON.parse(process.argv[2]!) as RunOptions & {
  readonly step: keyof typeof STEPS;
};
const run = await STEPS[step].run({ ...options, drainOnSignals: true });
console.log(process.pid, run.id);
await run.closed;
