/**
 * Example: majordomo. A worker as a process: converts text to upper case.
 *
 *     worker_process.ts ADDRESS [--hang-at TEXT] [--heartbeat MS]
 *
 * At the text to hang at it prints that and never answers, so that it can be
 * killed.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { endWithParent } from "../support/child.ts";
import { MajordomoWorker } from "./worker.ts";

const { values, positionals: [address] } = parseArgs({
  allowPositionals: true,
  options: {
    "hang-at": { type: "string" },
    heartbeat: { type: "string", default: "1000" },
  },
});
const stop = new AbortController();
endWithParent((line) => {
  if (line === "stop") stop.abort();
});
const worker = new MajordomoWorker(address!, "upper", async ([text]) => {
  if (`${text}` === values["hang-at"]) {
    console.log(`hangs at ${text}`);
    await new Promise(() => {});
  }
  console.log(`served ${text}`);
  return [`${text}`.toUpperCase()];
}, { heartbeatMs: Number(values.heartbeat) });
await worker.run(stop.signal);
process.exit(0);
