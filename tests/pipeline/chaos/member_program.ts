/**
 * Test support. A process of a pipeline over PostgreSQL, of which several run. Says
 * when it leads, and when it has been replaced.
 */
import process from "node:process";
import {
  type Limits,
  type ListenOptions,
  Pipeline,
  standBy,
} from "@agentzero/agentzero/pipeline";
import { postgresStore } from "@agentzero/agentzero/pipeline/postgres";
import { makeFlows } from "./flows.ts";

const { url, leaderLeaseMs, listen, limits } = JSON.parse(
  process.argv[2]!,
) as {
  readonly url: string;
  readonly leaderLeaseMs: number;
  readonly listen: ListenOptions;
  readonly limits: Partial<Limits>;
};
process.stdin.resume().on("close", () => process.exit(1)); // its parent is gone
const ending = new AbortController();
process.once("SIGTERM", () => ending.abort());
const { flows } = makeFlows({ process: "", begin() {}, end() {} }, 0);
const store = postgresStore(url, { name: "chaos", leaderLeaseMs });
console.log(process.pid, "started");
await standBy(
  () =>
    new Pipeline({
      name: "chaos",
      flows,
      store,
      onError: (error) => console.log(`warns ${error.message}`),
      ...limits,
    }),
  {
    listen: { ...listen, onStandby: () => console.log("stands by") },
    signal: ending.signal,
    onLeading: () => console.log("leads"),
    onFenced: () => console.log("replaced"),
  },
);
process.exit(0);
