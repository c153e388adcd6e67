/**
 * Test support. A pipeline, its steps and a client, for a process that has no
 * `@opentelemetry/api`: it writes whether that is so, and the result. It is no
 * TypeScript, so that the npm package is tried with it before anything else is
 * installed.
 */
import {
  defineStep,
  Pipeline,
  PipelineClient,
} from "@agentzero/agentzero/pipeline";

const name = "@opentelemetry/api";
const isMissing = await import(name).then(() => false, () => true);

const double = defineStep("double", (n) => 2 * n);
const show = defineStep("show", (n) => `it is ${n}`);
const pipeline = new Pipeline({ name: "plain", steps: [double, show] });
const { requests } = await pipeline.listen({ port: 0 });
const runs = [
  await double.run({ pipeline: requests }),
  await show.run({ pipeline: requests }),
];
const client = new PipelineClient({ pipeline: requests });
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const ids = [
  await client.submit(double, 21, { traceparent }),
  await pipeline.submit(double, 4),
];
for (const id of ids) console.log(isMissing, await client.result(id));
await client.close();
await Promise.all(runs.map((run) => run.close()));
await pipeline.close();
