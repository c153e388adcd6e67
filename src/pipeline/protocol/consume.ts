/**
 * Layer: pipeline/protocol. Consumes the messages of a socket, for a bounded
 * time in each turn of the event loop.
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
/** The same, in milliseconds, for messages that take longer. */
const TURN_MS = 4;

/**
 * Passes each message to a handler, until the socket is closed.
 *
 * @param handle May return how many messages this one counts for, if it causes
 *   more work than it does at once; or a promise, before which the next message is
 *   not handled.
 */
export async function consume(
  socket: MessageSource,
  handle: (message: Message) => number | void | Promise<void>,
): Promise<void> {
  for await (const first of socket) {
    let left = PER_TURN;
    let endsAt = performance.now() + TURN_MS;
    let message: Message | undefined = first;
    // Messages that have already arrived need no promise of their own.
    while (message !== undefined) {
      const cost = handle(message);
      if (cost instanceof Promise) await cost;
      left -= typeof cost === "number" ? cost : 1;
      if (left <= 0 || performance.now() > endsAt) {
        await yieldToEventLoop();
        left = PER_TURN;
        endsAt = performance.now() + TURN_MS;
      }
      message = socket.closed ? undefined : socket.tryReceive();
    }
  }
}
