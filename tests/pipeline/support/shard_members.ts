/**
 * Test support. Processes of a pipeline with shards, as far as they can be in one
 * process.
 *
 * @module
 */
import {
  type PipelineOptions,
  type ShardMember,
  standByShards,
} from "@agentzero/agentzero/pipeline";
import { postgresStore } from "@agentzero/agentzero/pipeline/postgres";
import {
  deferred,
  eventually,
  type TestContext,
} from "../../support/harness.ts";
import { postgresServer, uniqueName } from "../store/postgres_server.ts";
import { ran, square } from "./squares.ts";

/** A process that takes part. */
export interface Joined {
  readonly member: ShardMember;
  /** Where clients and workers find it. */
  readonly address: string;
  readonly end: () => Promise<void>;
  readonly running: Promise<void>;
}

/** Takes part until the test ends. */
export async function joinShards(
  t: TestContext,
  name: string,
  shards = 2,
  options: Partial<PipelineOptions> = {},
): Promise<Joined> {
  const { url } = await postgresServer();
  const ending = new AbortController();
  const listening = deferred<ShardMember>();
  const running = standByShards(
    { name, steps: [square], onError: () => {}, ...options },
    {
      shards,
      storeOf: (shard) =>
        postgresStore(url, { name, shard, leaderLeaseMs: 3000 }),
      listen: { port: 0 },
      signal: ending.signal,
      onListening: (_address, member) => listening.resolve(member),
    },
  );
  running.catch((error) => listening.reject(error));
  const end = () => {
    ending.abort();
    return running;
  };
  t.cleanup(() => end().catch(() => {}));
  const member = await listening.promise;
  return { member, address: member.address, end, running };
}

/** Two processes, of which the first has had all shards before the second came. */
export async function twoMembers(
  t: TestContext,
  shards = 2,
  options: Partial<PipelineOptions> = {},
): Promise<
  { name: string; first: Joined; second: Joined; pipeline: string[] }
> {
  ran.clear();
  const name = uniqueName();
  const first = await joinShards(t, name, shards, options);
  const hasAll = () => first.member.led.size === shards;
  await eventually(hasAll, 20_000, "all shards at the first");
  const second = await joinShards(t, name, shards, options);
  return { name, first, second, pipeline: [first.address, second.address] };
}
