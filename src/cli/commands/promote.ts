/**
 * Layer: cli. `agentzero promote`: lets delayed jobs start now.
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
import type { Shell } from "../shell.ts";

/** The command. */
export function promoteCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Lets a job start now that waits for a time, or for its next attempt: one job, or
all of a flow.`,
    examples: ["promote 0191c8a2-5c1e-7d4a-9a53-1c2f0f5b7e11"],
  });
  return addConnection(command).action((id: string, flags: ConnectionFlags) =>
    withClient(flags, async (client, call) => {
      const count = await client.promote(id, call);
      const jobs = count === 1 ? "1 job" : `${count} jobs`;
      await shell.print(`promoted ${jobs}`, { id, count });
    })
  );
}
