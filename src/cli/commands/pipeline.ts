/**
 * Layer: cli. `agentzero pipeline`: runs a pipeline until it is ended.
 *
 * @module
 */
import type { Command } from "commander";
import {
  type JobStore,
  memoryStore,
  Pipeline,
  type SqliteStore,
  sqliteStore,
} from "../../pipeline/mod.ts";
import { makeCommand } from "../command.ts";
import { definitionOf } from "../definition.ts";
import { usageError } from "../errors.ts";
import { addServerKeys, type ServerKeyFlags, serverKeys } from "../keys.ts";
import { loadModule } from "../load_module.ts";
import type { Shell } from "../shell.ts";
import { aborted, untilEnd } from "../signals.ts";
import { durationOption, place } from "../values.ts";

interface Flags extends ServerKeyFlags {
  readonly store?: string;
  readonly backup?: string;
  readonly backupEvery: number;
  readonly host?: string;
  readonly port?: number | string;
  readonly events?: number | string;
  readonly results?: number | string;
  readonly feed?: number | string;
  readonly insecure?: boolean;
}

/** The command. */
export function pipelineCommand(shell: Shell): Command {
  const command = makeCommand({
    usage: "pipeline <module>",
    summary: "run a pipeline: take submissions, give jobs to steps",
    details: `Runs a pipeline until SIGINT or SIGTERM, then closes it in order.

The module's default export says what the pipeline is: { name, steps } or
{ name, flows } as for new Pipeline(), a list of steps that follow each other,
or a list of flows.`,
    examples: [
      "pipeline flow.ts --store jobs.db --backup /backups/jobs.db --backup-every 15m",
      "pipeline flow.ts --host 0.0.0.0 --keys pipeline.key --allow worker.key.pub",
    ],
  })
    .option("--store <file>", 'keep jobs in this file, or in "memory"')
    .option("--backup <file>", "copy the store to this file, now and then")
    .addOption(
      durationOption("--backup-every <time>", "time between two copies", "1h"),
    )
    .option("--host <host>", "listen at this host (default: 127.0.0.1)")
    .option(
      "--port <port>",
      "take requests here, the rest at the three ports behind it (default: 7450); a port or an address",
      place,
    )
    .option(
      "--results <port>",
      "hear steps here (default: the port after --port)",
      place,
    )
    .option(
      "--events <port>",
      "hear what steps tell here (default: the second after it)",
      place,
    )
    .option(
      "--feed <port>",
      "tell watchers here (default: the third after it)",
      place,
    )
    .option("--insecure", "listen beyond this machine without keys");
  return addServerKeys(command).action((module: string, flags: Flags) =>
    runPipeline(shell, module, flags)
  );
}

async function runPipeline(
  shell: Shell,
  path: string,
  flags: Flags,
): Promise<void> {
  const definition = definitionOf(await loadModule(path), path);
  const security = await serverKeys(flags) ?? definition.security;
  const store = flags.store === undefined
    ? definition.store ?? memoryStore()
    : storeAt(flags.store);
  const backUp = backupOf(store, flags.backup);
  const { name } = definition;
  await untilEnd(async (signal) => {
    const pipeline = new Pipeline({
      ...definition,
      store,
      security,
      onError: definition.onError ?? ((error) => shell.complain(error)),
    });
    const { requests, results, events, feed } = await pipeline.listen(
      placesOf(flags),
    );
    const addresses = { requests, results, events, feed };
    const flows = [...pipeline.flows.keys()];
    const keptIn = flags.store ??
      (definition.store === undefined ? "memory" : "the module's store");
    await shell.print(
      [
        `pipeline "${name}" is up`,
        ...Object.entries({
          ...addresses,
          flows: flows.join(", "),
          store: keptIn,
          key: security?.publicKey ?? "none: in the clear",
        }).map(([what, value]) => `  ${what.padEnd(9)} ${value}`),
      ].join("\n"),
      {
        event: "listening",
        name,
        ...addresses,
        flows,
        store: keptIn,
        publicKey: security?.publicKey ?? null,
      },
    );
    const backups = backUp && keepBackingUp(shell, backUp, flags, signal);
    await aborted(signal);
    await backups;
    await pipeline.close();
  });
  await shell.print(`pipeline "${name}" is closed`, { event: "closed", name });
}

/** Copies a store. */
type BackUp = (path: string) => Promise<void>;

/** @throws {CliError} `ERR_CLI_USAGE` if the store cannot be copied. */
function backupOf(store: JobStore, path?: string): BackUp | undefined {
  if (path === undefined) return undefined;
  const { backup } = store as Partial<SqliteStore>;
  if (backup !== undefined) return backup.bind(store);
  throw usageError("--backup needs a store in a file: add --store <file>");
}

/** Backs up until the end. What goes wrong is told, and tried again the next time. */
async function keepBackingUp(
  shell: Shell,
  backUp: BackUp,
  { backup: path = "", backupEvery }: Flags,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await backUp(path).then(
      () => shell.note(`backed up to ${path}`, { event: "backup", path }),
      (error) => shell.complain(error),
    );
    await pause(Math.max(1, backupEvery), signal);
  }
}

/** Waits for a time, or for the end. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, 0x7fffffff));
    if (signal.aborted) return done();
    signal.addEventListener("abort", done);
  });
}

function storeAt(where: string): JobStore {
  return where === "memory" ? memoryStore() : sqliteStore(where);
}

/** An address for requests says nothing of the other sockets: they get any free ports. */
function placesOf({ host, port, results, events, feed, insecure }: Flags) {
  const others = { results, events, feed };
  return typeof port === "string"
    ? { host, requests: port, port: 0, ...others, insecure }
    : { host, port, ...others, insecure };
}
