/**
 * Layer: proxy. One direction of a proxy: passes on what one socket receives
 * to another, and a copy to the capture socket. It takes a message only when
 * all of them have room; until then it waits, and so do the senders behind.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import type { ZmqError } from "../errors.ts";
import type { Message } from "../message.ts";
import type {
  DuplexSocket,
  ReadableSocket,
  WritableSocket,
} from "../sockets/send_receive.ts";
import { POLLIN, POLLOUT } from "../types.ts";

/** A socket that messages are taken from. */
export type Source = ReadableSocket | DuplexSocket;

/** A socket that messages are given to. */
export type Sink = WritableSocket | DuplexSocket;

/** What a lane connects, and whom it obeys. */
export interface Lane {
  readonly from: Source;
  readonly to: Sink;
  readonly capture: Sink | undefined;
  /** Ends the lane. */
  readonly signal: AbortSignal;
  /** Settles when the lane may go on; `undefined` while it may. */
  readonly paused: () => Promise<void> | undefined;
  /** Is given a message that was taken and cannot be passed on. */
  readonly undeliverable: (message: Message, error: unknown) => void;
}

/** After so many messages the other direction, timers and I/O have their turn. */
const MESSAGES_PER_BREATH = 128;

/**
 * Passes messages on until the signal is aborted.
 *
 * @returns Rejects with `EBADF` when one of the sockets is closed.
 */
export async function runLane(lane: Lane): Promise<void> {
  const { from, to, capture, signal } = lane;
  let passed = 0;
  while (!signal.aborted) {
    const paused = lane.paused();
    // Whatever was waited for, everything is looked at again afterwards.
    if (paused !== undefined) await paused;
    else if (!to.writable) await to.poll(POLLOUT, { signal });
    else if (capture && !capture.writable) {
      await capture.poll(POLLOUT, { signal });
    } else if (!from.readable) await from.poll(POLLIN, { signal });
    else {
      const message = from.tryReceive();
      if (message !== undefined) {
        // Only a ROUTER with `mandatory` learns from the message that there is no room.
        const waiting = pass(message, lane);
        if (waiting !== undefined) await waiting;
      }
      if (message === undefined || ++passed % MESSAGES_PER_BREATH === 0) {
        await yieldToEventLoop();
      }
    }
  }
}

/** Passes one message on: at once, if there is room. */
function pass(message: Message, lane: Lane): Promise<void> | undefined {
  try {
    if (!lane.to.trySend(message)) return passLater(message, lane);
  } catch (error) {
    return lose(message, error, lane);
  }
  lane.capture?.trySend(message);
  return undefined;
}

async function passLater(message: Message, lane: Lane): Promise<void> {
  const { to, capture, signal } = lane;
  try {
    await to.send(message, { timeout: -1, signal });
  } catch (error) {
    return lose(message, error, lane);
  }
  await capture?.send(message, { timeout: -1, signal });
}

/** That one peer has gone does not end the proxy; any other error does. */
function lose(message: Message, error: unknown, lane: Lane): undefined {
  lane.undeliverable(message, error);
  if ((error as ZmqError).code !== "EHOSTUNREACH") throw error;
  return undefined;
}
