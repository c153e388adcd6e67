/**
 * Test support. The pipeline of the chaos test, with its store on disk. What it
 * warns of it writes to its output.
 */
import process from "node:process";
import {
  type Limits,
  type ListenOptions,
  Pipeline,
  sqliteStore,
} from "@agentzero/agentzero/pipeline";
import { makeFlows } from "./flows.ts";

const { path, listen, limits } = JSON.parse(process.argv[2]!) as {
  readonly path: string;
  readonly listen: ListenOptions;
  readonly limits: Partial<Limits>;
};
process.stdin.resume().on("close", () => process.exit(1)); // its parent is gone
// Others do the work.
const { flows } = makeFlows({ process: "", begin() {}, end() {} }, 0);
const pipeline = new Pipeline({
  name: "chaos",
  flows,
  store: sqliteStore(path),
  onError: (error) =>
    console.log(JSON.stringify({ ...error, message: error.message })),
  ...limits,
});
console.log(process.pid, JSON.stringify(await pipeline.listen(listen)));
