/**
 * Layer: cli. `agentzero logs`: what steps log, as it happens.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { makeCommand } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import { isWanted, LEVELS, type LogFilter, logText } from "../log_line.ts";
import type { Shell } from "../shell.ts";
import { untilReaderGone } from "../signals.ts";

interface Flags extends ConnectionFlags, LogFilter {
  readonly type?: string;
}

/** The command. */
export function logsCommand(shell: Shell): Command {
  const command = makeCommand({
    usage: "logs",
    summary: "print what steps log, as it happens",
    details:
      `Prints what steps log from now on; Ctrl-C ends it. Logs are not stored: what was
logged before is gone, and a reader that is too slow misses lines.`,
    examples: [
      "logs --level warning",
      "logs --type resize --json | jq .msg",
    ],
  })
    .addOption(
      new Option("--level <level>", "only this level and those above it")
        .choices(LEVELS).default("trace"),
    )
    .option("--type <type>", "only from jobs of this type")
    .option("--job <id>", "only from this job, or from the jobs of this flow");
  return addConnection(command).action((flags: Flags) =>
    withClient(
      flags,
      (client, { timeoutMs }) =>
        untilReaderGone(async (signal) => {
          const { type } = flags;
          const topic = type === undefined ? "logs:" : `logs:${type}:`;
          try {
            // The first reply has a timeout, the logs have none.
            await client.request({ type: "describe", v: 2 }, {
              timeoutMs,
              signal,
            });
            for await (const { data } of client.watch(topic, { signal })) {
              if (isWanted(data, flags)) await shell.print(logText(data), data);
            }
          } catch (error) {
            if (!signal.aborted) throw error;
          }
        }, shell),
    )
  );
}
