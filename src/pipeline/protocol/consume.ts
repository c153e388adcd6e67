/**
 * Layer: pipeline/protocol. Consumes the messages of a socket, a bounded number
 * in each turn of the event loop.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import type { Message } from "../../zmq/mod.ts";

/** The part of a socket that {@link consume} needs. */
export interface MessageSource extends AsyncIterable<Message> {
  readonly closed: boolean;
  tryReceive(): Message | undefined;
}

/** How many messages are handled before the event loop gets a turn. */
const PER_TURN = 64;

/** Passes each message to a handler, until the socket is closed. */
export async function consume(
  socket: MessageSource,
  handle: (message: Message) => void,
): Promise<void> {
  for await (const message of socket) {
    handle(message);
    // Messages that have already arrived need no promise of their own.
    for (let n = 1; !socket.closed; n++) {
      if (n === PER_TURN) {
        await yieldToEventLoop();
        n = 0;
        continue;
      }
      const next = socket.tryReceive();
      if (next === undefined) break;
      handle(next);
    }
  }
}
