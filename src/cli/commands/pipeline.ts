/**
 * Layer: cli. `agentzero pipeline`: runs a pipeline until the process is asked to terminate.
 *
 * @module
 */
import type { Command } from "commander";
import {
  type JobStore,
  type ListenOptions,
  memoryStore,
  Pipeline,
  type PipelineAddresses,
  type PipelineMember,
  type PipelineOptions,
  sqliteStore,
  standBy,
} from "../../pipeline/mod.ts";
import { type PostgresStore, postgresStore } from "../../pipeline/postgres.ts";
import { ErrorLog } from "../../zmq/error_log.ts";
import { backupOf, keepBackingUp } from "../backups.ts";
import { messageOf } from "../cli_error.ts";
import { describe } from "../command.ts";
import {
  addDashboard,
  type DashboardFlags,
  ServedDashboard,
} from "../dashboard.ts";
import { definitionOf } from "../definition.ts";
import { addRoleKeys, type RoleKeyFlags, roleKeys } from "../keys.ts";
import { loadModule } from "../load_module.ts";
import { withoutSqliteWarning } from "../quiet_sqlite.ts";
import { requireShardFlags, serveShards } from "../serve_shards.ts";
import type { Shell } from "../shell.ts";
import { untilEnd } from "../signals.ts";
import { addOwnToken, ownTokenOf, type TokenFlags } from "../token.ts";
import { address, durationOption, positive } from "../values.ts";

interface Flags extends RoleKeyFlags, TokenFlags, DashboardFlags {
  readonly store?: string;
  readonly leaderLease: number;
  readonly oneTerm?: boolean;
  readonly shards?: number;
  readonly backup?: string;
  readonly backupEvery: number;
  readonly host?: string;
  readonly port?: number | string;
  readonly events?: number | string;
  readonly results?: number | string;
  readonly feed?: number | string;
}

/** The command. */
export function pipelineCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Runs a pipeline until Ctrl-C, SIGTERM or the closing of the terminal, and then
closes it in order.

The module's default export describes the pipeline: { name, steps } or
{ name, flows } as for new Pipeline(), a list of steps that follow each other,
or a list of flows.

Steps and clients use one port, and need no open port of their own; watchers use
another one, which the pipeline reports to them. For steps of the first release
there are two more, which are opened when one of them asks.

Over PostgreSQL any number of processes may run the same pipeline: one leads,
and the others stand by: they serve no more than /healthz of --dashboard. Give steps and clients the addresses
of all of them: --pipeline tcp://a:7450,tcp://b:7450.

With --shards k, up to k of these processes work at a time, each for its share of
the flows. Steps and clients use --port as without; shard 0 is at that port + 4,
shard 1 at + 8, and so on, each with its feed 3 further. The dashboard of each
process shows all shards.`,
    examples: [
      "pipeline flow.ts --store jobs.db --dashboard",
      "pipeline flow.ts --store jobs.db --backup /backups/jobs.db --backup-every 15m",
      "pipeline flow.ts --store postgres://db.example/jobs --host 10.0.0.5 --insecure",
      "pipeline flow.ts --store postgres://db.example/jobs --shards 4",
      "pipeline flow.ts --token-file token",
      "pipeline flow.ts --host 0.0.0.0 --keys pipeline.key --allow-workers worker.key.pub --allow-clients client.key.pub",
    ],
  });
  addStoreFlags(command);
  addListenFlags(command);
  addDashboard(command);
  return addOwnToken(addRoleKeys(command)).action((
    module: string,
    flags: Flags,
  ) => runPipeline(shell, module, flags));
}

function addStoreFlags(command: Command): void {
  command
    .option(
      "--store <file>",
      'keep jobs in this file (SQLite), at postgres://…, or in "memory" (default: memory)',
    )
    .option(
      "--backup <file>",
      "back up the store to this file, at the start and periodically",
    )
    .addOption(
      durationOption("--backup-every <time>", "time between backups", "1h"),
    )
    .addOption(
      durationOption(
        "--leader-lease <time>",
        "with PostgreSQL, how long a leader that stands still or is cut off keeps the pipeline",
        "5s",
      ),
    )
    .option(
      "--shards <n>",
      "with PostgreSQL, spread the flows over so many processes; the number stays with the pipeline",
      positive,
    )
    .option(
      "--one-term",
      "end with an error when another process takes the pipeline over, instead of standing by again",
    );
}

function addListenFlags(command: Command): void {
  command
    .option(
      "--host <host>",
      "listen at this host; others than loopback need --keys or --insecure (default: 127.0.0.1)",
    )
    .option(
      "--port <port>",
      "listen for steps and clients here; 0 is any free port (default: 7450)",
      address,
    )
    .option(
      "--results <port>",
      "listen at once for results of steps that use --bind or are older: a port or an address (default: --port + 1)",
      address,
    )
    .option(
      "--events <port>",
      "listen for logs and metrics of such steps here (default: --port + 2)",
      address,
    )
    .option(
      "--feed <port>",
      "publish events here, for agentzero logs (default: --port + 3)",
      address,
    )
    .option(
      "--insecure",
      "accept connections from other machines without keys",
    );
}

async function runPipeline(
  shell: Shell,
  path: string,
  flags: Flags,
): Promise<void> {
  if (flags.shards !== undefined) requireShardFlags(flags);
  const definition = definitionOf(await loadModule(path), path);
  shell.stopWaiting(); // a pipeline does not depend on readers of its output
  const security = await roleKeys(flags) ?? definition.security;
  const token = await ownTokenOf(shell, flags) ?? definition.token;
  const store = flags.store === undefined
    ? definition.store ?? memoryStore()
    : storeAt(flags.store, definition.name, flags.leaderLease);
  const backUp = backupOf(store, flags.backup);
  const errors = new ErrorLog((error, more) => shell.complain(error, { more }));
  const onError = definition.onError ?? errors.add;
  const setup: Setup = {
    options: { ...definition, store, security, token, onError },
    storeText: flags.store === undefined
      ? (definition.store === undefined ? "memory" : "the module's store")
      : shownStore(store, flags.store),
    warnings: warningsOf(flags, definition),
    backUp,
    dashboard: new ServedDashboard(flags, errors.add),
  };
  const run = flags.shards === undefined
    ? (signal: AbortSignal) => serve(shell, setup, flags, signal)
    : (signal: AbortSignal) =>
      serveShards(shell, setup.options, flags, setup.dashboard, signal);
  await untilEnd(run)
    .finally(() => setup.dashboard.close())
    .finally(() => errors.close());
  const { name } = definition;
  await shell.print(`pipeline "${name}" is closed`, { event: "closed", name });
}

/** What the module and the flags come to. */
interface Setup {
  readonly options: PipelineOptions;
  readonly storeText: string;
  readonly warnings: readonly string[];
  readonly backUp: ReturnType<typeof backupOf>;
  readonly dashboard: ServedDashboard;
}

/** Runs the pipeline whenever this process leads, until the signal is aborted. */
async function serve(
  shell: Shell,
  setup: Setup,
  flags: Flags,
  signal: AbortSignal,
): Promise<void> {
  const onStandby = (leader: PipelineMember) => {
    noteStandby(shell, leader);
    serveHealth(shell, setup.dashboard);
  };
  await withoutSqliteWarning(() =>
    standBy(() => new Pipeline(setup.options), {
      listen: { ...listenOptions(flags), onStandby },
      signal,
      onLeading: (pipeline, addresses) =>
        lead(shell, setup, flags, pipeline, addresses),
      onFenced: async (error) => {
        if (flags.oneTerm === true) throw error;
        await shell.warn(`${error.message}. It stands by`);
      },
    })
  );
}

/** What there is beside a pipeline that listens. Returns what ends it. */
async function lead(
  shell: Shell,
  { options, storeText, warnings, backUp, dashboard }: Setup,
  flags: Flags,
  pipeline: Pipeline,
  addresses: PipelineAddresses,
): Promise<() => Promise<void>> {
  const url = await dashboard.show(pipeline);
  await printUp(shell, {
    name: options.name,
    addresses,
    flows: [...pipeline.flows.keys()],
    store: storeText,
    publicKey: options.security?.publicKey,
    hasToken: options.token !== undefined,
    dashboard: url,
  });
  for (const text of warnings) await shell.warn(text);
  const end = new AbortController();
  const backups = backUp &&
    keepBackingUp(shell, backUp, flags.backupEvery, end.signal);
  return async () => {
    end.abort();
    await backups;
    await dashboard.hide();
  };
}

function noteStandby(shell: Shell, { address, host, pid }: PipelineMember) {
  void shell.note(
    `another process leads: ${address} (host ${host}, process ${pid}); this one stands by`,
    { event: "standby", leader: address, host, pid },
  );
}

/** Serves the health of a standby. It gets another chance once this process leads. */
function serveHealth(shell: Shell, dashboard: ServedDashboard): void {
  if (!dashboard.isWanted) return;
  dashboard.serve().catch((error) =>
    shell.warn(
      `${messageOf(error)}. Until this process leads, it has no /healthz`,
    )
  );
}

/** The description of a running pipeline. */
interface Facts {
  readonly name: string;
  readonly addresses: PipelineAddresses;
  readonly flows: readonly string[];
  readonly store: string;
  readonly publicKey: string | undefined;
  readonly hasToken: boolean;
  readonly dashboard: string | undefined;
}

async function printUp(shell: Shell, facts: Facts): Promise<void> {
  const { name, addresses, flows, store, publicKey, hasToken, dashboard } =
    facts;
  const lines = Object.entries({
    ...addresses,
    flows: flows.join(", "),
    store,
    key: publicKey ??
      (hasToken ? "none: a token, in the clear" : "none: in the clear"),
    ...dashboard !== undefined && { dashboard },
  }).map(([what, value]) => `  ${what.padEnd(9)} ${value}`);
  await shell.print([`pipeline "${name}" is up`, ...lines].join("\n"), {
    event: "listening",
    name,
    ...addresses,
    flows,
    store,
    publicKey: publicKey ?? null,
    token: hasToken,
    dashboard,
  });
}

/** Warns of settings that work now and will surprise at the next start. */
function warningsOf(flags: Flags, { store }: PipelineOptions): string[] {
  const { store: where, port } = flags;
  if (where === undefined && store === undefined) {
    return [
      "jobs are in memory and are lost when this process ends: use --store <file>",
    ];
  }
  // The other ports may change: steps and clients ask this one for them.
  const isAny = port === 0 || (typeof port === "string" && /:[0*]$/.test(port));
  return isAny && where !== "memory"
    ? [
      "the port changes with every restart, and steps and clients would not find the pipeline again: use --port <port>",
    ]
    : [];
}

function storeAt(where: string, name: string, leaderLeaseMs: number): JobStore {
  if (isPostgres(where)) return postgresStore(where, { name, leaderLeaseMs });
  return where === "memory" ? memoryStore() : sqliteStore(where);
}

function isPostgres(where: string): boolean {
  return /^postgres(?:ql)?:/.test(where);
}

/** What `--store` says, without a password. */
function shownStore(store: JobStore, where: string): string {
  return isPostgres(where) ? (store as PostgresStore).place : where;
}

function listenOptions(
  { host, port, results, events, feed, insecure }: Flags,
): ListenOptions {
  return { host, port, results, events, feed, insecure };
}
