/**
 * Layer: cli. `agentzero logs`: what steps log, as it happens.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { describe } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import { isWanted, LEVELS, type LogFilter, logText } from "../log_line.ts";
import { usageError } from "../cli_error.ts";
import type { Shell } from "../shell.ts";
import { untilReaderGone } from "../signals.ts";

interface Flags extends ConnectionFlags, LogFilter {
  readonly type?: string;
  readonly kept?: boolean;
}

/** The command. */
export function logsCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details:
      `Prints what steps log from now on; Ctrl-C ends it. A reader that is too slow
misses lines. With --kept, prints what a job has logged so far, and ends: the
pipeline keeps the last lines of each job, some 32 KiB of them.`,
    examples: [
      "logs --kept --job 0191c8a2-5c1e-7d4a-9a53-1c2f0f5b7e11",
      "logs --level warning",
      "logs --type resize --json | jq .msg",
    ],
  })
    .addOption(
      new Option("--level <level>", "only this level and those above it")
        .choices(LEVELS).default("trace"),
    )
    .option("--type <type>", "only from jobs of this type")
    .option("--job <id>", "only from this job, or from the jobs of this flow")
    .option("--kept", "print what the job of --job has logged so far, and end");
  return addConnection(command).action((flags: Flags) =>
    flags.kept === true ? printKept(shell, flags) : withClient(
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

/** Prints what a job has logged so far. */
async function printKept(shell: Shell, flags: Flags): Promise<void> {
  const { job } = flags;
  if (job === undefined) throw usageError("--kept needs --job <id>");
  await withClient(flags, async (client, call) => {
    for (const line of await client.logs(job, call)) {
      const record = { ...line, jobId: job };
      if (isWanted(record, flags)) await shell.print(logText(record), record);
    }
  });
}
