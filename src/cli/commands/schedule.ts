/**
 * Layer: cli. `agentzero schedule`: flows that are submitted at set times.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { describe, makeCommand } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import { jsonText } from "../escape.ts";
import { readJson } from "../files.ts";
import type { Shell } from "../shell.ts";
import { table, timeText } from "../table.ts";
import { integer } from "../values.ts";

interface AddFlags extends ConnectionFlags {
  readonly cron: string;
  readonly timezone?: string;
  readonly missed?: "once" | "skip";
  readonly priority?: number;
}

/** The command. */
export function scheduleCommand(command: Command, shell: Shell): Command {
  return describe(command, {
    examples: [
      "schedule add nightly clean-up --cron '30 2 * * *' --timezone Europe/Berlin",
      "schedule list",
      "schedule pause nightly",
      "schedule remove nightly",
    ],
  })
    .addCommand(addCommand(shell))
    .addCommand(listCommand(shell))
    .addCommand(pauseCommand(shell, "pause"))
    .addCommand(pauseCommand(shell, "resume"))
    .addCommand(removeCommand(shell));
}

function addCommand(shell: Shell): Command {
  const command = makeCommand({
    usage: "add <id> <flow> [payload]",
    summary: "add a schedule, or replace the one with this id",
    details:
      `Adds a schedule, or replaces the one with this id. The flow is submitted exactly
once for each time, even if the pipeline restarts. The payload is given as for
submit.`,
    examples: [
      "schedule add nightly clean-up --cron '30 2 * * *' --timezone Europe/Berlin",
      `schedule add once greet '"Ada"' --cron 2030-01-01T00:00:00Z`,
    ],
  })
    .requiredOption(
      "--cron <pattern>",
      "when: a cron pattern of five fields, or six with seconds first; or one time in ISO 8601",
    )
    .option(
      "--timezone <zone>",
      "such as Europe/Berlin (default: the pipeline's)",
    )
    .addOption(
      new Option(
        "--missed <what>",
        "what to do about times at which the pipeline was not running: run once for the last of them (once, the default) or not at all (skip)",
      ).choices(["once", "skip"]),
    )
    .option("--priority <n>", "higher runs first (default: 0)", integer);
  return addConnection(command).action(
    (id: string, flow: string, payload: string | undefined, flags: AddFlags) =>
      add(shell, id, flow, payload, flags),
  );
}

async function add(
  shell: Shell,
  id: string,
  flow: string,
  given: string | undefined,
  flags: AddFlags,
): Promise<void> {
  const payload = await readJson(given);
  const { cron, timezone, missed, priority } = flags;
  await withClient(flags, async (client, call) => {
    const options = { cron, timezone, missed, priority, ...call };
    const nextAt = await client.schedule(id, flow, payload, options);
    await shell.print(`next: ${timeText(nextAt)}`, { id, nextAt });
  });
}

function listCommand(shell: Shell): Command {
  const command = makeCommand({
    usage: "list",
    summary: "list the schedules, the next one first",
    examples: ["schedule list"],
  });
  return addConnection(command).action((flags: ConnectionFlags) =>
    withClient(flags, async (client, call) => {
      const schedules = await client.schedules(call);
      const lines = schedules.length === 0 ? ["no schedules"] : table(
        ["ID", "FLOW", "CRON", "TIMEZONE", "NEXT", "PAYLOAD"],
        schedules.map((one) => [
          one.id,
          one.flow,
          one.cron,
          one.timezone,
          one.paused === true ? "paused" : timeText(one.nextAt),
          jsonText(one.payload),
        ]),
      );
      await shell.print(lines.join("\n"), { schedules });
    })
  );
}

function pauseCommand(shell: Shell, name: "pause" | "resume"): Command {
  const command = makeCommand({
    usage: `${name} <id>`,
    summary: name === "pause"
      ? "submit nothing more until it is resumed"
      : "go on with the next time; those that have passed are skipped",
    examples: [`schedule ${name} nightly`],
  });
  const call = name === "pause" ? "pauseSchedule" : "resumeSchedule";
  return addConnection(command).action((id: string, flags: ConnectionFlags) =>
    withClient(flags, async (client, options) => {
      await client[call](id, options);
      const paused = name === "pause";
      await shell.print(`${id} is ${name}d`, { id, paused });
    })
  );
}

function removeCommand(shell: Shell): Command {
  const command = makeCommand({
    usage: "remove <id>",
    summary: "remove a schedule",
    examples: ["schedule remove nightly"],
  });
  return addConnection(command).action((id: string, flags: ConnectionFlags) =>
    withClient(flags, async (client, call) => {
      await client.unschedule(id, call);
      await shell.print(`${id} is removed`, { id });
    })
  );
}
