/**
 * Layer: proxy. One direction of a proxy: forwards what one socket receives to
 * another, and a copy to the capture socket. It takes a message only when all
 * of them have room. Until then it waits, and its high-water mark makes the
 * senders wait, too.
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

/** A socket to receive from. */
export type Source = ReadableSocket | DuplexSocket;

/** A socket to send to. */
export type Sink = WritableSocket | DuplexSocket;

/** One direction, and what controls it. */
export interface Direction {
  readonly from: Source;
  readonly to: Sink;
  readonly capture: Sink | undefined;
  /** Stops forwarding. */
  readonly signal: AbortSignal;
  /** Resolves when forwarding may continue; `undefined` while it is not paused. */
  readonly paused: () => Promise<void> | undefined;
  /** Called with a message that was taken, but cannot be delivered. */
  readonly undeliverable: (message: Message, error: unknown) => void;
}

/** After this many messages it yields to the other direction, timers and I/O. */
const MESSAGES_PER_TICK = 128;

/**
 * Forwards messages until the signal is aborted.
 *
 * @throws {ZmqError} `EBADF` when one of the sockets is closed.
 */
export async function forward(direction: Direction): Promise<void> {
  const { from, to, capture, signal } = direction;
  let passed = 0;
  while (!signal.aborted) {
    const paused = direction.paused();
    // After each wait everything is checked again.
    if (paused !== undefined) await paused;
    else if (!to.writable) await to.poll(POLLOUT, { signal });
    else if (capture && !capture.writable) {
      await capture.poll(POLLOUT, { signal });
    } else if (!from.readable) await from.poll(POLLIN, { signal });
    else {
      const message = from.tryReceive();
      if (message !== undefined) {
        // Only a ROUTER with `mandatory` may have no room for this particular
        // message.
        const waiting = pass(message, direction);
        if (waiting !== undefined) await waiting;
      }
      if (message === undefined || ++passed % MESSAGES_PER_TICK === 0) {
        await yieldToEventLoop();
      }
    }
  }
}

/** Forwards one message, at once if there is room. */
function pass(
  message: Message,
  direction: Direction,
): Promise<void> | undefined {
  try {
    if (!direction.to.trySend(message)) return passLater(message, direction);
  } catch (error) {
    return reportUndeliverable(message, error, direction);
  }
  direction.capture?.trySend(message);
  return undefined;
}

async function passLater(
  message: Message,
  direction: Direction,
): Promise<void> {
  const { to, capture, signal } = direction;
  try {
    await to.send(message, { timeout: -1, signal });
  } catch (error) {
    return reportUndeliverable(message, error, direction);
  }
  await capture?.send(message, { timeout: -1, signal });
}

/** A missing peer does not end the proxy; any other error does. */
function reportUndeliverable(
  message: Message,
  error: unknown,
  direction: Direction,
): undefined {
  direction.undeliverable(message, error);
  if ((error as ZmqError).code !== "EHOSTUNREACH") throw error;
  return undefined;
}
