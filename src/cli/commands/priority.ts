/**
 * Layer: cli. `agentzero priority`: changes the priority of a flow or a job.
 *
 * @module
 */
import type { Command } from "commander";
import { argumentOf, describe } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import type { Shell } from "../shell.ts";
import { integer } from "../values.ts";

/** The command. */
export function priorityCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Changes the priority of a flow, for its unfinished jobs and those to come, or of
one job. Higher runs first; a negative number comes after --.`,
    examples: ["priority cat-1 10", "priority cat-1 -- -5"],
  });
  const n = argumentOf(command, "n").argParser(integer);
  n.description = "an integer";
  return addConnection(command).action(
    (id: string, priority: number, flags: ConnectionFlags) =>
      withClient(flags, async (client, call) => {
        const count = await client.setPriority(id, priority, call);
        const text = `${id} has priority ${priority}`;
        await shell.print(text, { id, priority, count });
      }),
  );
}
