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
  sqliteStore,
} from "../../pipeline/mod.ts";
import { makeCommand } from "../command.ts";
import { definitionOf } from "../definition.ts";
import { addServerKeys, type ServerKeyFlags, serverKeys } from "../keys.ts";
import { loadModule } from "../load_module.ts";
import type { Shell } from "../shell.ts";
import { aborted, untilEnd } from "../signals.ts";
import { place } from "../values.ts";

interface Flags extends ServerKeyFlags {
  readonly store?: string;
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
      "pipeline flow.ts --store jobs.db",
      "pipeline flow.ts --host 0.0.0.0 --keys pipeline.key --allow worker.key.pub",
    ],
  })
    .option("--store <file>", 'keep jobs in this file, or in "memory"')
    .option("--host <host>", "listen at this host (default: 127.0.0.1)")
    .option(
      "--port <port>",
      "take requests here (default: 7000); a port or an address",
      place,
    )
    .option(
      "--results <port>",
      "hear steps here (default: 7001, any with another --port)",
      place,
    )
    .option(
      "--events <port>",
      "hear what steps tell here (default: 6000, any with another --port)",
      place,
    )
    .option(
      "--feed <port>",
      "tell watchers here (default: 7002, any with another --port)",
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
    await aborted(signal);
    await pipeline.close();
  });
  await shell.print(`pipeline "${name}" is closed`, { event: "closed", name });
}

function storeAt(where: string): JobStore {
  return where === "memory" ? memoryStore() : sqliteStore(where);
}

/** With a port of its own, a second pipeline must not meet the first at the others. */
function placesOf({ host, port, results, events, feed, insecure }: Flags) {
  const other = port === undefined || port === 7000 ? undefined : 0;
  return {
    host,
    requests: port,
    results: results ?? other,
    events: events ?? other,
    feed: feed ?? other,
    insecure,
  };
}
