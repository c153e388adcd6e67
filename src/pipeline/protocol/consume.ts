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

/**
 * How many messages are handled before the event loop gets a turn: some 2 ms of
 * them. With 64, as what clients and workers send comes over one socket, there
 * were twice as many commits and writes, and a job took 1.1 times as much of the
 * processor (Node 24).
 */
const PER_TURN = 128;

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
