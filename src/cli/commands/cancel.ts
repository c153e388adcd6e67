/**
 * Layer: cli. `agentzero cancel`: cancels a flow.
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
export function cancelCommand(command: Command, shell: Shell): Command {
  describe(command, {
    examples: ["cancel 0191c8a2-5c1e-7d4a-9a53-1c2f0f5b7e11"],
  });
  return addConnection(command).action((id: string, flags: ConnectionFlags) =>
    withClient(flags, async (client, call) => {
      await client.cancel(id, call);
      await shell.print(`${id} is cancelled`, { id, state: "cancelled" });
    })
  );
}
