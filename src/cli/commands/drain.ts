/**
 * Layer: cli. `agentzero drain`: asks workers to finish their jobs and stop.
 *
 * @module
 */
import type { Command } from "commander";
import { describe } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import { usageError } from "../cli_error.ts";
import type { Shell } from "../shell.ts";

interface Flags extends ConnectionFlags {
  readonly all?: boolean;
}

/** The command. */
export function drainCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Asks workers to finish their jobs and stop: one by its id, those of a job
type, or all. Prints how many were asked. It works on every system, also where
there are no signals.`,
    examples: ["drain resize", "drain --all"],
  }).option("--all", "all workers");
  return addConnection(command).action(
    (of: string | undefined, flags: Flags) => {
      if ((of === undefined) !== (flags.all === true)) {
        throw usageError(
          "No workers: give a worker's id, a job type, or --all",
        );
      }
      return withClient(flags, async (client, call) => {
        const count = await client.drain(of, call);
        const workers = count === 1
          ? "draining 1 worker"
          : `draining ${count} workers`;
        await shell.print(workers, { count });
      });
    },
  );
}
