/**
 * Test support. Opens the store of a pipeline that is gone, and writes all that
 * it has into a file: a line for each flow.
 */
import { appendFileSync } from "node:fs";
import process from "node:process";
import { type FlowRecord, sqliteStore } from "@agentzero/agentzero/pipeline";

const { path, to } = JSON.parse(process.argv[2]!) as {
  readonly path: string;
  readonly to: string;
};
const store = sqliteStore(path);
await store.open();
let page: FlowRecord[] = [];
do {
  page = store.flows({ limit: 500, before: page.at(-1)?.id });
  const lines = page.map((flow) => {
    const jobs = store.jobsOf(flow.id);
    const events = jobs.flatMap(({ id }) => store.events(id));
    return `${JSON.stringify({ flow, jobs, events })}\n`;
  });
  appendFileSync(to, lines.join(""));
} while (page.length > 0);
await store.close();
console.log(process.pid, "done");
