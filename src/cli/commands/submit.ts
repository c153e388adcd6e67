/**
 * Layer: cli. `agentzero submit`: submits a flow, and can wait for its result.
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
import { jsonText } from "../escape.ts";
import { readJson } from "../files.ts";
import type { Shell } from "../shell.ts";
import { duration, whole } from "../values.ts";

interface Flags extends ConnectionFlags {
  readonly wait?: boolean;
  readonly id?: string;
  readonly key?: string;
  readonly delay?: number;
  readonly priority?: number;
  readonly jobTimeout?: number;
}

/** The command. */
export function submitCommand(shell: Shell): Command {
  const command = makeCommand({
    usage: "submit <flow> [instructions]",
    summary: "submit a flow, and print its id or its result",
    details:
      `Submits a flow, and prints its id once the pipeline has kept it; with --wait,
its result, as JSON.

The instructions are JSON, @file for a file with JSON, or - for stdin; null
where they are absent.

Where no answer comes in time, the flow may have been taken all the same: the
error tells the id with which to submit it again, so that it counts once.`,
    examples: [
      `submit greet '"Ada"' --wait`,
      "submit resize @image.json --key cat.png --delay 10m",
      `echo '{"n": 1}' | agentzero submit count - --json`,
    ],
  })
    .option("--wait", "wait for the result")
    .option("--id <id>", "an id of your own: submitting it again does nothing")
    .option("--key <key>", "submit nothing while a flow with this key runs")
    .option("--delay <time>", "begin after this time", duration)
    .option("--priority <n>", "the higher, the sooner (default: 0)", whole)
    .option("--job-timeout <time>", "how long each attempt may take", duration);
  return addConnection(
    command,
    "how long to wait for an answer (default: 5s), and for the result (default: as long as it takes)",
  ).action((flow: string, instructions: string | undefined, flags: Flags) =>
    submit(shell, flow, instructions, flags)
  );
}

async function submit(
  shell: Shell,
  flow: string,
  given: string | undefined,
  flags: Flags,
): Promise<void> {
  const { id, key, delay: delayMs, priority, jobTimeout: jobTimeoutMs } = flags;
  const instructions = await readJson(given);
  await withClient(flags, async (client, call) => {
    const options = { id, key, delayMs, priority, jobTimeoutMs };
    const kept = await client.submit(flow, instructions, {
      ...options,
      ...call,
    });
    if (flags.wait !== true) return await shell.print(kept, { id: kept });
    const result = await client.result(kept, { timeoutMs: flags.timeout });
    const view = { id: kept, state: "completed", result };
    await shell.print(jsonText(result), view);
  });
}
