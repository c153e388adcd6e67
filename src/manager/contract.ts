/**
 * Layer: manager.
 *
 * What a SocketManager needs of a ZeroMQ module: all of it, and no more. The
 * project's own engine (`../zmq/mod.ts`) fulfils it as it is; anything else,
 * libzmq itself for example, can be adapted to it. It holds no code.
 *
 * Option names are those of zeromq.js, numbers those of libzmq, everywhere.
 *
 * @module
 */
import type { SocketType } from "../zmq/mod.ts";

/** How long {@linkcode ZmqSocket.poll} waits. */
export interface PollOptions {
  /** In milliseconds; -1 for ever, 0 not at all. */
  timeout?: number;
  /** Gives up when aborted; the call rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** A ZeroMQ socket, as the manager sees it. */
export interface ZmqSocket {
  /** The number of the socket type in libzmq. */
  readonly type: number;
  /** Whether it is closed, or about to. */
  readonly closed: boolean;
  /** The endpoint that was bound or connected last, with its real port. */
  readonly lastEndpoint: string | null;
  /** Why the last attempt to connect has failed, if it has; a module may do without. */
  readonly lastConnectError?: Error | undefined;

  /** Listens at an address; a host name is resolved. */
  bind(address: string): Promise<void>;
  /** Listens there no longer; resolves once the address is free. */
  unbind(address: string): Promise<void>;
  /** Connects, and reconnects by itself; throws for a malformed address. */
  connect(address: string): void;
  /** Disconnects; throws if it is not connected there. */
  disconnect(address: string): void | Promise<void>;
  /** Closes; waiting polls reject, and `closed` is true at once. */
  close(): void | Promise<void>;

  /**
   * Waits until the socket can receive (1) or send (2), or both (3), and gives
   * what is possible; 0 when the time is over. Any number of polls may wait at
   * a time; one that is given up leaves no trace, and takes no message.
   */
  poll(events: number, options: PollOptions): Promise<number>;
  /** Sends if that needs no waiting, and tells whether it did. Types that cannot send have no such method. */
  trySend?(message: readonly Uint8Array[]): boolean;
  /** Receives if a message is there. Types that cannot receive have no such method. */
  tryReceive?(): Uint8Array[] | undefined;

  /** Subscribes; counted, as in libzmq. Only SUB has it. */
  subscribe?(...topics: Uint8Array[]): void;
  /** Takes a subscription back. Only SUB has it. */
  unsubscribe?(...topics: Uint8Array[]): void;

  /** Sets an option by name or number; throws if it does not exist or cannot hold the value. */
  setOption(option: string | number, value: unknown): void;
  /** The value of an option; throws if it does not exist. */
  getOption(option: string | number): unknown;
}

/**
 * A socket whose messages have a type, which its schema gave it. Only the
 * compiler sees it: `recvSafe` and its like take the socket in place of its
 * name, and give data of that type.
 */
export interface MessagesOf<T> {
  /** Never set. */
  readonly "~messages"?: T;
}

/** A socket of a manager: its name, or the socket itself, which has the type of its messages. */
export type SocketRef<T = unknown> = string | (ZmqSocket & MessagesOf<T>);

/** The class of each socket type, by its number. */
export type SocketMap = Readonly<Record<SocketType, ZmqSocket>>;

/** The options that each socket type is created with, by its number. */
export type OptionsMap = Readonly<Record<SocketType, object>>;

/** A ZeroMQ module, as the manager sees it. */
export interface ZmqModule<
  S extends SocketMap = SocketMap,
  O extends OptionsMap = OptionsMap,
> {
  /**
   * Creates a socket. The manager passes the options of its caller and, where
   * they leave it open, `context`, `linger` and `routingId`.
   */
  createSocket<T extends SocketType>(type: T, options?: O[T]): S[T];
  /** Never set: it lets TypeScript infer the classes of a module. */
  readonly types?: { readonly sockets: S; readonly options: O };
}
