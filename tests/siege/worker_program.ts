/** Test support. The workers of the pipeline under siege: one that listens for its jobs, and one that only connects. */
import process from "node:process";
import { defineStep } from "@agentzero/agentzero/pipeline";
import { startMeter } from "./meter.ts";

const { pipeline } = JSON.parse(process.argv[2]!) as {
  readonly pipeline: string;
};

process.stdin.resume().on("close", () => process.exit(1)); // its parent is gone
/** How many jobs ran that no honest client submitted. */
let forged = 0;
const double = defineStep("double", (n: { readonly honest: number }) => {
  if (n?.honest === undefined) forged++;
  return 2 * n.honest;
});
const bind = "tcp://127.0.0.1:*";
const run = await double.run({ pipeline, concurrency: 4, bind });
const connected = await double.run({ pipeline, concurrency: 4 });
startMeter(() => ({ forged }));
console.log(process.pid, JSON.stringify({ worker: run.address }));
await Promise.race([run.closed, connected.closed]);
process.exit(2); // no honest peer asked it to
