/**
 * Example: the file pipeline. No process of it outlives the one that started
 * it: its standard input is a pipe from there, which closes whatever happens,
 * `kill -9` of the parent included.
 *
 * @module
 */
import process from "node:process";

/** Ends this process when its standard input ends. */
export function endWithParent(): void {
  process.stdin.on("end", () => process.exit(1));
  process.stdin.on("error", () => process.exit(1));
  process.stdin.resume();
}
