/**
 * Layer: cli. The program: parses the command line, runs the command, and returns
 * the exit code.
 *
 * @module
 */
import { CommanderError } from "commander";
import { DONE, exitCodeOf, USAGE, usageError } from "./cli_error.ts";
import { makeProgram } from "./program.ts";
import { Shell } from "./shell.ts";
import { surroundings } from "./version.ts";

/**
 * Runs the program `agentzero`.
 *
 * @param args The command line, without the program's name.
 * @returns The exit code: 0 success, 1 failure, 2 invalid usage, 3 unreachable
 *   or timed out. It does not exit the process.
 *
 * @example
 * ```ts
 * import { main } from "@agentzero/agentzero/cli";
 *
 * const code = await main(["--version"]);
 * console.log(code); // 0
 * ```
 */
export async function main(args: readonly string[]): Promise<number> {
  const shell = new Shell(args);
  try {
    const code = await run(args, shell);
    await shell.end();
    shell.requireWritten();
    return code;
  } catch (error) {
    await shell.complain(error);
    return exitCodeOf(error);
  } finally {
    await shell.end();
  }
}

async function run(args: readonly string[], shell: Shell): Promise<number> {
  const program = await makeProgram(shell, args);
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return USAGE;
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return DONE;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.version" && shell.isVerbose) {
      await shell.write(await surroundings());
    }
    if (error.exitCode === 0) return DONE; // help or version
    if (error.code === "commander.help") return USAGE; // a command is missing
    const message = error.message.replace(/^error: /, "");
    throw usageError(message[0]!.toUpperCase() + message.slice(1));
  }
}
