/**
 * Layer: cli. `agentzero pause` and `agentzero resume`: stop or resume
 * starting jobs.
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
import { escaped } from "../escape.ts";
import type { Shell } from "../shell.ts";

/** The command `pause`. */
export function pauseCommand(command: Command, shell: Shell): Command {
  return define(command, shell, "pause");
}

/** The command `resume`. */
export function resumeCommand(command: Command, shell: Shell): Command {
  return define(command, shell, "resume");
}

function define(
  command: Command,
  shell: Shell,
  name: "pause" | "resume",
): Command {
  describe(command, { examples: [`${name} resize`, name] });
  return addConnection(command).action(
    (type: string | undefined, flags: ConnectionFlags) =>
      withClient(flags, async (client, call) => {
        await client[name](type, call);
        const what = type === undefined ? "all jobs" : `"${escaped(type)}"`;
        await shell.print(`${what}: ${name}d`, {
          jobType: type ?? null,
          paused: name === "pause",
        });
      }),
  );
}
