/**
 * Example: the file pipeline. No process of it outlives the one that started
 * it: its standard input is a pipe from there, which closes whatever happens,
 * `kill -9` of the parent included.
 *
 * @module
 */
import process from "node:process";

/** Aborted when this process must end: its standard input was closed, or a signal arrived. */
export function endSignal(): AbortSignal {
  const end = new AbortController();
  const abort = () => end.abort();
  process.stdin.on("end", abort).on("error", abort).resume();
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, abort);
  return end.signal;
}
