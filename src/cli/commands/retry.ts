/**
 * Layer: cli. `agentzero retry`: retries dead jobs.
 *
 * @module
 */
import type { Command } from "commander";
import type { CallOptions, PipelineClient } from "../../pipeline/mod.ts";
import { describe } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import { usageError } from "../cli_error.ts";
import type { Shell } from "../shell.ts";

interface Flags extends ConnectionFlags {
  /** A job type, or `true` for all. */
  readonly all?: string | true;
}

/** The command. */
export function retryCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Retries dead jobs: their attempts are counted from the beginning again. With the
id of a flow all its dead jobs, with the id of a job this one, with --all those
of all flows. agentzero jobs --state dead lists them.`,
    examples: [
      "retry 0191c8a2-5c1e-7d4a-9a53-1c2f0f5b7e11",
      "retry --all",
      "retry --all resize",
    ],
  }).option("--all [type]", "all dead jobs, or all of this job type");
  return addConnection(command).action(
    (id: string | undefined, flags: Flags) => {
      const { all } = flags;
      if ((id === undefined) === (all === undefined)) {
        throw usageError(
          "No jobs: give the id of a flow or of a job, or --all",
        );
      }
      return withClient(flags, async (client, call) => {
        const count = all === undefined
          ? await client.retry(id!, call)
          : await retryAll(client, all === true ? undefined : all, call);
        const jobs = count === 1 ? "1 job is" : `${count} jobs are`;
        const which = all === undefined
          ? { id }
          : { jobType: all === true ? null : all };
        await shell.print(`${jobs} retried`, { ...which, count });
      });
    },
  );
}

/** Retries the jobs that are dead now, but not those that die again meanwhile. */
async function retryAll(
  client: PipelineClient,
  type: string | undefined,
  call: CallOptions,
): Promise<number> {
  const stats = await client.stats(call);
  const dead = stats.counts
    .filter((one) => type === undefined || one.jobType === type)
    .filter(({ state }) => state === "dead")
    .reduce((sum, { count }) => sum + count, 0);
  let total = 0;
  for (;;) {
    const count = await client.retryAll({ type }, call);
    total += count;
    if (count === 0 || total >= dead) return total;
  }
}
