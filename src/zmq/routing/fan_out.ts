/**
 * Layer: routing. Gives a message to every pipe that shall have it; a pipe
 * that is full misses it, the others do not (RFC 29). No I/O.
 *
 * @module
 */
import type { Message } from "../message.ts";
import type { Pipe } from "./pipe.ts";

/** Whether all the pipes have room for one more message. */
export function allCanWrite(pipes: Iterable<Pipe>): boolean {
  for (const pipe of pipes) if (!pipe.canWrite) return false;
  return true;
}

/** Writes to each pipe that has room. */
export function fanOut(pipes: Iterable<Pipe>, message: Message): void {
  for (const pipe of pipes) pipe.write(message);
}
