/**
 * Layer: cli. The tree of commands.
 *
 * @module
 */
import { Command } from "commander";
import { cancelCommand } from "./commands/cancel.ts";
import { drainCommand } from "./commands/drain.ts";
import { flowsCommand } from "./commands/flows.ts";
import { jobsCommand } from "./commands/jobs.ts";
import { keygenCommand } from "./commands/keygen.ts";
import { logsCommand } from "./commands/logs.ts";
import { pauseCommand, resumeCommand } from "./commands/pause.ts";
import { pipelineCommand } from "./commands/pipeline.ts";
import { priorityCommand } from "./commands/priority.ts";
import { promoteCommand } from "./commands/promote.ts";
import { proxyCommand } from "./commands/proxy.ts";
import { recvCommand } from "./commands/recv.ts";
import { removeCommand } from "./commands/remove.ts";
import { retryCommand } from "./commands/retry.ts";
import { scheduleCommand } from "./commands/schedule.ts";
import { sendCommand } from "./commands/send.ts";
import { statusCommand } from "./commands/status.ts";
import { stepCommand } from "./commands/step.ts";
import { submitCommand } from "./commands/submit.ts";
import { topCommand } from "./commands/top.ts";
import { finish, HELP_COMMAND } from "./command.ts";
import { readVariables, unknownVariables } from "./environment.ts";
import { isPublic } from "./files.ts";
import type { Shell } from "./shell.ts";
import { VERSION } from "./version.ts";

const GROUPS = {
  "Run a pipeline:": [pipelineCommand, stepCommand],
  "Use it:": [
    submitCommand,
    statusCommand,
    flowsCommand,
    jobsCommand,
    logsCommand,
    topCommand,
  ],
  "Steer it:": [
    retryCommand,
    cancelCommand,
    removeCommand,
    promoteCommand,
    priorityCommand,
    pauseCommand,
    resumeCommand,
    drainCommand,
    scheduleCommand,
  ],
  "ZeroMQ:": [sendCommand, recvCommand, proxyCommand, keygenCommand],
};

const AFTER = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not reachable or not in time.
Times are written as 500ms, 5s, 2m, 1h, 1d or 1h30m; a bare number is in
milliseconds. The environment variables AGENTZERO_PIPELINE, AGENTZERO_KEYS,
AGENTZERO_SERVER_KEY and AGENTZERO_DASHBOARD_TOKEN give the options with these
names. The manual is docs/cli.md.`;

/** Makes the program. */
export function makeProgram(shell: Shell): Command {
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
    .hook("preAction", async (_program, command) => {
      readVariables(command);
      for (const text of unknownVariables()) await shell.warn(text);
      const { keys, tokenFile } = command.opts<SecretFiles>();
      for (
        const [what, path] of [["secret key", keys], ["token", tokenFile]]
      ) {
        if (path === undefined || !await isPublic(path)) continue;
        await shell.warn(
          `"${path}" holds a ${what} and can be read by other users: chmod 600 "${path}"`,
        );
      }
    })
    .configureOutput({
      writeOut: (text) => void shell.write(text),
      writeErr: (text) => shell.help(text),
      outputError: () => {}, // `main` writes it
      // There are no colours, and deciding would read environment variables.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const [title, makers] of Object.entries(GROUPS)) {
    program.commandsGroup(title);
    for (const make of makers) add(program, make(shell));
  }
  program.commandsGroup("More:");
  return program.helpCommand(...HELP_COMMAND);
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
