/**
 * Layer: cli. `agentzero pause` and `agentzero resume`: stop or resume
 * starting jobs.
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
import { escaped } from "../escape.ts";
import type { Shell } from "../shell.ts";

/** The command `pause`. */
export function pauseCommand(shell: Shell): Command {
  return commandFor(
    shell,
    "pause",
    "stop starting jobs, of one type or of all",
  );
}

/** The command `resume`. */
export function resumeCommand(shell: Shell): Command {
  return commandFor(shell, "resume", "start jobs again");
}

function commandFor(
  shell: Shell,
  name: "pause" | "resume",
  summary: string,
): Command {
  const command = makeCommand({
    usage: `${name} [type]`,
    summary,
    examples: [`${name} resize`, name],
  });
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
