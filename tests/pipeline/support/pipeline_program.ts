/**
 * Test support. A pipeline in a process of its own, with its store on disk.
 */
import process from "node:process";
import {
  defineStep,
  type ListenOptions,
  Pipeline,
  sqliteStore,
} from "@agentzero/agentzero/pipeline";

const { path, listen } = JSON.parse(process.argv[2]!) as {
  readonly path: string;
  readonly listen: ListenOptions;
};
// Others do the work.
const where = defineStep("where", (n: number) => ({ n, pid: 0 }));
const pipeline = new Pipeline({
  name: "test",
  steps: [where],
  store: sqliteStore(path),
});
console.log(process.pid, JSON.stringify(await pipeline.listen(listen)));
