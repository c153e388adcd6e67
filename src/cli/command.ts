/**
 * Layer: cli. The common parts of all commands.
 *
 * @module
 */
import { type Argument, Command } from "commander";

/** The help command of commands with subcommands. */
export const HELP_COMMAND = [
  "help [command]",
  "print the help of a command, with examples",
] as const;

/** What a list of commands says of one. */
export interface Summary {
  /** Its name, with its arguments: `submit <flow> [payload]`. */
  readonly usage: string;
  /** What it does, in one line. */
  readonly summary: string;
}

/** What a command's own help says besides. */
export interface About {
  /** More than one line. */
  readonly details?: string;
  /** Command lines that work; the name of the program is prepended if it is missing. */
  readonly examples: readonly string[];
}

/** Creates a command that a list can name. */
export function commandNamed({ usage, summary }: Summary): Command {
  const [name, ...args] = usage.split(" ");
  const command = new Command(name).summary(summary);
  return args.length > 0 ? command.arguments(args.join(" ")) : command;
}

/** Adds the help of a command. */
export function describe(
  command: Command,
  { details, examples }: About,
): Command {
  const summary = command.summary();
  const lines = examples.map((line) =>
    line.includes("agentzero ") ? `  ${line}` : `  agentzero ${line}`
  );
  return command.description(
    details ?? `${summary[0]!.toUpperCase()}${summary.slice(1)}.`,
  ).addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/** Creates a command with its help. */
export function makeCommand(about: Summary & About): Command {
  return describe(commandNamed(about), about);
}

/** An argument that the usage of a command names, to say more of it. */
export function argumentOf(command: Command, name: string): Argument {
  return command.registeredArguments.find((one) => one.name() === name)!;
}

/** Adds the common options, after those of the command. */
export function finish(command: Command): Command {
  return command
    .option("--json", "print JSON, one value on each line")
    .option("--verbose", "print the stack of an error, too");
}
