/**
 * Layer: sockets. The public base classes of sockets that send, receive, or do
 * both.
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
   * Calls that have to wait are queued first in, first out, up to the
   * high-water mark. Bytes above 2 KiB are not copied: do not change them until
   * they have been sent.
   *
   * @returns Resolves once the message is queued for a peer; that does not mean
   *   that the peer has received it.
   * @throws {ZmqError} `EAGAIN` after a timeout, if the socket is closed
   *   meanwhile, or if too many calls wait; `EFSM` instead of `EAGAIN` if the
   *   state of a REQ or REP does not allow the call; `EINVAL` for an invalid
   *   message; `EBADF` if the socket was closed before.
   */
  send(
    message: MessageLike | readonly MessageLike[],
    options?: WaitOptions,
  ): Promise<void> {
    return this.sendMessage(message, options);
  }

  /** Sends a message if that is possible without waiting; returns whether it was. */
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
   * Calls that have to wait are queued first in, first out. A cancelled call
   * does not consume a message.
   *
   * @throws {ZmqError} `EAGAIN` after a timeout, or if the socket is closed
   *   meanwhile; `EFSM` instead of `EAGAIN` if the state of a REQ or REP does
   *   not allow the call; `EBADF` if the socket was closed before.
   */
  receive(options?: WaitOptions): Promise<Frame[]> {
    return this.receiveMessage(options) as Promise<Frame[]>;
  }

  /** Receives a message without waiting; `undefined` if there is none. */
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

  /** Sends a message if that is possible without waiting; returns whether it was. */
  trySend(message: MessageLike | readonly MessageLike[]): boolean {
    return this.trySendMessage(message);
  }
}

/**
 * Iterates over what a socket receives, until it is closed. If the state of a
 * REQ or REP does not allow `receive` when the socket is closed, that is an
 * error, as in zeromq.js.
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
