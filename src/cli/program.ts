/**
 * Layer: cli. The tree of commands.
 *
 * @module
 */
import { Command } from "commander";
import { COMMANDS } from "./command_list.ts";
import { commandNamed, finish, HELP_COMMAND } from "./command.ts";
import { readVariables, unknownVariables } from "./environment.ts";
import { isPublic } from "./files.ts";
import type { Shell } from "./shell.ts";
import { VERSION } from "./version.ts";

const AFTER = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not reachable or not in time.
Times are written as 500ms, 5s, 2m, 1h, 1d or 1h30m; a bare number is in
milliseconds. The environment variables AGENTZERO_PIPELINE, AGENTZERO_KEYS,
AGENTZERO_SERVER_KEY and AGENTZERO_DASHBOARD_TOKEN give the options with these
names. The manual is docs/cli.md.`;

/**
 * Makes the program for a command line. Only the module of the command that it
 * names is loaded: all of them, with the pipeline, took 100 ms (Node 20).
 */
export async function makeProgram(
  shell: Shell,
  args: readonly string[],
): Promise<Command> {
  const program = new Command("agentzero")
    .description("Pipelines of workers, and ZeroMQ, from the command line.")
    .usage("<command> [options]")
    .version(
      VERSION,
      "-V, --version",
      "print the version; with --verbose, what it runs on",
    )
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", AFTER)
    .configureHelp({ subcommandTerm: (command) => termOf(command) })
    .exitOverride()
    .hook("preAction", (_program, command) => prepare(shell, command))
    .configureOutput({
      writeOut: (text) => void shell.write(text),
      writeErr: (text) => shell.help(text),
      outputError: () => {}, // `main` writes it
      // There are no colours, and deciding would read environment variables.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  const wanted = nameIn(args);
  for (const [title, commands] of Object.entries(COMMANDS)) {
    program.commandsGroup(title);
    for (const listed of commands) {
      const command = commandNamed(listed);
      if (command.name() === wanted) (await listed.load())(command, shell);
      add(program, command);
    }
  }
  program.commandsGroup("More:");
  return program.helpCommand(...HELP_COMMAND);
}

/** Sets what environment variables give, and warns of what may be a mistake. */
async function prepare(shell: Shell, command: Command): Promise<void> {
  readVariables(command);
  for (const text of unknownVariables()) await shell.warn(text);
  const { keys, tokenFile } = command.opts<SecretFiles>();
  for (const [what, path] of [["secret key", keys], ["token", tokenFile]]) {
    if (path === undefined || !await isPublic(path)) continue;
    await shell.warn(
      `"${path}" holds a ${what} and can be read by other users: chmod 600 "${path}"`,
    );
  }
}

/** The name of the command that a command line runs, or wants the help of. */
function nameIn(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((word) => !word.startsWith("-"));
  return first === "help" ? second : first;
}

/** The options that name files which only their owner should read. */
interface SecretFiles {
  readonly keys?: string;
  readonly tokenFile?: string;
}

/** A command with its arguments; every command has options. */
function termOf(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...args].join(" ");
}

function add(parent: Command, command: Command): void {
  finish(command).copyInheritedSettings(parent);
  for (const child of command.commands) {
    finish(child).copyInheritedSettings(command);
  }
  if (command.commands.length > 0) command.helpCommand(...HELP_COMMAND);
  parent.addCommand(command);
}
