/**
 * Layer: cli. The common parts of all commands.
 *
 * @module
 */
import { Command } from "commander";

/** The help command of commands with subcommands. */
export const HELP_COMMAND = [
  "help [command]",
  "print the help of a command, with examples",
] as const;

/** The help of a command. */
export interface About {
  /** Its name, with its arguments: `submit <flow> [payload]`. */
  readonly usage: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** More than one line, for its own help. */
  readonly details?: string;
  /** Command lines that work; the name of the program is prepended if it is missing. */
  readonly examples: readonly string[];
}

/** Creates a command. */
export function makeCommand(about: About): Command {
  const { usage, summary, details, examples } = about;
  const [name, ...args] = usage.split(" ");
  const command = new Command(name).summary(summary).description(
    details ?? `${summary[0]!.toUpperCase()}${summary.slice(1)}.`,
  );
  if (args.length > 0) command.arguments(args.join(" "));
  const lines = examples.map((line) =>
    line.includes("agentzero ") ? `  ${line}` : `  agentzero ${line}`
  );
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/** Adds the common options, after those of the command. */
export function finish(command: Command): Command {
  return command
    .option("--json", "print JSON, one value on each line")
    .option("--verbose", "print the stack of an error, too");
}
