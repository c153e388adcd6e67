/**
 * Layer: routing. Writes a message to several pipes, in a browser: without runs
 * that they share. No I/O.
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

/** Writes to each pipe that has room. All those to sessions share a copy. */
export function fanOut(pipes: readonly Pipe[], message: Message): void {
  let shared: Message | undefined;
  for (const pipe of pipes) {
    if (pipe.isEncoded) pipe.write(shared ??= detached(message), true);
    else pipe.write(message);
  }
}

/** The same for one message after another. */
export class FanOut {
  /** Nothing is held back. */
  attach(): void {}

  /** Writes to each pipe that has room. */
  send(peers: readonly Pipe[], message: Message): void {
    fanOut(peers, message);
  }

  /** Nothing is held back. */
  flush(): void {}
}
