/**
 * Layer: routing. Gives a message to every pipe that shall have it; a pipe
 * that is full misses it, the others do not (RFC 29). No I/O.
 *
 * @module
 */
import type { Message } from "../message.ts";
import { detached, type Pipe } from "./pipe.ts";

/** Whether all the pipes have room for one more message; one whose peer has gone needs none. */
export function allCanWrite(pipes: Iterable<Pipe>): boolean {
  for (const pipe of pipes) if (!pipe.canWrite && !pipe.isOver) return false;
  return true;
}

/**
 * Writes to each pipe that has room. Those whose holder encodes the message
 * share one copy of it, however many of them it has to wait for.
 */
export function fanOut(pipes: readonly Pipe[], message: Message): void {
  if (pipes.length === 1) return void pipes[0]!.write(message);
  let shared: Message | undefined;
  for (const pipe of pipes) {
    if (pipe.isEncoded) pipe.write(shared ??= detached(message), true);
    else pipe.write(message);
  }
}
