/**
 * Layer: cli. `agentzero logs`: what steps log, as it happens.
 *
 * @module
 */
import { type Command, InvalidArgumentError } from "commander";
import {
  formatLogMessage,
  levelNumber,
  type LogRecord,
} from "../../manager/mod.ts";
import { makeCommand } from "../command.ts";
import {
  addConnection,
  type ConnectionFlags,
  withClient,
} from "../connection.ts";
import { escaped } from "../escape.ts";
import type { Shell } from "../shell.ts";
import { untilEnd } from "../signals.ts";

interface Flags extends ConnectionFlags {
  readonly level: number;
  readonly type?: string;
  readonly job?: string;
}

/** A record as it arrives. */
interface Line extends LogRecord {
  readonly worker?: string;
  readonly job_id?: string;
}

const LEVELS = ["trace", "debug", "info", "warning", "error", "critical"];

/** The command. */
export function logsCommand(shell: Shell): Command {
  const command = makeCommand({
    usage: "logs",
    summary: "print what steps log, as it happens",
    details:
      `Prints what steps log from now on, until SIGINT or SIGTERM. Nothing is kept
for a reader that comes later, and one that is slow misses some.`,
    examples: [
      "logs --level warning",
      "logs --type resize --json | jq .msg",
    ],
  })
    .option(
      "--level <level>",
      `this level and above: ${LEVELS.join(", ")}`,
      level,
      levelNumber("trace"),
    )
    .option("--type <type>", "only of this job type")
    .option("--job <id>", "only of this job, or of the jobs of this flow");
  return addConnection(command).action((flags: Flags) =>
    withClient(flags, (client, { timeoutMs }) =>
      untilEnd(async (signal) => {
        const { type } = flags;
        const topic = type === undefined ? "logs:" : `logs:${type}:`;
        try {
          // The first answer has a time, the logs have not.
          await client.request({ type: "describe" }, { timeoutMs, signal });
          for await (const { data } of client.watch(topic, { signal })) {
            const line = data as Line;
            if (isWanted(line, flags)) await shell.print(textOf(line), line);
          }
        } catch (error) {
          if (!signal.aborted) throw error;
        }
      }, shell.broken))
  );
}

function level(text: string): number {
  if (LEVELS.includes(text)) return levelNumber(text);
  throw new InvalidArgumentError(`Expected one of ${LEVELS.join(", ")}.`);
}

function isWanted(line: Line, { level, job }: Flags): boolean {
  if (line.level < level) return false;
  const { job_id: id } = line;
  return job === undefined || id === job ||
    (id !== undefined && id.startsWith(`${job}.`));
}

function textOf(line: Line): string {
  const { time, level, name, job_id: id, msg, args, exception, extra } = line;
  const text = formatLogMessage(msg, args);
  const about = exception && !text.includes(exception.message)
    ? ` (${exception.name}: ${exception.message})`
    : "";
  const fields = extra === undefined ? "" : ` ${JSON.stringify(extra)}`;
  return escaped(
    `${time} ${levelName(level)} ${name} ${id ?? "-"} ${text}${about}${fields}`,
  );
}

function levelName(number: number): string {
  const name = LEVELS.find((one) => levelNumber(one) === number);
  return (name?.toUpperCase() ?? String(number)).padEnd(8);
}
