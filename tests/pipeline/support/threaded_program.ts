/** Test support. One file that defines a step and runs it in threads of its own. */
import process from "node:process";
import { threadId } from "node:worker_threads";
import { defineStep, type RunOptions } from "@agentzero/agentzero/pipeline";

const inThread = defineStep("in-thread", () => threadId !== 0);

const options = JSON.parse(process.argv[2]!) as RunOptions;
const run = await inThread.run({
  ...options,
  threads: 2,
  module: import.meta.url,
  drainOnSignals: true,
});
console.log(process.pid, run.id);
await run.closed;
console.log("after the run", threadId);
