/**
 * Layer: cli. The tree of commands.
 *
 * @module
 */
import { Command } from "commander";
import process from "node:process";
import { cancelCommand } from "./commands/cancel.ts";
import { drainCommand } from "./commands/drain.ts";
import { keygenCommand } from "./commands/keygen.ts";
import { logsCommand } from "./commands/logs.ts";
import { pauseCommand, resumeCommand } from "./commands/pause.ts";
import { pipelineCommand } from "./commands/pipeline.ts";
import { proxyCommand } from "./commands/proxy.ts";
import { recvCommand } from "./commands/recv.ts";
import { retryCommand } from "./commands/retry.ts";
import { scheduleCommand } from "./commands/schedule.ts";
import { sendCommand } from "./commands/send.ts";
import { statusCommand } from "./commands/status.ts";
import { stepCommand } from "./commands/step.ts";
import { submitCommand } from "./commands/submit.ts";
import { topCommand } from "./commands/top.ts";
import { finish } from "./command.ts";
import type { Shell } from "./shell.ts";
import { VERSION } from "./version.ts";

const GROUPS = {
  "Run a pipeline:": [pipelineCommand, stepCommand],
  "Use it:": [submitCommand, statusCommand, logsCommand, topCommand],
  "Steer it:": [
    retryCommand,
    cancelCommand,
    pauseCommand,
    resumeCommand,
    drainCommand,
    scheduleCommand,
  ],
  "ZeroMQ:": [sendCommand, recvCommand, proxyCommand, keygenCommand],
};

const AFTER = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not reachable or not in time.
Times are 500ms, 5s, 2m, 1h or 1d; a bare number is in milliseconds.
AGENTZERO_PIPELINE, AGENTZERO_KEYS and AGENTZERO_SERVER_KEY stand for the
options of these names.`;

/** Makes the program. */
export function makeProgram(shell: Shell): Command {
  const program = new Command("agentzero")
    .description("Pipelines of workers, and ZeroMQ, from the command line.")
    .usage("<command> [options]")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", AFTER)
    .configureHelp({ subcommandTerm: (command) => termOf(command) })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void shell.write(text),
      writeErr: (text) => void process.stderr.write(text),
      outputError: () => {}, // told by whoever runs the program
    });
  for (const [title, makers] of Object.entries(GROUPS)) {
    program.commandsGroup(title);
    for (const make of makers) add(program, make(shell));
  }
  program.commandsGroup("More:");
  return program.helpCommand(
    "help [command]",
    "tell more of a command, with examples",
  );
}

/** A command with its arguments: that it has options, all know. */
function termOf(command: Command): string {
  const args = command.registeredArguments.map((argument) =>
    argument.required
      ? `<${argument.name()}>`
      : `[${argument.name()}${argument.variadic ? "..." : ""}]`
  );
  return [command.name(), ...args].join(" ");
}

function add(parent: Command, command: Command): void {
  finish(command).copyInheritedSettings(parent);
  for (const child of command.commands) {
    finish(child).copyInheritedSettings(command);
  }
  parent.addCommand(command);
}
