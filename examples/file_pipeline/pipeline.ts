/**
 * Example: the file pipeline. The process that stores every job until it is
 * completed, and dispatches jobs to workers.
 *
 *     pipeline.ts PLACES [store.db]
 *
 * `PLACES` is JSON with the endpoints. The first line of output is the same with
 * the actual ports; a process that is restarted with that line listens there
 * again, so that workers and clients find it.
 *
 * @module
 */
import process from "node:process";
import {
  type ListenOptions,
  memoryStore,
  Pipeline,
  sqliteStore,
} from "@agentzero/agentzero/pipeline";
import { dashboard, serveHttp } from "@agentzero/agentzero/pipeline/http";
import { endSignal } from "./parent.ts";
import { steps } from "./steps/mod.ts";

/** Where the process listens: ports or addresses; 0 for any free port. */
export interface Places extends ListenOptions {
  /** The port of the dashboard; without it there is none. */
  readonly dashboard?: number;
}

const [places = "{}", file] = process.argv.slice(2);
const { dashboard: port, ...listen }: Places = JSON.parse(places);
const end = endSignal();

const pipeline = new Pipeline({
  name: "files",
  steps,
  store: file === undefined ? memoryStore() : sqliteStore(file),
});
const addresses = await pipeline.listen(listen);

if (port === undefined) {
  console.log(JSON.stringify(addresses));
} else {
  // Not an argument, which every user of this machine could read.
  const handler = dashboard(pipeline, { token: process.env["TOKEN"] });
  const server = await serveHttp(handler, { port });
  console.log(JSON.stringify({ ...addresses, dashboard: server.port }));
  console.log(`Dashboard: ${handler.link(server.url)}`);
}

if (!end.aborted) {
  await new Promise((resolve) => end.addEventListener("abort", resolve));
}
await pipeline.close();
process.exit();
