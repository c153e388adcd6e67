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
  standByShards,
} from "@agentzero/agentzero/pipeline";
import { postgresStore } from "@agentzero/agentzero/pipeline/postgres";
import { makeFlows } from "./flows.ts";

const { url, leaderLeaseMs, listen, limits, shards = 0 } = JSON.parse(
  process.argv[2]!,
) as {
  readonly url: string;
  readonly leaderLeaseMs: number;
  readonly listen: ListenOptions & { readonly requests: number };
  /** How many shards the pipeline has; 0, the default, for none. */
  readonly shards?: number;
  readonly limits: Partial<Limits>;
};
process.stdin.resume().on("close", () => process.exit(1)); // its parent is gone
const ending = new AbortController();
process.once("SIGTERM", () => ending.abort());
const { flows } = makeFlows({ process: "", begin() {}, end() {} }, 0);
const definition = {
  name: "chaos",
  flows,
  onError: (error: Error) => console.log(`warns ${error.message}`),
  ...limits,
};
const { signal } = ending;
console.log(process.pid, "started");
if (shards > 0) {
  await standByShards(definition, {
    shards,
    storeOf: (shard) =>
      postgresStore(url, { name: "chaos", shard, leaderLeaseMs }),
    listen: { port: listen.requests },
    signal,
    onLeading: (_pipeline, _addresses, { index }) => {
      console.log(`leads ${index}`);
      return () => console.log(`hands over ${index}`);
    },
    onFenced: () => console.log("replaced"),
    onStandby: () => console.log("stands by"),
  });
} else {
  const store = postgresStore(url, { name: "chaos", leaderLeaseMs });
  await standBy(() => new Pipeline({ ...definition, store }), {
    listen: { ...listen, onStandby: () => console.log("stands by") },
    signal,
    onLeading: () => console.log("leads"),
    onFenced: () => console.log("replaced"),
  });
}
process.exit(0);
