/**
 * Layer: routing. Writes a message to several pipes; one that is full misses
 * it, the others do not (RFC 29). No I/O.
 *
 * @module
 */
import { detached, type Message } from "../message.ts";
import type { Pipe } from "./pipe.ts";

/** Whether all the pipes have room for one more message; a pipe whose peer has disconnected does not count. */
export function allCanWrite(pipes: Iterable<Pipe>): boolean {
  for (const pipe of pipes) if (!pipe.canWrite && !pipe.isOver) return false;
  return true;
}

/**
 * Writes to each pipe that has room. All pipes whose holder encodes the message
 * share a single copy of it.
 */
export function fanOut(pipes: readonly Pipe[], message: Message): void {
  if (pipes.length === 1) return void pipes[0]!.write(message);
  let shared: Message | undefined;
  for (const pipe of pipes) {
    if (pipe.isEncoded) pipe.write(shared ??= detached(message), true);
    else pipe.write(message);
  }
}
