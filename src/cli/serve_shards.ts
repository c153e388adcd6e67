/**
 * Layer: cli. `agentzero pipeline --shards`: the shards of a pipeline that this
 * process leads, until it is asked to terminate.
 *
 * @module
 */
import {
  type Pipeline,
  type PipelineAddresses,
  type PipelineError,
  type PipelineMember,
  type PipelineOptions,
  type Shard,
  standByShards,
} from "../pipeline/mod.ts";
import { type PostgresStore, postgresStore } from "../pipeline/postgres.ts";
import { usageError } from "./cli_error.ts";
import type { ServedDashboard } from "./dashboard.ts";
import type { Shell } from "./shell.ts";

/** The flags that concern shards. */
export interface ShardFlags {
  readonly shards?: number;
  readonly store?: string;
  readonly leaderLease: number;
  readonly oneTerm?: boolean;
  readonly backup?: string;
  readonly host?: string;
  readonly port?: number | string;
  readonly requests?: number | string;
  readonly results?: number | string;
  readonly events?: number | string;
  readonly feed?: number | string;
  readonly insecure?: boolean;
}

/**
 * Checks the flags that go with `--shards`.
 *
 * @throws {CliError} `ERR_CLI_USAGE`.
 */
export function requireShardFlags(flags: ShardFlags): void {
  const { store = "", port = 0, backup, results, events, feed } = flags;
  if (!/^postgres(?:ql)?:/.test(store)) {
    throw usageError("--shards needs PostgreSQL: --store postgres://…");
  }
  if (typeof port !== "number") {
    throw usageError("with --shards, --port is a number");
  }
  if (backup !== undefined) throw usageError("--backup is for files");
  if ((results ?? events ?? feed) !== undefined) {
    throw usageError(
      "with --shards there is no --results, --events or --feed: each shard has its own",
    );
  }
}

/** Takes part until the signal is aborted. */
export async function serveShards(
  shell: Shell,
  options: PipelineOptions,
  flags: ShardFlags,
  dashboard: ServedDashboard,
  signal: AbortSignal,
): Promise<void> {
  const { host, port, insecure, leaderLease: leaderLeaseMs } = flags;
  const { store: _, ...definition } = options;
  const { name } = definition;
  const storeOf = (shard: Shard): PostgresStore =>
    postgresStore(flags.store!, { name, shard, leaderLeaseMs });
  await standByShards(definition, {
    shards: flags.shards!,
    storeOf,
    listen: { host, port: port as number | undefined, insecure },
    signal,
    onListening: async (address, member) =>
      printUp(shell, options, {
        address,
        shards: flags.shards!,
        store: storeOf({ index: 0, of: flags.shards! }).place,
        dashboard: await dashboard.show(member),
      }),
    onLeading: (pipeline, addresses, shard) =>
      printLead(shell, pipeline, addresses, shard),
    onStandby: (leader, shard) => noteStandby(shell, leader, shard),
    onFenced: (error, shard) => warnFenced(shell, error, shard, flags.oneTerm),
  });
}

/** The description of a process that has shards. */
interface Facts {
  readonly address: string;
  readonly shards: number;
  readonly store: string;
  readonly dashboard: string | undefined;
}

async function printUp(
  shell: Shell,
  { name, security, token }: PipelineOptions,
  { address, shards, store, dashboard }: Facts,
): Promise<void> {
  const publicKey = security?.publicKey;
  const hasToken = token !== undefined;
  const lines = Object.entries({
    requests: address,
    shards,
    store,
    key: publicKey ??
      (hasToken ? "none: a token, in the clear" : "none: in the clear"),
    ...dashboard !== undefined && { dashboard },
  }).map(([what, value]) => `  ${what.padEnd(9)} ${value}`);
  await shell.print(
    [`pipeline "${name}" has shards here`, ...lines].join("\n"),
    {
      event: "listening",
      name,
      requests: address,
      shards,
      store,
      publicKey: publicKey ?? null,
      token: hasToken,
      dashboard,
    },
  );
}

async function printLead(
  shell: Shell,
  { name }: Pipeline,
  { requests, feed }: PipelineAddresses,
  { index: shard }: Shard,
): Promise<() => Promise<void>> {
  await shell.print(`shard ${shard} is up at ${requests}`, {
    event: "shard",
    name,
    shard,
    requests,
    feed,
  });
  return () =>
    shell.print(`shard ${shard} is closed`, {
      event: "shard_closed",
      name,
      shard,
    });
}

function noteStandby(
  shell: Shell,
  { address, host, pid }: PipelineMember,
  { index: shard }: Shard,
): void {
  void shell.note(
    `another process leads shard ${shard}: ${address} (host ${host}, process ${pid})`,
    { event: "standby", shard, leader: address, host, pid },
  );
}

async function warnFenced(
  shell: Shell,
  error: PipelineError,
  { index }: Shard,
  isOnce = false,
): Promise<void> {
  if (isOnce) throw error;
  await shell.warn(`shard ${index}: ${error.message}. It stands by`);
}
