/**
 * Layer: pipeline/protocol. Hears what a socket receives, so many messages in a
 * turn of the event loop.
 *
 * @module
 */
import type { Message } from "../../zmq/mod.ts";

/** What it needs of a socket. */
export interface Ear extends AsyncIterable<Message> {
  readonly closed: boolean;
  tryReceive(): Message | undefined;
}

/** So many messages are heard before others get their turn. */
const PER_TURN = 64;

/** Gives each message, until the socket is closed. */
export async function hear(
  socket: Ear,
  each: (message: Message) => void,
): Promise<void> {
  for await (const message of socket) {
    each(message);
    // What came with it needs no promise of its own.
    for (let n = 1; !socket.closed; n++) {
      if (n === PER_TURN) {
        await turn();
        n = 0;
        continue;
      }
      const next = socket.tryReceive();
      if (next === undefined) break;
      each(next);
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
