/**
 * Test support. A pipeline under siege, with its dashboard, at the defaults.
 * What it warns of is counted.
 */
import process from "node:process";
import { defineStep, flow, Pipeline } from "@agentzero/agentzero/pipeline";
import { dashboard, serveHttp } from "@agentzero/agentzero/pipeline/http";
import { startMeter } from "./meter.ts";

const { token } = JSON.parse(process.argv[2]!) as { readonly token: string };

process.stdin.resume().on("close", () => process.exit(1)); // its parent is gone
const double = defineStep(
  "double",
  (n: { readonly honest: number }) => 2 * n.honest,
);
const idle = defineStep("idle", (value: unknown) => value);
const lists = flow(defineStep("list", (all: number[]) => all), "lists");
let warnings = 0;
const pipeline = new Pipeline({
  name: "siege",
  steps: [double],
  flows: [flow(idle, "idle"), lists],
  onError: () => warnings++,
});
const { requests, results, events, feed } = await pipeline.listen({
  ...{ port: 0, results: 0, events: 0 }, // for workers of version 1, too
});
const server = await serveHttp(dashboard(pipeline, { token }), { port: 0 });
startMeter(() => ({ warnings }));
console.log(
  process.pid,
  JSON.stringify({ requests, results, events, feed, url: server.url }),
);
