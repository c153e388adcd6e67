/**
 * Layer: sockets. The public halves of a socket: sending, receiving, both.
 *
 * @module
 */
import type { WaitOptions } from "../../async/wait_queue.ts";
import type { ZmqError } from "../errors.ts";
import type { Frame, MessageLike } from "../message.ts";
import type { ReceiveOptions, SendOptions } from "../options/values.ts";
import { Socket } from "./socket.ts";

/** The options of a socket that sends, as properties. */
export interface WritableSocket extends SendOptions {}

/** A socket that sends. */
export abstract class WritableSocket extends Socket {
  /**
   * Sends a message of one or more frames.
   *
   * Calls that have to wait are queued in their order, up to the high-water
   * mark. Bytes above 2 KiB are not copied: leave them unchanged until they
   * have left.
   *
   * @returns Resolves once the message is queued for a peer; that is no sign
   *   that the peer has it.
   * @throws {ZmqError} `EAGAIN` when the time is over, the socket is closed
   *   meanwhile or too many calls wait; `EFSM` when the time is over and it is
   *   not the turn of this call (REQ, REP); `EINVAL` for what is no message;
   *   `EBADF` if the socket was closed before.
   */
  send(
    message: MessageLike | readonly MessageLike[],
    options?: WaitOptions,
  ): Promise<void> {
    return this.sendMessage(message, options);
  }

  /** Sends a message if that is possible without waiting; returns whether. */
  trySend(message: MessageLike | readonly MessageLike[]): boolean {
    return this.trySendMessage(message);
  }
}

/** The options of a socket that receives, as properties. */
export interface ReadableSocket extends ReceiveOptions {}

/** A socket that receives. */
export abstract class ReadableSocket extends Socket {
  /**
   * Receives a message: an array of its frames.
   *
   * Calls that have to wait are queued in their order. One that is given up
   * takes no message with it.
   *
   * @throws {ZmqError} `EAGAIN` when the time is over or the socket is closed
   *   meanwhile; `EFSM` when the time is over and it is not the turn of this
   *   call (REQ, REP); `EBADF` if the socket was closed before.
   */
  receive(options?: WaitOptions): Promise<Frame[]> {
    return this.receiveMessage(options) as Promise<Frame[]>;
  }

  /** Receives a message if one is there; `undefined` if not. */
  tryReceive(): Frame[] | undefined {
    return this.tryReceiveMessage() as Frame[] | undefined;
  }

  /** Iterates over messages until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Frame[]> {
    return iterate(this);
  }
}

/** The options of a socket that does both, as properties. */
export interface DuplexSocket extends SendOptions {}

/** A socket that sends and receives. */
export abstract class DuplexSocket extends ReadableSocket {
  /** Sends a message; see {@link WritableSocket.send}. */
  send(
    message: MessageLike | readonly MessageLike[],
    options?: WaitOptions,
  ): Promise<void> {
    return this.sendMessage(message, options);
  }

  /** Sends a message if that is possible without waiting; returns whether. */
  trySend(message: MessageLike | readonly MessageLike[]): boolean {
    return this.trySendMessage(message);
  }
}

/**
 * Iterates over what a socket receives, until it is closed. A call that was out
 * of turn when its socket was closed is an error, as with zeromq.js.
 */
export function iterate<T>(
  socket: { readonly closed: boolean; receive(): Promise<T> },
): AsyncIterableIterator<T> {
  const done = { value: undefined, done: true } as const;
  return {
    next() {
      if (socket.closed) return Promise.resolve(done);
      return socket.receive().then(
        (value) => ({ value, done: false }),
        (error) => {
          const { code } = error as Partial<ZmqError>;
          if (socket.closed && code === "EAGAIN") return done;
          throw error;
        },
      );
    },
    return() {
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
