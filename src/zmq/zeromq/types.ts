/**
 * Layer: zeromq. The types that zeromq.js 6 exports under names that mean
 * something else here, or nothing.
 *
 * @module
 */
import type { Context } from "../engine/context.ts";
import type { EventOfType, EventType } from "../engine/observer.ts";
import type { WaitOptions } from "../../async/wait_queue.ts";
import type { Frame, MessageLike } from "../message.ts";
import type {
  OptionName,
  ReceiveOptions,
  SendOptions,
} from "../options/values.ts";
import type { Socket } from "../sockets/socket.ts";

/** One frame of a message that was received. */
export type Message = Frame;

/** A socket that sends. */
export interface Writable<
  M extends MessageLike | MessageLike[] = MessageLike | MessageLike[],
  O extends [...object[]] = [],
> extends SendOptions {
  /** Sends a message. */
  send(message: M, ...options: O): Promise<void>;
}

/** A socket that receives. */
export interface Readable<M extends object[] = Message[]>
  extends ReceiveOptions {
  /** Receives a message. */
  receive(options?: WaitOptions): Promise<M>;
  /** Iterates over messages until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterator<M, undefined>;
}

/** What a socket of type `S` is created with. */
export type SocketOptions<S extends Socket> =
  & Partial<Pick<S, Extract<keyof S, OptionName>>>
  & {
    /** The context it belongs to. Default: the one that all sockets share. */
    context?: Context;
  };

/** The source of events. */
export interface EventSubscriber {
  /** Adds a listener. */
  on<E extends EventType>(
    type: E,
    listener: (event: EventOfType<E>) => void,
  ): unknown;
  /** Removes a listener. */
  off<E extends EventType>(
    type: E,
    listener: (event: EventOfType<E>) => void,
  ): unknown;
}
