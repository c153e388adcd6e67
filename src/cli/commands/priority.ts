/**
 * Layer: cli. `agentzero priority`: changes the priority of a flow or a job.
 *
 * @module
 */
import { Argument, type Command } from "commander";
import { makeCommand } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import type { Shell } from "../shell.ts";
import { integer } from "../values.ts";

/** The command. */
export function priorityCommand(shell: Shell): Command {
  const command = makeCommand({
    usage: "priority <id>",
    summary: "change the priority of a flow, or of one job",
    details:
      `Changes the priority of a flow, for its unfinished jobs and those to come, or of
one job. Higher runs first; a negative number comes after --.`,
    examples: ["priority cat-1 10", "priority cat-1 -- -5"],
  }).addArgument(new Argument("<n>", "an integer").argParser(integer));
  return addConnection(command).action(
    (id: string, priority: number, flags: ConnectionFlags) =>
      withClient(flags, async (client, call) => {
        const count = await client.setPriority(id, priority, call);
        const text = `${id} has priority ${priority}`;
        await shell.print(text, { id, priority, count });
      }),
  );
}
