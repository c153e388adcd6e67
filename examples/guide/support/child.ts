/**
 * Examples of the guide. Runs a program in a process of its own, on the same
 * runtime. It can be killed, as if the power of its machine had failed.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Program } from "./program.ts";

/** The folder of the project, in which Node finds what runs TypeScript. */
export const ROOT: string = fileURLToPath(new URL("../../..", import.meta.url));
const FLAGS = "Deno" in globalThis
  ? ["run", "--quiet", "-A"]
  : "Bun" in globalThis
  ? ["run"]
  : process.execArgv; // what lets Node run TypeScript

/** What starts a program of ours on this runtime: a command and its arguments. */
export function commandOf(
  file: URL,
  args: readonly string[] = [],
): [command: string, ...args: string[]] {
  return [process.execPath, ...FLAGS, fileURLToPath(file), ...args];
}

/** One process. */
export class Child extends Program {
  /**
   * Starts a program.
   *
   * @param file such as `new URL("./worker_process.ts", import.meta.url)`
   */
  constructor(file: URL, args: readonly string[] = []) {
    const [command, ...words] = commandOf(file, args);
    super(command, words, { cwd: ROOT });
  }
}

/**
 * For the programs themselves: exits when the parent process has ended, for
 * whatever reason. Standard input is a pipe from the parent.
 *
 * @param onLine Called with each line from standard input.
 */
export function endWithParent(onLine: (line: string) => void = () => {}): void {
  createInterface(process.stdin)
    .on("line", onLine)
    .on("close", () => process.exit(1));
}
