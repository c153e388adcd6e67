/**
 * Layer: cli. `agentzero retry`: tries dead jobs again.
 *
 * @module
 */
import type { Command } from "commander";
import { makeCommand } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import type { Shell } from "../shell.ts";

/** The command. */
export function retryCommand(shell: Shell): Command {
  const command = makeCommand({
    usage: "retry <id>",
    summary: "try dead jobs again, with fresh budgets",
    details:
      `Tries dead jobs again, with fresh budgets: all of a flow, or the one of this id.`,
    examples: ["retry 0191c8a2-5c1e-7d4a-9a53-1c2f0f5b7e11"],
  });
  return addConnection(command).action((id: string, flags: ConnectionFlags) =>
    withClient(flags, async (client, call) => {
      const count = await client.retry(id, call);
      const jobs = count === 1 ? "1 job is" : `${count} jobs are`;
      await shell.print(`${jobs} tried again`, { id, count });
    })
  );
}
