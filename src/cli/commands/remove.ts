/**
 * Layer: cli. `agentzero remove`: removes flows.
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
export function removeCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Removes flows, each by its id or that of one of its jobs, with all their jobs, as
when they expire. One that waits is cancelled before; one that a worker has a
job of must be cancelled first.`,
    examples: [
      "remove 0191c8a2-5c1e-7d4a-9a53-1c2f0f5b7e11",
      "jobs --state dead --json | jq -r .flowId | xargs agentzero remove",
    ],
  });
  return addConnection(command).action(
    (ids: string[], flags: ConnectionFlags) =>
      withClient(flags, async (client, call) => {
        for (const id of ids) {
          await client.remove(id, call);
          await shell.print(`${id} is removed`, { id });
        }
      }),
  );
}
